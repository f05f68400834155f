"""Kill -9 while rows go into a database of somebody else's: counted there, none is lost and none is there twice."""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.test_kill_server import JOB_TYPES, kill
from tests.elsewhere import NAME, Elsewhere
from tests.engines.house import descendants
from tests.postgres import PostgresServer
from tests.running import Program, RunningDesk

ROWS = 100_000
MOMENTS = (0.05, 0.25, 0.5, 0.75)


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    own = PostgresServer()
    yield own
    own.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def there(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Elsewhere]:
    is_sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'shop.db'}" if is_sqlite else request.getfixturevalue("server").url()
    elsewhere = Elsewhere(url)
    yield elsewhere
    elsewhere.close()


@pytest.fixture
def desk(there: Elsewhere, tmp_path: Path) -> Iterator[RunningDesk]:
    running = RunningDesk(tmp_path / "data", job_types=str(JOB_TYPES), lease_seconds="1", targets=there.setting)
    yield running.start()
    running.kill_quietly()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "items.csv"
    path.write_text("id,name\n" + "".join(f"{number},item {number}\n" for number in range(1, ROWS + 1)))
    return path


def assert_each_is_there_once(there: Elsewhere) -> None:
    assert Counter(there.query("SELECT id FROM items")) == Counter(range(1, ROWS + 1))


def test_a_desk_that_is_killed_again_and_again(desk: RunningDesk, there: Elsewhere, file: Path) -> None:
    program = desk.program()
    job_id = program.submit("load_table", file, database=NAME, table="items")
    for moment in MOMENTS:
        before = program.wait_for_rows(job_id, int(ROWS * moment))
        assert before["state"] == "running", "it must be in the middle"
        desk.kill()
        desk.start()
    job = program.wait(job_id)
    assert (job["rows"]["done"], job["attempt"]) == (ROWS, len(MOMENTS) + 1)
    assert_each_is_there_once(there)


def test_a_child_that_is_killed_is_taken_back_by_its_desk(desk: RunningDesk, there: Elsewhere, file: Path) -> None:
    program = desk.program()
    job_id = program.submit("load_table", file, database=NAME, table="items")
    assert program.wait_for_rows(job_id, ROWS // 4)["state"] == "running"
    for pid in descendants(desk.pid):
        kill(pid)
    assert program.wait(job_id)["rows"]["done"] == ROWS
    assert_each_is_there_once(there)


def taken_over(program: Program, job_id: str) -> None:
    """Until another has done the job, or says that it can't: a frozen process may hold the lock of a SQLite file."""
    deadline = time.monotonic() + 90
    while (job := program.job(job_id))["state"] != "completed" and "is locked" not in (job["problem"] or ""):
        assert time.monotonic() < deadline, job
        time.sleep(0.2)


def test_a_child_that_was_frozen_for_longer_than_its_lease_can_write_nothing_more(
    desk: RunningDesk, there: Elsewhere, file: Path
) -> None:
    program = desk.program()
    job_id = program.submit("load_table", file, database=NAME, table="items")
    assert program.wait_for_rows(job_id, ROWS // 4)["state"] == "running"
    frozen = [desk.pid, *descendants(desk.pid)]
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    second = RunningDesk(desk.data, job_types=str(JOB_TYPES), lease_seconds="1", targets=there.setting)
    try:
        second.start()
        taken_over(program.at(second), job_id)
        for pid in reversed(frozen):
            os.kill(pid, signal.SIGCONT)
        program.at(second).wait(job_id, {"completed"}, seconds=90)
        time.sleep(3)
        assert program.at(second).job(job_id)["rows"]["done"] == ROWS
        assert_each_is_there_once(there)
    finally:
        second.kill_quietly()


@pytest.mark.parametrize("there", ["postgresql"], indirect=True)
def test_a_server_that_is_killed_makes_its_jobs_wait_and_holds_up_no_other(
    desk: RunningDesk, there: Elsewhere, server: PostgresServer, file: Path
) -> None:
    program = desk.program()
    job_id = program.submit("load_table", file, database=NAME, table="items")
    assert program.wait_for_rows(job_id, ROWS // 4)["state"] == "running"
    server.kill()
    began = time.monotonic()
    other = program.submit("load_table", file, table="own")
    assert program.wait(other)["rows"]["done"] == ROWS
    assert time.monotonic() - began < 30
    job = program.job(job_id)
    assert job["state"] in {"running", "scheduled"}
    assert f"The database “{NAME}” does not answer" in job["problem"]
    server.start()
    assert program.wait(job_id, seconds=90)["rows"]["done"] == ROWS
    assert_each_is_there_once(there)
