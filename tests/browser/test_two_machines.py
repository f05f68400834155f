"""Two machines that serve pages and one that works, on one PostgreSQL: it is one desk, wherever one looks."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.people import Person
from tests.postgres import PostgresServer
from tests.running import RunningDesk, RunningWorker
from webapp.store.tables import Role


@pytest.fixture(scope="module")
def two_desks(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: PostgresServer,
    postgres_template: str,
    job_types: Path,
) -> Iterator[tuple[RunningDesk, RunningDesk]]:
    """Two that serve pages and run nothing, and a worker beside them; they share the files."""
    database, folder = postgres_server.create_database(postgres_template), tmp_path_factory.mktemp("machines")
    settings = {"database_url": postgres_server.url(database), "job_types": str(job_types), "lease_seconds": "2"}
    one, other = (RunningDesk(folder / "data", **settings, workers="0") for _ in range(2))
    worker = RunningWorker(folder / "data", **settings, workers="1")
    try:
        one.start().add_user("Olga", Role.operator)
        other.start()
        worker.start()
        yield one, other
    finally:
        for process in (one, other, worker):
            process.kill_quietly()
        postgres_server.drop_database(database)


def test_a_job_handed_in_at_one_is_watched_live_at_the_other(
    open_page: OpenPage, two_desks: tuple[RunningDesk, RunningDesk], letters: Path
) -> None:
    one, other = two_desks
    page = open_page(Person(one, "Olga"))
    page.goto("/jobs/new/write_letters")
    page.get_by_label("Choose a file").set_input_files(letters)
    page.wait_for_url(re.compile(r"/jobs/[0-9a-f-]{36}$"))
    watched = open_page(Person(other, "Olga"))
    watched.goto(page.url.removeprefix(one.url))
    expect(watched.locator(".job-head")).to_contain_text("letters.csv")
    watched.evaluate("window.here = true")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(watched.locator(".hero .badge")).to_have_text("Running")
    expect(watched.locator(".headline")).to_contain_text(re.compile(r"Processed [1-9]\d* of 300 rows"))
    watched.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator(".hero .badge")).to_have_text("Paused")
    page.get_by_role("button", name="Go on", exact=True).click()
    for each in (page, watched):
        expect(each.locator(".headline")).to_have_text("All 300 rows done.", timeout=60_000)
    assert watched.evaluate("window.here"), "nothing was reloaded"
    expect(watched.locator(".deeds")).to_contain_text("Olga let it go on")
