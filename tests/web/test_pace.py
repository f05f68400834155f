"""How long a job has worked, and whether anybody works on it: what its page says of that."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.web.conftest import Browser
from tests.web.test_control import FILE, Put, change, hero, id_of
from webapp.kit import new_id, now
from webapp.store.database import Database
from webapp.store.tables import Attempt, Job, State
from webapp.web.desk import Desk
from webapp.web.job import JobTopic

MINUTE = timedelta(minutes=1)


@pytest.fixture
def put(ann_browser: Browser, database: Database) -> Put:
    """Makes a job of Ann's with fifty rows in a state; its address."""

    def make(state: State, **columns: Any) -> str:
        answer = ann_browser.post("/jobs", data={"job_type": "load_table"}, files={"file": ("people.csv", FILE)})
        address = str(answer.headers["location"])
        change(database, address, state=state, attempt=1, received=50, counted=True, **columns)
        return address

    return make


def attempts(database: Database, address: str, *spans: tuple[datetime, datetime | None]) -> None:
    """Write down when somebody worked on a job."""
    with database.write() as session:
        for number, (start, end) in enumerate(spans, 1):
            attempt = Attempt(job_id=id_of(address), number=number, worker=new_id(), started_at=start, finished_at=end)
            session.add(attempt)


def test_only_the_time_counts_in_which_it_ran(put: Put, ann_browser: Browser, database: Database) -> None:
    start = now() - 300 * MINUTE
    ended = put(State.completed, done=50, started_at=start, finished_at=start + 200 * MINUTE)
    attempts(database, ended, (start, start + 2 * MINUTE), (start + 199 * MINUTE, start + 200 * MINUTE))
    assert "Took 3 minutes." in hero(ann_browser, ended)


def test_a_running_job_says_how_long_it_has_run_and_not_how_long_ago_it_began(
    put: Put, ann_browser: Browser, database: Database
) -> None:
    start = now() - 300 * MINUTE
    running = put(State.running, done=10, started_at=start, lease_until=now() + MINUTE)
    attempts(database, running, (start, start + 2 * MINUTE), (now() - MINUTE, None))
    assert "Running for 3 minutes" in hero(ann_browser, running)


@pytest.mark.parametrize(("silent_s", "interrupted"), [(1, False), (5, True)])
def test_a_job_whose_worker_is_silent_is_interrupted_and_nothing_is_foretold(
    put: Put, ann_browser: Browser, database: Database, silent_s: float, *, interrupted: bool
) -> None:
    heard = now() - timedelta(seconds=silent_s)
    job = put(State.running, done=10, lease_until=heard + timedelta(seconds=10))
    attempts(database, job, (now() - MINUTE, None))
    page = hero(ann_browser, job)
    assert ("Interrupted: goes on in a moment." in page) == interrupted
    assert ("left" in page) == (not interrupted)
    assert "10 done" in page


def test_an_open_page_is_drawn_anew_once_the_worker_is_silent(put: Put, desk: Desk, database: Database) -> None:
    job = put(State.running, lease_until=now() + timedelta(seconds=9))
    topic = JobTopic(desk, id_of(job), may=True)
    before = topic.render()
    assert before is not None
    assert before.look_in is not None
    with database.write() as session:
        session.get_one(Job, id_of(job)).lease_until = now() + timedelta(seconds=4)
    assert topic.version() != before.version
