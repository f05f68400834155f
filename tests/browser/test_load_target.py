"""An operator chooses a database by its name, tries the load out, starts it, and the rows are there."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, open_desk
from tests.browser.people import sign_in
from tests.browser.test_story import JOB, choose
from tests.elsewhere import NAME, Elsewhere
from tests.running import RunningDesk

ROWS = "id,name,city\n" + "".join(f"{row},Name {row},Kiel\n" for row in range(1, 41))


@pytest.fixture
def crm(postgres_url: str) -> Iterator[Elsewhere]:
    elsewhere = Elsewhere(postgres_url)
    elsewhere.query("CREATE TABLE customers (id integer PRIMARY KEY, name text, city text)")
    elsewhere.query("INSERT INTO customers VALUES (1, 'Name 1', 'Bonn')")
    yield elsewhere
    elsewhere.close()


@pytest.fixture
def targeted(tmp_path: Path, job_types: Path, crm: Elsewhere) -> Iterator[RunningDesk]:
    desk = open_desk(tmp_path / "data", job_types, targets=crm.setting)
    yield desk
    desk.kill_quietly()


def hand_in(page: Page, file: Path, *, dry_run: bool, javascript: bool) -> None:
    choose(page, "Load rows into a table", file)
    if not javascript:
        page.get_by_role("button", name="Continue").click()
    page.wait_for_url(JOB)
    page.get_by_label("Database", exact=True).select_option(label=NAME)
    page.get_by_role("textbox", name="Table").fill("customers")
    page.get_by_label("What to do").select_option(label="Add the rows, and change those that are there already")
    page.get_by_role("checkbox", name="id").first.check()
    page.get_by_role("checkbox", name=re.compile("^Dry run")).set_checked(dry_run)
    take_pictures(page, "form", javascript=javascript)
    page.get_by_role("button", name="Start", exact=True).click()


@pytest.mark.parametrize("javascript", [True, False])
def test_an_operator_loads_into_the_database_that_they_chose(
    targeted: RunningDesk, crm: Elsewhere, open_page: OpenPage, tmp_path: Path, *, javascript: bool
) -> None:
    (tmp_path / "customers.csv").write_text(ROWS)
    page = open_page(at=targeted, javascript=javascript)
    sign_in(page, "Olga")
    hand_in(page, tmp_path / "customers.csv", dry_run=True, javascript=javascript)
    expect(page.locator("#shown")).to_contain_text("39 new, 1 changed, 0 unchanged, 0 refused")
    assert crm.query("SELECT count(*) FROM customers") == [1]
    take_pictures(page, "dry", javascript=javascript)

    hand_in(page, tmp_path / "customers.csv", dry_run=False, javascript=javascript)
    expect(page.locator("#shown")).to_have_text("Table customers had 40 rows after this load")
    assert crm.query("SELECT city, count(*) FROM customers GROUP BY city") == [("Kiel", 40)]
    assert not (targeted.data / "data.sqlite3").exists() or "customers" not in tables(targeted)
    page.locator("summary", has_text="Undo…").click()
    page.get_by_role("button", name="Yes, undo it").click()
    expect(page.locator("h1")).to_have_text("Undo: Load rows into a table")
    expect(page.locator(".headline")).to_contain_text("taken back")
    assert crm.query("SELECT id, city FROM customers") == [(1, "Bonn")]


def tables(desk: RunningDesk) -> list[str]:
    own = Elsewhere(f"sqlite:///{desk.data / 'data.sqlite3'}")
    found = own.query("SELECT name FROM sqlite_schema")
    own.close()
    return found


def take_pictures(page: Page, name: str, *, javascript: bool) -> None:
    folder = os.environ.get("PICTURES")
    if not (javascript and folder):
        return
    for width in (1280, 390):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=Path(folder) / f"{name}_{width}_{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
