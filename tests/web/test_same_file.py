"""The same file handed in twice: said before the start, to whom it concerns, and to nobody else."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from tests.running import PASSWORD
from tests.web.api.conftest import EXAMPLES, Client
from tests.web.conftest import Browser
from webapp.accounts import add_user, create_token
from webapp.kit import now
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Job, Role, State, User

SAID = "handed in this file already"
ROWS = b"id,name\n1,Ann\n2,Ben\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, disk_reserve=0, workers=0, job_types=EXAMPLES / "job_types")


def run_before(browser: Browser, user: User, database: Database, job_type: str = "load_table") -> Job:
    """A job with the file, that has begun."""
    client = Client(browser, create_token(database, user.name))
    answer = client.submit(job_type, None if job_type == "load_table" else {}, {"file": ("people.csv", ROWS)})
    assert answer.status_code == 202, answer.text
    with database.write() as session:
        job = session.exec(select(Job)).one()
        job.state, job.started_at = State.completed, now()
        session.add(job)
    return job


def page(browser: Browser, rows: bytes = ROWS, name: str = "again.csv") -> str:
    """The page of a job that is prepared with a file."""
    form = {"job_type": (None, "load_table"), "file": (name, rows)}
    answer = browser.post("/jobs", files=form)
    assert answer.status_code == 303, answer.text
    return browser.get(answer.headers["location"]).text


def test_the_same_bytes_under_another_name_are_told(
    browser: Browser, ann_browser: Browser, ann: User, database: Database
) -> None:
    before = run_before(browser, ann, database)
    shown = page(ann_browser)
    assert SAID in shown
    assert "does not get them a second time, unless you tick “Load it again”" in shown
    assert "worked on a second time" not in shown
    assert f'href="/jobs/{before.id}"' in shown


def test_other_bytes_are_another_file(browser: Browser, ann_browser: Browser, ann: User, database: Database) -> None:
    run_before(browser, ann, database)
    assert SAID not in page(ann_browser, ROWS + b"3,Cem\n")


def test_another_kind_of_job_may_have_it(browser: Browser, ann_browser: Browser, ann: User, database: Database) -> None:
    run_before(browser, ann, database, "clean_csv")
    assert SAID not in page(ann_browser)


def test_what_never_began_does_not_count(browser: Browser, ann_browser: Browser, ann: User, database: Database) -> None:
    before = run_before(browser, ann, database)
    with database.write() as session:
        before.state, before.started_at = State.cancelled, None
        session.add(before)
    assert SAID not in page(ann_browser)


def test_nobody_learns_of_the_files_of_others(browser: Browser, ann_browser: Browser, database: Database) -> None:
    before = run_before(browser, add_user(database, "Ben", Role.operator, PASSWORD), database)
    shown = page(ann_browser)
    assert SAID not in shown
    assert str(before.id) not in shown


@pytest.mark.parametrize("same", [True, False], ids=["the same file", "a job of this number with another file"])
def test_what_failed_for_an_earlier_job_leads_there_first(
    browser: Browser, ann_browser: Browser, ann: User, database: Database, *, same: bool
) -> None:
    before = run_before(browser, ann, database)
    rows = ROWS if same else ROWS + b"3,Cem\n"
    form = {"job_type": (None, "load_table"), "file": ("again.csv", rows)}
    address = ann_browser.post("/jobs", files=form).headers["location"]
    with database.write() as session:
        job = session.get_one(Job, UUID(address.rpartition("/")[2]))
        job.state, job.attempt = State.failed, 1
        job.problem = f"This file was loaded into people already, by job {before.number} on 2026-11-20."
    shown = ann_browser.get(address).text
    first = f'<a class="button" href="/jobs/{before.id}">'
    assert (first in shown) == same
    retry = re.search(r'/retry"><button class="(\w*)"', shown)
    assert bool(retry) != same
    assert f'action="/jobs/{job.id}/run-again"' in shown
