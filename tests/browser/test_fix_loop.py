"""Mended rows go back to their job, and rows that were done before are not done twice: as an operator does it."""

import csv
from collections.abc import Iterable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from tests.browser.conftest import OpenPage, write_table
from tests.browser.people import Person

HEADER = ["order", "quantity", "town"]
EITHER = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])


def orders(folder: Path, numbers: Iterable[int], name: str = "orders.csv", wrong: tuple[int, ...] = ()) -> Path:
    """A file of orders, of which some have a word where there should be a number."""
    rows = ([f"{folder.name}-{number}", "two" if number in wrong else number, "Graz"] for number in numbers)
    return write_table(folder / name, HEADER, rows)


def downloaded(page: Page, link: str, path: Path) -> Path:
    """A file behind a link."""
    with page.expect_download() as download:
        page.get_by_role("link", name=link).first.click()
    download.value.save_as(path)
    return path


def mend(table: list[list[str]]) -> list[list[str]]:
    """What the operator types."""
    return [["2" if cell == "two" else cell for cell in row] for row in table]


def sheet(path: Path) -> list[list[str]]:
    """The cells of a workbook."""
    return [[str(cell) for cell in row] for row in CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()]


def save_sheet(path: Path, table: list[list[str]]) -> Path:
    """A workbook, as a spreadsheet saves it: numbers are numbers."""
    with Workbook(path) as book:
        page = book.add_worksheet()
        for number, row in enumerate(table):
            for place, cell in enumerate(row):
                page.write(number, place, int(cell) if cell.isdecimal() else cell)
    return path


@EITHER
def test_rows_are_mended_in_a_spreadsheet_and_sent_back(
    open_page: OpenPage, olga: Person, tmp_path: Path, *, javascript: bool
) -> None:
    address = olga.run("ship_orders", orders(tmp_path, range(1, 41), wrong=(3, 8, 21)))
    page = open_page(olga, javascript=javascript)
    page.goto(address)
    expect(page.locator(".headline")).to_have_text("37 of 40 rows done. 3 need you.")
    table = sheet(downloaded(page, "Download it for Excel", tmp_path / "mend.xlsx"))
    assert [row[0].rpartition("-")[2] for row in table[1:]] == ["3", "8", "21"]
    assert all("quantity" in row[3] for row in table[1:])
    two_of_three = save_sheet(tmp_path / "mended.xlsx", mend(table)[:3])
    page.get_by_label("The mended file").set_input_files(two_of_three)
    page.get_by_role("button", name="Send back and run").click()
    page.wait_for_url("**/jobs/*done=mended")
    expect(page.locator(".headline")).to_have_text("39 of 40 rows done. 1 needs you.")
    page.get_by_role("link", name="Rows that came back mended").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody tr").first).to_contain_text("done")
    expect(page.get_by_text("2 rows ran again")).to_be_visible()
    page.get_by_label("The mended file").set_input_files(two_of_three)
    page.get_by_role("button", name="Send back and run").click()
    expect(page.locator("#notices")).to_contain_text("This file was sent already")
    page.get_by_label("The mended file").set_input_files(save_sheet(tmp_path / "rest.xlsx", mend(table)))
    page.get_by_role("button", name="Send back and run").click()
    expect(page.locator(".headline")).to_have_text("All 40 rows done.")


def test_a_wrong_file_is_told_beside_the_field(open_page: OpenPage, olga: Person, tmp_path: Path) -> None:
    first = olga.run("ship_orders", orders(tmp_path, range(1, 11), wrong=(3,)))
    second = olga.run("ship_orders", orders(tmp_path, range(11, 21), name="more.csv", wrong=(12,)))
    page = open_page(olga, expects=["status of 422"])
    page.goto(first)
    expect(page.locator(".headline")).to_have_text("9 of 10 rows done. 1 needs you.")
    file = downloaded(page, "orders-failed-rows.csv", tmp_path / "mend.csv")
    page.goto(second)
    page.get_by_label("The mended file").set_input_files(file)
    page.get_by_role("button", name="Send back and run").click()
    expect(page.get_by_role("alert")).to_contain_text("send the file back to job")
    page.goto(second)
    expect(page.locator(".headline")).to_have_text("9 of 10 rows done. 1 needs you.")


@EITHER
def test_orders_that_were_shipped_before_are_not_shipped_again(
    open_page: OpenPage, olga: Person, tmp_path: Path, *, javascript: bool
) -> None:
    done = olga.run("ship_orders", orders(tmp_path, range(1, 121)))
    page = open_page(olga, javascript=javascript)
    page.goto(done)
    expect(page.locator(".headline")).to_have_text("All 120 rows done.")
    address = olga.hand_in("ship_orders", orders(tmp_path, range(1, 135), name="next.csv"))
    page.goto(address)
    expect(page.get_by_role("heading", name="120 of 134 rows were done before")).to_be_visible()
    expect(page.get_by_label("Only the 14 new rows")).to_be_checked()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".headline")).to_contain_text("14")
    page.goto(f"{address}/skipped")
    expect(page.locator("tbody tr").first).to_contain_text("Done in job")


def test_all_rows_are_run_where_the_operator_wants_that(open_page: OpenPage, olga: Person, tmp_path: Path) -> None:
    page = open_page(olga)
    page.goto(olga.run("ship_orders", orders(tmp_path, range(1, 6))))
    expect(page.locator(".headline")).to_have_text("All 5 rows done.")
    page.goto(olga.hand_in("ship_orders", orders(tmp_path, range(1, 6))))
    expect(page.get_by_text("Rows that are done are skipped, unless you choose otherwise.")).to_be_visible()
    page.get_by_label("All 5 rows").check()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".headline")).to_have_text("All 5 rows done.")


def test_how_long_it_takes_is_said_after_three_runs(open_page: OpenPage, olga: Person, tmp_path: Path) -> None:
    page = open_page(olga)
    for number in range(4):
        page.goto(olga.run("import_contacts", write_contacts(tmp_path, number)))
        expect(page.locator(".badge").first).to_have_text("Completed")
    page.goto(olga.hand_in("import_contacts", write_contacts(tmp_path, 9)))
    expect(page.locator("#expected")).to_contain_text("going by its last")


def write_contacts(folder: Path, number: int) -> Path:
    """A few contacts."""
    path = folder / f"contacts-{number}.csv"
    header = ["id", "name", "email", "birthday", "country", "newsletter", "score"]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [
                header,
                *([f"{number}{n}", f"Name {n}", f"a{n}@example.com", "1990-01-31", "AT", "yes", 5] for n in range(9)),
            ]
        )
    return path
