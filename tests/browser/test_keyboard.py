"""The main story with the keyboard alone: everything is reached in order, and one always sees where one is."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import CONTACTS, OpenPage
from tests.running import PASSWORD

SEEN = """() => {
    const at = document.activeElement;
    const box = at.getBoundingClientRect();
    const styles = [at, at.closest('.drop, .type-card')].filter(Boolean).map(element => getComputedStyle(element));
    const marked = styles.some(s => s.outlineStyle !== 'none' || s.boxShadow !== 'none' || s.borderColor !== '');
    const covered = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 20));
    return marked && box.width > 0 && (at.contains(covered) || covered?.contains(at) || covered?.tagName === 'LABEL');
}"""
NAME = "document.activeElement.innerText || document.activeElement.name || document.activeElement.tagName"


def tab_to(page: Page, name: str, most: int = 40, *, exact: bool = False) -> None:
    """Go on with Tab until something of this name has the focus; every stop on the way must be seen."""
    stops = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(NAME)
        assert page.evaluate(SEEN), f"nobody sees that {stop!r} has the focus"
        if name == stop.strip() if exact else name in stop:
            return
        stops.append(stop)
    raise AssertionError(f"no {name!r} among {stops}")


def test_from_the_sign_in_to_the_result(open_page: OpenPage) -> None:
    page = open_page()
    page.on("filechooser", lambda chooser: chooser.set_files(CONTACTS))
    page.goto("/sign-in")
    tab_to(page, "name")
    page.keyboard.type("Olga")
    tab_to(page, "password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    tab_to(page, "Import contacts")
    page.keyboard.press("Enter")
    page.wait_for_url("**/import_contacts")
    tab_to(page, "file")
    expect(page.get_by_label("Choose a file")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/jobs/[0-9a-f-]{36}$"))
    expect(page.locator("#live")).to_contain_text("can be used")  # what it finds moves the page
    tab_to(page, "Start", exact=True)
    page.keyboard.press("Enter")
    expect(page.locator(".headline")).to_have_text("982 of 1,000 rows done. 18 need you.")
    tab_to(page, "contacts-failed-rows.csv")
    with page.expect_download():
        page.keyboard.press("Enter")


def test_the_first_stop_leads_past_the_menu(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/sign-in")
    page.keyboard.press("Tab")
    assert page.evaluate(NAME) == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
