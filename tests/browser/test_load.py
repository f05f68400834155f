"""An operator tries a load out, sees what would change, loads it, and undoes it; with JavaScript and without."""

import os
import re
from pathlib import Path

import pysqlite3
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, write_table
from tests.browser.people import sign_in
from tests.browser.test_story import JOB, choose
from tests.running import RunningDesk

OLD = "id,name,city\n" + "".join(f"{row},Name {row},Kiel\n" for row in range(1, 41))
NEW = (
    "id,name,city\n"
    + "".join(f"{row},Name {row},{'Bonn' if row % 10 == 0 else 'Kiel'}\n" for row in range(31, 46))
    + "many,Nobody,Kiel\n"
)
CITIES = "SELECT count(*), sum(city = 'Bonn') FROM customers"


def found(desk: RunningDesk, sql: str) -> tuple[object, ...]:
    connection = pysqlite3.connect(str(desk.data / "data.sqlite3"))
    try:
        row = tuple(connection.execute(sql).fetchone())
        connection.commit()
        return row
    finally:
        connection.close()


def hand_in(page: Page, file: Path, *, dry_run: bool, javascript: bool) -> None:
    choose(page, "Load rows into a table", file)
    if not javascript:
        page.get_by_role("button", name="Continue").click()
    page.wait_for_url(JOB)
    fill_in(page, dry_run=dry_run)


def fill_in(page: Page, *, dry_run: bool) -> None:
    page.get_by_role("textbox", name="Table").fill("customers")
    page.get_by_label("What to do").select_option(label="Add the rows, and change those that are there already")
    page.get_by_role("checkbox", name="id").first.check()
    page.get_by_role("checkbox", name=re.compile("^Dry run")).set_checked(dry_run)
    page.get_by_role("button", name="Start", exact=True).click()


@pytest.mark.parametrize("javascript", [True, False])
def test_an_operator_tries_a_load_out_does_it_and_undoes_it(
    own_desk: RunningDesk, open_page: OpenPage, tmp_path: Path, *, javascript: bool
) -> None:
    (tmp_path / "old.csv").write_text(OLD)
    (tmp_path / "customers.csv").write_text(NEW)
    page = open_page(at=own_desk, javascript=javascript)
    sign_in(page, "Olga")
    hand_in(page, tmp_path / "old.csv", dry_run=False, javascript=javascript)
    expect(page.locator("#shown")).to_have_text("Table customers had 40 rows after this load")

    hand_in(page, tmp_path / "customers.csv", dry_run=True, javascript=javascript)
    expect(page.locator("#shown")).to_contain_text("5 new, 1 changed, 9 unchanged, 1 refused")
    expect(page.get_by_role("row", name="changed id 40 city Kiel Bonn")).to_be_visible()
    expect(page.locator(".headline")).to_have_text("Dry run: nothing was changed.")
    tried = page.url
    page.get_by_role("button", name="Now do it really").click()
    page.wait_for_url(lambda url: url != tried)
    expect(page.get_by_label("Dry run")).not_to_be_checked()
    expect(page.locator("[name='params.table']")).to_have_value("customers")
    page.goto(tried)
    assert found(own_desk, CITIES) == (40, 0)
    if javascript and (folder := os.environ.get("PICTURES")):
        take_pictures(page, Path(folder))

    hand_in(page, tmp_path / "customers.csv", dry_run=False, javascript=javascript)
    expect(page.locator("#shown")).to_have_text("Table customers had 45 rows after this load")
    assert found(own_desk, CITIES) == (45, 1)
    load = page.url

    connection = pysqlite3.connect(str(own_desk.data / "data.sqlite3"))
    connection.execute("UPDATE customers SET city = 'Ulm' WHERE id = 40")
    connection.commit()
    connection.close()
    page.locator(".confirm > summary", has_text="Undo…").click()
    page.get_by_role("button", name="Yes, undo it").click()
    expect(page.locator("h1")).to_have_text("Undo: Load rows into a table")
    expect(page.locator(".headline")).to_have_text("14 of 15 rows taken back. 1 needs you.")
    expect(page.locator("#live")).to_contain_text("city is “Ulm”, and the load had left “Bonn”")
    assert found(own_desk, CITIES) == (40, 0)
    page.goto(load)
    expect(page.locator(".headline")).to_have_text("Undone in part: 14 of its 15 rows were taken back.")
    page.get_by_role("link", name=re.compile(r"^job \d+$")).click()
    expect(page.locator("h1")).to_have_text("Undo: Load rows into a table")


def take_pictures(page: Page, folder: Path) -> None:
    for width in (1280, 390):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=folder / f"load_{width}_{scheme}.png")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")


def test_what_a_name_of_a_table_must_be_is_said_in_our_words(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    sign_in(page, "Olga")
    choose(page, "Load rows into a table", write_table(tmp_path / "stock.csv", ["id", "qty"], [["007", "3"]]))
    page.wait_for_url(JOB)
    name = page.get_by_label("Table *")
    name.fill("My table!")
    name.blur()
    expect(page.locator("#foreseen")).to_contain_text("Table is not written as it should be: small letters, digits")
    page.get_by_role("button", name="Start", exact=True).click()
    assert name.evaluate("field => field.validationMessage") == "Small letters, digits and _, beginning with a letter."
    name.fill("stock")
    page.get_by_label("Column 1").select_option("qty")
    expect(page.locator("#foreseen")).to_contain_text("Choose the type for each column that you have chosen.")
    page.get_by_label("Type 1").select_option("text")
    expect(page.locator("#foreseen")).not_to_contain_text("Not ready to start")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".headline")).to_have_text("All 1 row done.")
