"""An operator works on a text file: replaces in it, counts it, and is told what is wrong with a pattern."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.people import sign_in
from tests.browser.test_story import choose, table_in


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    file = tmp_path / "letter.txt"
    file.write_bytes("Dear Zoë,\r\nwe meet on 31.01.2026.\r\nYours, Bob\r\n".encode("cp1252") * 40)
    return file


def start(page: Page) -> None:
    page.get_by_role("button", name="Start", exact=True).click()


def downloaded(page: Page, name: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return download.value.path().read_bytes()


def test_a_pattern_is_mended_and_replaces(open_page: OpenPage, letter: Path) -> None:
    page = open_page(expects=["status of 422"])
    sign_in(page, "Olga")
    choose(page, "Work on a text file", letter)
    page.get_by_label("What to do").select_option(label="Search and replace")
    page.get_by_label("Search for").fill(r"(\d\d)\.(\d\d)\.(\d{4}")
    page.get_by_label("Replace by").fill(r"\3-\2-\1")
    page.get_by_label("It is a regular expression").check()
    start(page)
    expect(page.get_by_text("This is not a regular expression").first).to_be_visible()
    page.get_by_label("Search for").fill(r"(\d\d)\.(\d\d)\.(\d{4})")
    start(page)
    expect(page.locator("#live")).to_contain_text("40 replacements in 40 lines.")
    assert downloaded(page, "letter-replaced.txt").decode().startswith("Dear Zoë,\r\nwe meet on 2026-01-31.\r\n")


def test_words_are_counted_without_javascript(open_page: OpenPage, letter: Path) -> None:
    page = open_page(javascript=False)
    sign_in(page, "Paul")
    choose(page, "Work on a text file", letter)
    page.get_by_role("button", name="Continue").click()
    start(page)
    expect(page.locator("#live")).to_contain_text("120 lines")
    words = table_in(page, "letter-words.csv")
    assert {"word": "zoë", "times": "40"} in words
