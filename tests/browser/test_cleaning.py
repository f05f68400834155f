"""An operator has columns written in one way, similar rows listed, and the table split."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import CONTACTS, OpenPage, write_table
from tests.browser.people import sign_in
from tests.browser.test_story import JOB, choose, table_in


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    rows = [
        ["1", "Ada Lovelace", "31.01.2026", "030 901820", "Deutschland"],
        ["2", "ADA LOVLACE", "28.02.2026", "+44 20 7946 0958", "UK"],
        ["3", "Grace Hopper", "soon", "", "États-Unis"],
    ]
    return write_table(tmp_path / "customers.csv", ["id", "name", "since", "phone", "country"], rows)


def tick(page: Page, group: str, column: str) -> None:
    page.get_by_role("group", name=group, exact=True).get_by_label(column, exact=True).check()


def unfold(page: Page, title: str) -> None:
    """Open what is seldom asked for."""
    page.locator("details.folded > summary").filter(has_text=title).click()


def test_columns_are_written_in_one_way_and_similar_rows_are_listed(open_page: OpenPage, customers: Path) -> None:
    page = open_page()
    sign_in(page, "Olga")
    choose(page, "Clean a CSV", customers)
    page.wait_for_url(JOB)
    unfold(page, "Rules for columns: none")
    tick(page, "Dates", "since")
    tick(page, "Phone numbers", "phone")
    page.get_by_label("Country of phone numbers").fill("Germany")
    tick(page, "Countries", "country")
    unfold(page, "Find similar rows: not looked for")
    tick(page, "Compare by", "name")
    expect(page.locator("#foreseen")).to_contain_text("Dates, since: 2 cells change")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".headline")).to_have_text("All 3 rows done.")
    expect(page.locator("#live")).to_contain_text("since: 1 cell kept as found, first in row 3")
    first, second, third = table_in(page, "customers-clean.csv")
    assert (first["since"], first["phone"], first["country"]) == ("2026-01-31", "+4930901820", "DE")
    assert (second["country"], third["country"], third["since"]) == ("GB", "US", "soon")
    (pair,) = table_in(page, "customers-similar-rows.csv")
    assert (pair["row"], pair["similar row"]) == ("1", "2")


def test_a_table_is_split_without_javascript(open_page: OpenPage, customers: Path) -> None:
    page = open_page(javascript=False, expects=["status of 422"])
    sign_in(page, "Paul")
    choose(page, "Clean a CSV", customers)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(JOB)
    unfold(page, "Split the table: one file")
    page.get_by_label("Split", exact=True).select_option(label="One file for each value of a column")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("Choose the column by whose values the table is split").first).to_be_visible()
    page.get_by_label("Column", exact=True).select_option("country")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".headline")).to_have_text("All 3 rows done.")
    with page.expect_download() as download:
        page.get_by_role("link", name="customers-clean.zip").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.namelist() == [f"customers-{name}.csv" for name in ("Deutschland", "UK", "États-Unis")]


@pytest.mark.parametrize("javascript", [True, False])
def test_what_will_happen_is_in_sight_of_what_one_changes(
    open_page: OpenPage, customers: Path, *, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    sign_in(page, "Olga")
    choose(page, "Clean a CSV", customers)
    if not javascript:
        page.get_by_role("button", name="Continue").click()
    page.wait_for_url(JOB)
    box = page.locator("#foresight")
    for field in ("Trim spaces", "Make it safe for spreadsheets"):
        page.get_by_label(field).scroll_into_view_if_needed()
        expect(box).to_be_in_viewport(ratio=0.9)
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_text("Start later, or before others").scroll_into_view_if_needed()
    form, after = page.locator("#start-form").bounding_box(), box.bounding_box()
    assert form
    assert after
    assert 0 < after["y"] - form["y"] - form["height"] < 40, "on a phone it is what comes next"


def test_all_first_rows_are_shown(open_page: OpenPage) -> None:
    page = open_page()
    sign_in(page, "Olga")
    choose(page, "Clean a CSV", CONTACTS)
    page.wait_for_url(JOB)
    expect(page.get_by_text("The first 20 rows.")).to_be_visible()
    table = page.get_by_role("region", name="The first rows of the file")
    expect(table.locator("tbody tr")).to_have_count(20)
    assert table.evaluate("each => each.scrollHeight - each.clientHeight") == 0, "none is cut off"
