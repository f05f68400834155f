"""A job that works with a service: it is opened once for all rows, and closed whatever became of them."""

from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import expect
from sqlalchemy import create_engine, text

from tests.browser.conftest import OpenPage, write_table
from tests.browser.people import Person
from tests.running import RunningDesk


def in_the_library(desk: RunningDesk, query: str) -> Sequence[str]:
    """What its database holds."""
    engine = create_engine(f"sqlite:///{desk.data / 'library.sqlite3'}")
    with engine.connect() as library:
        found = library.execute(text(query)).scalars().all()
    engine.dispose()
    return found


def test_an_operator_runs_a_job_that_works_with_a_database(open_page: OpenPage, olga: Person, tmp_path: Path) -> None:
    loans = [("Emma", "Ann"), ("Ivanhoe", "Ben"), ("Emma", "Cleo"), ("Moby-Dick", "nobody")]
    page = open_page(olga)
    page.goto("/jobs/new/lend_books")
    page.get_by_label("Choose a file").set_input_files(write_table(tmp_path / "loans.csv", ["book", "reader"], loans))
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".headline")).to_have_text("2 of 4 rows done. 2 need you.")
    expect(page.locator("body")).to_contain_text("is lent to Ann")
    expect(page.get_by_label("Library")).to_have_count(0)  # a service is no field
    assert in_the_library(olga.desk, "SELECT reader FROM loan ORDER BY 1") == ["Ann", "Ben"]
    assert in_the_library(olga.desk, "SELECT what FROM diary") == ["opened", "closed"]
