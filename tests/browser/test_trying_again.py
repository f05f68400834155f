"""A job whose far end is away: the page says in words that it is tried again, and in the end that it was given up."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.people import Person

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
GIVEN_UP = "It was tried 3 times, and was given up: what it called could not be reached."


@both
def test_it_is_tried_again_by_itself_and_then_has_failed(
    open_page: OpenPage, olga: Person, ada: Person, tmp_path: Path, *, javascript: bool
) -> None:
    page = open_page(olga, javascript=javascript)
    page.goto(job := olga.run("call_lighthouse", answers=str(tmp_path / "answers")))
    hero = page.locator(".hero")
    expect(hero).to_contain_text("Waiting for another try.")
    expect(hero).to_contain_text("You need not do anything.")
    expect(hero.locator(".badge")).to_have_text("Failed", timeout=60_000)
    expect(hero).to_contain_text(GIVEN_UP)
    expect(page.locator("body")).not_to_contain_text("10.1.2.3")  # what only administrators read
    theirs = open_page(ada)
    theirs.goto(job)
    theirs.get_by_text("About this job").click()
    expect(theirs.get_by_text("ConnectionError: no route to the lighthouse on 10.1.2.3").last).to_be_visible()
    expect(theirs.get_by_role("heading", name="what went wrong in the code")).to_have_count(3)


def test_what_answers_at_the_second_try_is_done(open_page: OpenPage, olga: Person, tmp_path: Path) -> None:
    page, answers = open_page(olga), tmp_path / "answers"
    page.goto(olga.run("call_lighthouse", answers=str(answers)))
    expect(page.locator(".hero")).to_contain_text("Waiting for another try.")
    answers.touch()
    expect(page.locator(".hero .badge")).to_have_text("Completed", timeout=60_000)
    expect(page.locator(".log")).to_contain_text("fair, at try 2")
