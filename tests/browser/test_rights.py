"""Whose job it is: others do not find it, administrators see all of it, operators no code."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.people import Person


@pytest.fixture
def failed(olga: Person, letters: Path) -> str:
    """A job of Olga's that has failed."""
    return olga.run("count_stock", letters)


def test_a_job_of_somebody_else_is_not_there(open_page: OpenPage, paul: Person, failed: str) -> None:
    page = open_page(paul, expects=["status of 404"])
    answer = page.goto(failed)
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing here")
    page.get_by_role("link", name="Go to the start page").click()
    page.goto("/jobs")
    expect(page.locator(f"a[href='{failed}']")).to_have_count(0)


def test_only_administrators_read_what_went_wrong_in_the_code(
    open_page: OpenPage, olga: Person, ada: Person, failed: str
) -> None:
    for who, sees in ((olga, 0), (ada, 1)):
        page = open_page(who)
        page.goto(failed)
        expect(page.locator(".hero .badge")).to_have_text("Failed")
        expect(page.locator(".hero")).to_contain_text("Tell an administrator")
        page.reload()
        page.get_by_text("About this job").click()
        expect(page.get_by_text("ValueError: shelf 12 is closed")).to_have_count(sees)


def test_administrators_see_whose_jobs_there_are(open_page: OpenPage, ada: Person, failed: str) -> None:
    page = open_page(ada)
    page.goto("/jobs")
    line = page.locator("tr", has=page.locator(f"a[href='{failed}']"))
    expect(line).to_contain_text("Olga")
    line.get_by_role("link").click()
    expect(page.locator(".job-head")).to_contain_text("Olga")
