"""A kind of job that does not exist is refused in words, wherever it is asked for."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.people import Person

SENTENCE = "There is no job called 'send_remainder'. Did you mean send_reminder"


@pytest.mark.parametrize("address", ["/jobs/new/send_remainder", "/schedules/new/send_remainder"])
def test_a_mistyped_address_says_which_job_was_meant(open_page: OpenPage, olga: Person, address: str) -> None:
    page = open_page(olga, expects=["status of 404"])
    page.goto(address)
    expect(page.get_by_role("alert")).to_contain_text(SENTENCE)
    page.get_by_role("link", name="Go to the start page").click()
    page.get_by_role("link", name="Send a reminder").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Send a reminder")


def test_a_program_is_told_too(olga: Person) -> None:
    refused = olga.desk.program("mistyped").try_submit("send_remainder", to="Ben")
    (problem,) = refused.json()["problems"]
    assert (refused.status_code, problem["field"]) == (422, "job_type")
    assert problem["message"].startswith(SENTENCE)
