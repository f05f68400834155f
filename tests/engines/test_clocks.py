"""Clocks that jump by an hour while jobs run: no job is stolen from whoever works on it, doubled or stuck."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from tests.clocks import MovedClock, needs_faketime
from tests.jobs.bench import JOB_TYPES, items
from tests.running import RunningDesk, RunningWorker
from webapp.settings import Settings
from webapp.store.database import Database, connect
from webapp.store.tables import Attempt

pytestmark = needs_faketime

HOUR = 3600
LEASE_S = 3.0
SETTLED_S = 2.5
"""In this time every process has seen that its clock has jumped, and has looked whose lease is over."""

PAUSE_S = 0.05
ROWS = 20
LONG_ROW = 15  # while it lasts nothing but the heartbeat renews a lease
PATIENCE_S = 40.0  # far less than the clocks jump
SETTINGS = {"job_types": str(JOB_TYPES), "lease_seconds": str(LEASE_S)}


class Site:
    """A desk, a program that hands in its jobs, and what has come of them."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.settings = Settings(data=folder / "data", database_url=settings.get("database_url"))
        self.desk = RunningDesk(folder / "data", **SETTINGS, **settings)
        self._file = folder / "items.csv"
        self._file.write_text(items(ROWS, **{f"r{LONG_ROW}": "wait"}))
        self._gate = folder / "gate"

    def start(self) -> None:
        self.desk.start()
        self.program = self.desk.program()

    def begin(self, count: int) -> list[str]:
        """Hand in jobs, each with a table of its own; all are at work when this returns, and until `finish`."""
        how: dict[str, Any] = {"pause": PAUSE_S, "gate": str(self._gate)}
        jobs = [
            self.program.submit("keep_rows_and_wait", self._file, table=f"kept{number}", **how)
            for number in range(count)
        ]
        for job_id in jobs:
            assert self.program.wait_for_rows(job_id, 1)["state"] == "running"
        return jobs

    def finish(self, jobs: list[str]) -> list[int]:
        """Let the jobs end, and see that each row is in its table once; how many attempts each has had."""
        self._gate.touch()
        ended = [self.program.wait(job_id, seconds=PATIENCE_S) for job_id in jobs]
        assert [(job["state"], job["rows"]["done"]) for job in ended] == [("completed", ROWS)] * len(jobs)
        engine = connect(self.settings.data_database)
        with engine.connect() as connection:
            for number in range(len(jobs)):
                kept = Counter(connection.exec_driver_sql(f"SELECT id FROM kept{number}").scalars())
                assert kept == Counter(range(1, ROWS + 1))
        engine.dispose()
        return sorted(job["attempt"] for job in ended)

    def workers(self) -> int:
        """How many workers have had attempts."""
        with closing(Database(self.settings.database)) as database, database.read() as session:
            return len({attempt.worker for attempt in session.exec(select(Attempt))})

    def plan_in_half_an_hour(self) -> str:
        """A schedule and a job whose time comes within the hour that clocks jump; the path of the schedule."""
        soon = datetime.now(UTC) + timedelta(minutes=30)
        answer = self._send("/schedules", name="Daily", job_type="keep_some", cron=f"{soon.minute} {soon.hour} * * *")
        self._send("/jobs", job_type="keep_some", run_at=soon.isoformat())
        return f"/schedules/{answer['id']}"

    def due(self, schedule: str) -> str:
        """When the next job of a schedule is made, as the API writes it."""
        return str(self.program.request("GET", schedule).json()["next_at"])

    def _send(self, path: str, **fields: str) -> dict[str, Any]:
        answer = self.program.request("POST", path, files={name: (None, text) for name, text in fields.items()})
        assert answer.is_success, answer.text
        return dict(answer.json())

    def planned(self) -> list[str]:
        """The states of the jobs that come of those plans."""
        jobs = self.program.request("GET", "/jobs").json()["jobs"]
        return [job["state"] for job in jobs if job["job_type"] == "keep_some"]


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.05)


@pytest.fixture
def clock(tmp_path: Path) -> MovedClock:
    return MovedClock(tmp_path)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.desk.kill_quietly()


@pytest.fixture
def pages(tmp_path: Path, postgres_desk_url: str) -> Iterator[Site]:
    """A desk on PostgreSQL that has pages only, and goes by the true time."""
    site = Site(tmp_path, database_url=postgres_desk_url, workers="0")
    try:
        site.start()
        yield site
    finally:
        site.desk.kill_quietly()


@pytest.fixture
def moved(pages: Site, clock: MovedClock) -> Iterator[RunningWorker]:
    """A worker that goes by a clock of its own, beside one that goes by the true time."""
    both = [
        RunningWorker(pages.desk.data, database_url=pages.settings.database, workers="1", **SETTINGS) for _ in range(2)
    ]
    both[0].environment = clock.environment
    try:
        for worker in both:
            worker.start()
        yield both[0]
    finally:
        for worker in both:
            worker.kill_quietly()


def test_a_worker_whose_clock_jumps_takes_no_job_keeps_its_own_and_leaves_none_stuck_if_it_dies(
    pages: Site, moved: RunningWorker, clock: MovedClock
) -> None:
    pages.plan_in_half_an_hour()
    jobs = pages.begin(2)
    for seconds in (HOUR, -HOUR, HOUR):
        clock.move(seconds)
        time.sleep(SETTLED_S)
    assert [(job["state"], job["attempt"]) for job in map(pages.program.job, jobs)] == [("running", 1)] * 2
    assert pages.workers() == 2
    moved.kill()
    assert pages.finish(jobs) == [1, 2]
    assert pages.planned() == ["scheduled"]


def test_a_machine_whose_clock_jumps_keeps_its_jobs_doubles_nothing_and_leaves_no_job_stuck_if_it_dies(
    site: Site, clock: MovedClock
) -> None:
    site.desk.environment = clock.environment
    site.start()
    schedule = site.plan_in_half_an_hour()
    jobs = site.begin(1)
    first = site.due(schedule)
    clock.move(HOUR)
    wait_until(lambda: site.due(schedule) > first)
    clock.move(-HOUR)
    time.sleep(SETTLED_S)
    for deed in ("pause", "resume"):
        assert site.program.request("POST", f"{schedule}/{deed}").is_success
    assert site.due(schedule) == first, "it comes by that time again"
    clock.move(HOUR)
    wait_until(lambda: site.due(schedule) > first)
    site.desk.kill()
    clock.move(0)
    site.desk.start()
    assert site.finish(jobs) == [2]
    assert site.planned() == ["completed", "completed"]
