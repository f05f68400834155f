"""An operator tidies up: many jobs at once, by ticking them or by all that match."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import CONTACTS, OpenPage, write_table
from tests.browser.people import Person
from tests.browser.test_pages import look
from tests.running import RunningDesk

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = ([number, f"Name {number}"] for number in range(1, 4))
    return write_table(tmp_path_factory.mktemp("files") / "notes.csv", ["id", "name"], rows)


@both
def test_jobs_are_ticked_and_discarded(
    own_desk: RunningDesk, open_page: OpenPage, notes: Path, *, javascript: bool
) -> None:
    paul = Person(own_desk, "Paul")
    kept, *others = [paul.hand_in("clean_csv", notes) for _ in range(3)]
    page = open_page(paul, javascript=javascript)
    page.goto("/jobs")
    for job in others:
        tick(page, job).check()
    bulk(page, "Cancel those not started", "Apply to those ticked")
    expect(page.get_by_role("heading", name="Cancel 2 jobs?")).to_be_visible()
    look(page) if javascript else None
    page.get_by_role("button", name="Yes, cancel 2 jobs").click()
    expect(page.get_by_role("heading", name="2 jobs cancelled")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="2 jobs cancelled")).to_be_visible()
    look(page) if javascript else None
    page.goto("/jobs?tab=prepare")
    expect(page.locator(f'a[href="{kept}"]')).to_be_visible()
    expect(page.get_by_text("Apply to all 1 that match")).to_be_visible()


def test_what_is_ticked_stays_so_while_the_list_moves(own_desk: RunningDesk, open_page: OpenPage, notes: Path) -> None:
    paul = Person(own_desk, "Paul")
    job = paul.hand_in("clean_csv", notes)
    page = open_page(paul)
    page.goto("/jobs")
    tick(page, job).check()
    page.get_by_label("What to do with several jobs").select_option("Cancel those not started")
    paul.run("clean_csv", notes)
    expect(page.get_by_text("Completed", exact=True).first).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(tick(page, job)).to_be_checked()
    expect(page.locator("input[name=ids]:checked")).to_have_count(1)
    expect(page.get_by_label("What to do with several jobs")).to_have_value("discard")


def test_all_that_match_are_confirmed_with_their_number(
    own_desk: RunningDesk, open_page: OpenPage, notes: Path, tmp_path: Path
) -> None:
    paul = Person(own_desk, "Paul")
    other = write_table(tmp_path / "other.csv", ["id"], [[1]])
    for file in (notes, notes, other):
        paul.hand_in("clean_csv", file)
    page = open_page(paul, width=390)
    page.goto("/jobs?q=notes.csv")
    bulk(page, "Priority: high", "Apply to all 2 that match")
    page.get_by_role("button", name=re.compile("Yes, change the priority of 2 jobs")).click()
    expect(page.get_by_role("heading", name="2 jobs changed")).to_be_visible()


def tick(page: Page, job: str) -> Locator:
    """The box of a job in the list."""
    return page.locator(f'input[name=ids][value="{job.rpartition("/")[2]}"]')


def bulk(page: Page, what: str, which: str) -> None:
    """Choose in the bar below the list."""
    page.get_by_label("What to do with several jobs").select_option(what)
    page.get_by_role("button", name=which).click()


def test_all_tabs_stand_in_one_line(open_page: OpenPage, paul: Person) -> None:
    job = paul.run("import_contacts", CONTACTS)
    page = open_page(paul)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(job)
    page.get_by_role("button", name="I have seen to it").click()
    expect(page.get_by_role("button", name="Take back “seen to”")).to_be_visible()
    page.goto("/jobs?tab=settled")
    tabs = page.get_by_role("navigation", name="Jobs by state").locator("li")
    expect(tabs).to_have_count(10)
    assert tabs.evaluate_all("all => new Set(all.map(each => each.offsetTop)).size") == 1
    page.goto("/jobs/new/clean_csv")
    expect(page.locator("p.up")).to_have_text("Home", use_inner_text=True)
