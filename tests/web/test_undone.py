"""The page of a job that another one undoes: nothing of it is offered to be done again."""

import re
from typing import Any
from uuid import UUID

import pytest

from tests.web.conftest import Browser
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.tables import Job, LedgerEntry, Outcome, State, User


@pytest.mark.parametrize(
    "ended",
    [
        (State.cancelled, {"done": 2}, '/retry"'),
        (State.completed_with_errors, {"done": 1, "failed": 1}, "/retry-rows"),
        (State.needs_attention, {"unknown": 2}, 'value="send_again"'),
    ],
)
def test_what_is_undone_offers_nothing_that_would_do_it_again(
    ended: tuple[State, dict[str, int], str], ann: User, ann_browser: Browser, database: Database
) -> None:
    state, rows, button = ended
    file = {"file": ("people.csv", b"id\n1\n2\n")}
    address = str(ann_browser.post("/jobs", data={"job_type": "load_table"}, files=file).headers["location"])
    with database.write() as session:
        job = session.get_one(Job, UUID(address.rpartition("/")[2]))
        for name, value in {"state": state, "attempt": 1, "received": 2, "counted": True, **rows}.items():
            setattr(job, name, value)
    assert button in ann_browser.get(address).text
    with database.write() as session:
        session.add(Job(number=2, owner_id=ann.id, job_type="load_table", state=State.queued, undo_of=job.id))
    page = ann_browser.get(address).text
    assert button not in page
    assert "/run-again" in page
    assert "Undone:" not in page, "it is not yet"
    assert ("Mark as sent" in page) == (state is State.needs_attention)


def test_what_was_undone_says_so_first(ann: User, ann_browser: Browser, database: Database) -> None:
    file = {"file": ("people.csv", b"id\n1\n2\n3\n")}
    address = str(ann_browser.post("/jobs", data={"job_type": "load_table"}, files=file).headers["location"])
    with database.write() as session:
        job = session.get_one(Job, UUID(address.rpartition("/")[2]))
        job.state, job.attempt, job.received, job.done, job.counted = State.completed, 1, 3, 3, True
        undo = Job(number=2, owner_id=ann.id, job_type="load_table", state=State.completed_with_errors, undo_of=job.id)
        undo.attempt, undo.received, undo.done, undo.failed, undo.counted = 1, 3, 2, 1, True
        session.add(undo)
        session.flush()
        undo_address = f"/jobs/{undo.id}"
    page = ann_browser.get(address).text
    assert "Undone in part: 2 of its 3 rows were taken back." in page
    assert "All 3 rows done." not in page
    assert ">Completed<" not in page
    receipt = ann_browser.get(f"{address}/receipt").text
    assert "Undone in part. All 3 rows done at first." in receipt
    listed = ann_browser.get("/jobs").text
    assert f'<a href="{undo_address}">by job 2</a>' in listed
    assert "2 of 3 rows taken back" in listed
    page = ann_browser.get(undo_address).text
    assert "2 of 3 rows taken back." in page
    assert "Repeat this" not in page
    assert "Fill in a new form" not in page


@pytest.mark.parametrize(
    ("undo", "says"),
    [
        ((State.running, 1), "Completed with errors"),
        ((State.failed, 0), "Completed with errors"),
        ((State.cancelled, 1), "Undone in part"),
        ((State.completed, 2), "Undone"),
    ],
)
def test_what_was_undone_is_called_so_wherever_it_is_named_and_needs_nobody(
    ann: User, ann_browser: Browser, database: Database, undo: tuple[State, int], says: str
) -> None:
    needs = says != "Undone"
    file = {"file": ("people.csv", b"id\n1\n2\n3\n")}
    job_id = UUID(str(ann_browser.post("/jobs", data={"job_type": "load_table"}, files=file).headers["location"])[6:])
    state, done = undo
    with database.write() as session:
        job = session.get_one(Job, job_id)
        rows: dict[str, Any] = {"attempt": 1, "received": 3, "counted": True, "done": 2, "failed": 1}
        for name, value in {"state": State.completed_with_errors, "started_at": now(), **rows}.items():
            setattr(job, name, value)
        rows = {"owner_id": ann.id, "job_type": "load_table", "attempt": 1, "received": 2, "counted": True}
        session.add(Job(number=2, state=state, done=done, undo_of=job.id, **rows))
        session.add(LedgerEntry(job_id=job.id, attempt=1, first_row=3, last_row=3, outcome=Outcome.failed))
    again = str(ann_browser.post("/jobs", data={"job_type": "load_table"}, files=file).headers["location"])
    box = ann_browser.get(again).text.partition('id="same-file">')[2].partition("</section>")[0]
    for page in (line(ann_browser, "/jobs", job_id), line(ann_browser, "/", job_id), box):
        assert badge_in(page) == says
        assert ("1 needs you" in page) == needs
        assert ("rows taken back" in page) == says.startswith("Undone")
    page = ann_browser.get(f"/jobs/{job_id}").text
    assert badge_in(page) == says
    assert ("Rows that need you" in page) == needs
    assert ('value="seen"' in page) == needs
    page = ann_browser.get(f"/jobs/{job_id}/problems").text
    assert ("1 row needs you" in page, "Rows that need you" in page) == (needs, needs)
    assert ("Job 2 has undone this one." in page) == (not needs)
    for tab, holds in (("attention", needs), ("settled", not needs)):
        assert (str(job_id) in ann_browser.get(f"/jobs?tab={tab}").text) == holds


def line(browser: Browser, address: str, job_id: UUID) -> str:
    """The line of a job in a list."""
    page = browser.get(address).text
    return next(each for each in page.split("<tr")[1:] if f'href="/jobs/{job_id}"' in each)


def badge_in(page: str) -> str:
    """What the first badge says."""
    found = re.search(r'<span class="badge[^>]*>.*?</svg>([^<]*)<', page)
    assert found, page
    return found[1]


def test_a_dry_run_needs_nobody(ann: User, ann_browser: Browser, database: Database) -> None:
    rows: dict[str, Any] = {"attempt": 1, "received": 3, "counted": True, "skipped": 2, "rejected": 1}
    jobs = [
        Job(
            number=number,
            owner_id=ann.id,
            job_type="load_table",
            state=State.completed_with_errors,
            params={"table": "people", "dry_run": dry_run},
            **rows,
        )
        for number, dry_run in ((1, True), (2, False))
    ]
    with database.write() as session:
        session.add_all(jobs)
        for job in jobs:
            session.add(LedgerEntry(job_id=job.id, attempt=1, first_row=3, last_row=3, outcome=Outcome.rejected))
    for job in jobs:
        is_real = job.number == 2
        assert ("1 needs you" in line(ann_browser, "/jobs", job.id)) == is_real
        assert (str(job.id) in ann_browser.get("/jobs?tab=attention").text) == is_real
        page = ann_browser.get(f"/jobs/{job.id}").text
        assert ("Rows that need you" in page) == is_real
        assert ('value="seen"' in page) == is_real
    assert 'Needs you <span class="count">1<' in ann_browser.get("/jobs").text
