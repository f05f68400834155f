"""Who did what: an administrator looks through it and takes it away; others see what is theirs."""

import csv

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.people import Person

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])


@both
def test_an_administrator_finds_what_somebody_did_and_saves_it(
    open_page: OpenPage, olga: Person, paul: Person, ada: Person, *, javascript: bool
) -> None:
    theirs, others = olga.run("send_reminder", to="Ben"), paul.run("send_reminder", to="Cleo")
    page = open_page(ada, javascript=javascript)
    page.goto("/activity")
    for job in (theirs, others):
        expect(page.locator(f"a[href='{job}']").first).to_be_visible()
    page.locator("#person").select_option("Olga")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**person=*")
    expect(page.locator(f"a[href='{theirs}']").first).to_be_visible()
    expect(page.locator(f"a[href='{others}']")).to_have_count(0)
    line = page.get_by_role("row").filter(has=page.locator(f"a[href='{theirs}']")).first
    line.locator("summary").click()
    expect(line).to_contain_text("/jobs")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as CSV").click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        saved = list(csv.DictReader(file))
    assert {row["person"] for row in saved} == {"Olga"}
    assert {"time", "what", "job", "address", "browser", "request"} <= saved[0].keys()


def test_others_see_what_they_did_themselves(open_page: OpenPage, olga: Person, paul: Person) -> None:
    theirs, own = olga.run("send_reminder", to="Ben"), paul.run("send_reminder", to="Cleo")
    page = open_page(paul)
    page.goto("/activity")
    expect(page.locator(f"a[href='{own}']").first).to_be_visible()
    expect(page.locator(f"a[href='{theirs}']")).to_have_count(0)
    expect(page.locator("#person")).to_have_count(0)
    expect(page.get_by_role("link", name="Save as CSV")).to_have_count(0)
