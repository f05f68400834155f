"""The embedded engine and its children: what the system may do to them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from tests.engines.house import House, descendants
from tests.jobs.bench import JOB_TYPES, Bench, items
from tests.running import RunningDesk
from webapp.engines.child import prepare_children, start_child
from webapp.engines.embedded import EmbeddedEngine
from webapp.engines.heartbeat import LOST
from webapp.jobs.claims import Claim
from webapp.jobs.lifecycle import Move, move
from webapp.jobs.recovery import take_back_expired
from webapp.jobs.run import work_to_the_end
from webapp.jobs.work import StopFlag
from webapp.jobs.workers import alive
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Attempt, State


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "data", EmbeddedEngine, lease_seconds=1)
    yield house
    house.stop()
    house.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RunningDesk]:
    desk = RunningDesk(tmp_path / "data", job_types=str(JOB_TYPES), workers="2").start()
    yield desk
    desk.kill_quietly()


def wait_for_death(pids: set[int], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while left := {pid for pid in pids if state_of(pid) not in {"", "Z"}}:
        assert time.monotonic() < deadline, f"still alive: {left}"
        time.sleep(0.02)


def state_of(pid: int) -> str:
    """What the kernel says of a process: T if it is stopped, Z if it is only waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""


def at_work(bench: Bench, claim: Claim) -> ForkServerProcess:
    """A child at work on a claim, with nobody to look after it."""
    child, worker = start_child(prepare_children(), bench.settings)
    worker.send(claim)
    worker.close()
    return child


@pytest.mark.parametrize("meanwhile", ["finished", "cancelled", "nothing"])
def test_a_child_that_was_frozen_past_its_lease_writes_nothing_when_it_wakes(meanwhile: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path / "data", lease_seconds=1)
    job_id = bench.submit("keep_rows", items(50, r20="freeze"), once=True)
    child = at_work(bench, bench.claim(lease_seconds=1))
    assert child.pid is not None
    deadline = time.monotonic() + 10
    while state_of(child.pid) != "T":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    if meanwhile == "cancelled":
        with bench.database.write() as session:
            assert move(session, job_id, Move.ask_to_cancel)
    time.sleep(1.1)
    assert take_back_expired(bench.database, bench.data) == 1
    if meanwhile == "finished":
        work_to_the_end(bench.shop, bench.claim(), StopFlag())
    before = bench.job(job_id), bench.kept(), bench.ranges(job_id)
    os.kill(child.pid, signal.SIGCONT)
    child.join(10)
    assert child.exitcode in {LOST, 0}
    after = bench.job(job_id), bench.kept(), bench.ranges(job_id)
    assert before[0].model_dump() == after[0].model_dump()
    assert before[1:] == after[1:]
    expected = {"finished": State.completed, "cancelled": State.cancelled, "nothing": State.queued}
    assert after[0].state is expected[meanwhile]
    assert len(set(bench.kept())) == len(bench.kept()) == after[0].done
    bench.close()


def test_a_system_that_gives_no_process_for_a_while_costs_no_job(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.engines.rounds.REST_SECONDS", 0.1)
    real, refusals = start_child, iter(range(3))

    def refuse_at_first(*arguments: Any) -> Any:
        if next(refusals, None) is not None:
            raise BlockingIOError("no more processes")
        return real(*arguments)

    monkeypatch.setattr("webapp.engines.children.start_child", refuse_at_first)
    house.start()
    job = house.wait(house.submit("keep_some"))
    assert (job.state, job.attempt) == (State.completed, 1), "nothing was claimed in vain"


def test_a_round_that_fails_is_followed_by_another(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures = iter(range(3))

    def fail_at_first(*_: Any) -> None:
        if next(failures, None) is not None:
            raise OSError("a bad sector")

    monkeypatch.setattr("webapp.engines.rounds.beat", fail_at_first)
    monkeypatch.setattr("webapp.engines.rounds.LOOK_SECONDS", 0.1)
    house.start()
    assert house.wait(house.submit("keep_some")).state is State.completed
    assert "a bad sector" in caplog.text


def test_a_worker_says_that_it_is_alive_and_that_it_leaves(house: House) -> None:
    assert alive(house.database) == 0
    house.start()
    house.wait_until(lambda: alive(house.database) == 1)
    house.stop()
    assert alive(house.database) == 0


def test_a_job_survives_the_death_of_the_process_that_forks(house: House) -> None:
    house.start()
    job_id = house.submit("keep_rows", items(200), pause=0.01)
    house.wait_until(lambda: house.job(job_id).done > 20)
    pid: int = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]  # the test's own process
    children = descendants(pid)
    os.kill(pid, signal.SIGKILL)
    wait_for_death(children)
    job = house.wait(job_id)
    assert (job.state, job.attempt) == (State.completed, 2)
    assert house.kept() == list(range(1, 201))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's promise is Linux's")
@pytest.mark.parametrize("kill", [RunningDesk.kill, RunningDesk.kill_server_only])
def test_no_program_that_a_job_has_started_outlives_a_desk_that_was_killed(
    desk: RunningDesk, tmp_path: Path, kill: Callable[[RunningDesk], None]
) -> None:
    mark = tmp_path / "mark"
    desk.program().submit("run_program", mark=str(mark))
    wait_until(mark.exists)
    program = int(mark.read_text())
    assert state_of(program) in {"S", "R"}
    kill(desk)
    wait_for_death({program})


def test_a_program_that_a_job_leaves_behind_ends_with_it(house: House, tmp_path: Path) -> None:
    house.start()
    mark = tmp_path / "mark"
    assert house.wait(house.submit("leave_program", mark=str(mark))).state is State.completed
    wait_until(mark.exists)
    wait_for_death({int(mark.read_text())})


def test_a_new_version_of_a_job_type_is_run_without_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    source = "from webapp.authoring import Context, job\n\n@job()\ndef say(ctx: Context) -> None:\n    ctx.log('{}')\n"
    (folder / "own.py").write_text(source.format("old"))
    house = House(tmp_path / "data", EmbeddedEngine, job_types=folder).start()
    first = house.submit("say")
    house.wait(first)
    time.sleep(0.5)  # the process for the next job waits, with the old version loaded
    (folder / "own.py").write_text(source.format("new"))
    second = house.submit("say")
    house.wait(second)
    house.stop()
    assert (house.log(first), house.log(second)) == ([("info", "old")], [("info", "new")])
    house.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's promise is Linux's")
def test_no_child_outlives_a_desk_that_was_killed(desk: RunningDesk, tmp_path: Path) -> None:
    program = desk.program()
    mark = tmp_path / "mark"
    spinning = program.submit("keep_some", do="spin")
    waiting = program.submit("wait_for", mark=str(mark))
    program.wait(spinning, {"running"})
    wait_until(mark.exists)
    below = descendants(desk.pid)
    assert len(below) >= 3, "two children, and the process that forks"
    desk.kill_server_only()
    wait_for_death(below)
    assert waiting != spinning


def test_a_stop_that_reaches_every_process_is_a_good_order(desk: RunningDesk, tmp_path: Path) -> None:
    """As systemd stops a service: SIGTERM to the desk and all below it."""
    program = desk.program()
    mark = tmp_path / "mark"
    job_id = program.submit("wait_for", mark=str(mark), until=str(tmp_path / "go"))
    wait_until(mark.exists)
    for pid in descendants(desk.pid):
        os.kill(pid, signal.SIGTERM)
    desk.stop()
    (tmp_path / "go").touch()
    desk.start()
    assert program.wait(job_id, seconds=4)["state"] == "completed", "no lease had to run out"
    assert "lost" not in how_attempts_ended(desk)


def how_attempts_ended(desk: RunningDesk) -> list[str | None]:
    database = Database(Settings(data=desk.data).database)
    with database.read() as session:
        ended = list(session.exec(select(Attempt.ended)).all())
    database.close()
    return ended


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_child_bears_being_asked_to_stop_a_thousand_times(tmp_path: Path) -> None:
    """A handler that takes a lock would wait for itself."""
    bench = Bench(tmp_path / "data")
    mark = tmp_path / "mark"
    job_id = bench.submit("wait_for", mark=str(mark))
    child = at_work(bench, bench.claim())
    wait_until(mark.exists)
    for _ in range(1_000):
        child.terminate()
    child.join(10)
    assert child.exitcode == 0
    assert bench.job(job_id).state is State.queued
    bench.close()


def test_importing_the_engine_starts_nothing() -> None:
    code = "import webapp.engines.embedded, threading; print(threading.active_count())"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "1"


def test_after_a_crash_newer_jobs_do_not_take_the_place_of_the_interrupted_one(tmp_path: Path) -> None:
    desk = RunningDesk(tmp_path / "data", job_types=str(JOB_TYPES), workers="1", lease_seconds="3").start()
    try:
        program = desk.program()
        file = tmp_path / "items.csv"
        file.write_text(items(40))
        first = program.submit("keep_rows", file, pause=0.05)
        program.wait_for_rows(first, 5)
        second = program.submit("keep_rows", file, pause=0.05, table="others")
        desk.kill()
        desk.start()
        ends = [program.wait(job)["finished_at"] for job in (first, second)]
        assert ends == sorted(ends)
        assert program.job(first)["attempt"] == 2
    finally:
        desk.kill_quietly()
