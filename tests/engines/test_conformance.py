"""What every engine must do, whatever carries its jobs."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from tests.engines.house import House, descendants, open_files
from tests.jobs.bench import items
from webapp.engines.heartbeat import LOST
from webapp.jobs.claims import Task
from webapp.jobs.deeds import FORCE_AFTER, Action
from webapp.kit import new_id, now
from webapp.store.tables import Job, State

Build = Callable[..., House]

GRACE = "webapp.engines.children.GRACE_SECONDS"
LOOK = "webapp.engines.rounds.LOOK_SECONDS"


@pytest.mark.any_engine
def test_a_job_is_run_when_its_transaction_is_committed_and_no_sooner(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LOOK, 60)  # only the bell can be the cause
    house = build().start()
    with house.database.write() as session:
        job = Job(number=1, owner_id=house.user.id, job_type="keep_some", state=State.queued, queued_at=now())
        session.add(job)
        house.engine.dispatch(session, job.id)
        time.sleep(0.3)
    assert house.wait(job.id).state is State.completed


@pytest.mark.any_engine
def test_a_transaction_that_is_rolled_back_runs_nothing(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOOK, 60)
    house, looks = build(), list[object]()
    for module in ("rounds", "inline"):
        monkeypatch.setattr(f"webapp.engines.{module}.claim_next", lambda *_: looks.append(None))
    house.start()
    house.wait_until(lambda: bool(looks))  # all look once when they begin
    time.sleep(0.3)
    looks.clear()
    with pytest.raises(IntegrityError):
        submit_for_nobody(house)
    time.sleep(0.3)
    assert looks == [], "nobody was called"


def submit_for_nobody(house: House) -> None:
    with house.database.write() as session:
        house.engine.dispatch(session, new_id())
        session.add(Job(number=1, owner_id=new_id(), job_type="keep_some", state=State.queued))


@pytest.mark.any_engine
def test_a_lost_bell_is_made_up_for_by_looking(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOOK, 0.2)
    house = build().start()
    monkeypatch.setattr(type(house.engine), "dispatch", lambda *_: None)
    assert house.wait(house.submit("keep_some")).state is State.completed


@pytest.mark.any_engine
def test_a_bell_rung_many_times_is_one_run(build: Build) -> None:
    house = build(workers=4).start()
    job_id = house.submit("keep_some", rows=1)
    for _ in range(50):
        with house.database.write() as session:
            house.engine.dispatch(session, job_id)
    assert house.wait(job_id).attempt == 1
    assert house.kept() == [1]


@pytest.mark.any_engine
def test_many_jobs_run_once_each_and_leave_nothing_behind(build: Build) -> None:
    house = build(workers=2).start()
    for jobs in (3, 30):  # what is made once is there after the first
        files, processes = open_files(), descendants(os.getpid())
        handed_in = [house.submit("keep_some", rows=1) for _ in range(jobs)]
        assert {house.wait(job_id).state for job_id in handed_in} == {State.completed}
        house.wait_until(lambda: house.engine.health().busy == 0)
    # A connection that is kept for the next holds a few files, and how many there are depends on who met whom.
    house.wait_until(lambda: open_files() < files + jobs, 5)
    house.wait_until(lambda: len(descendants(os.getpid())) <= len(processes), 5)
    assert len(house.kept()) == 33


def test_no_more_jobs_run_at_once_than_there_are_workers(build: Build, tmp_path: Path) -> None:
    house = build(workers=2).start()
    marks = [tmp_path / f"mark {number}" for number in range(3)]
    jobs = [house.submit("wait_for", mark=str(mark), until=str(tmp_path / "go")) for mark in marks]
    house.wait_until(lambda: sum(mark.exists() for mark in marks) == 2)
    assert house.engine.health().busy == house.engine.health().slots == 2
    time.sleep(0.3)
    assert sum(mark.exists() for mark in marks) == 2
    checked = house.prepare("keep_rows", items(3))
    assert house.wait(checked, State.ready), "a file is checked all the same"
    (tmp_path / "go").touch()
    assert {house.wait(job_id).state for job_id in jobs} == {State.completed}


@pytest.mark.any_engine
def test_without_workers_nothing_runs(build: Build) -> None:
    house = build(workers=0).start()
    queued, checking = house.submit("keep_some"), house.prepare("keep_rows", items(3))
    time.sleep(1.5)
    assert (house.job(queued).state, house.job(checking).state) == (State.queued, State.checking)
    assert house.job(queued).attempt == 0


def test_a_queued_job_that_is_cancelled_never_runs(build: Build, tmp_path: Path) -> None:
    house = build(workers=1).start()
    first = house.submit("wait_for", mark=str(tmp_path / "mark"), until=str(tmp_path / "go"))
    second = house.submit("keep_some")
    house.wait_until((tmp_path / "mark").exists)
    house.act(second, Action.cancel)
    (tmp_path / "go").touch()
    assert house.wait(first).state is State.completed
    assert (house.job(second).state, house.job(second).attempt) == (State.cancelled, 0)


def test_a_loop_that_never_ends_is_dead_within_five_seconds_and_its_rows_are_accounted_for(build: Build) -> None:
    house = build().start()
    job_id = house.submit("keep_rows", items(200, r60="spin"), pause=0.005)
    house.wait_until(lambda: house.job(job_id).done)
    time.sleep(0.5)
    before = descendants(os.getpid())
    asked = time.monotonic()
    house.act(job_id, Action.cancel)
    job = house.wait(job_id)
    assert time.monotonic() - asked < 5
    assert job.state is State.cancelled
    assert house.ranges(job_id) == [(1, job.done, "done"), (job.done + 1, 200, "skipped")]
    assert 0 < job.done < 60
    assert house.kept() == list(range(1, job.done + 1))
    house.wait_until(lambda: not set(before) <= set(descendants(os.getpid())), 2)


def test_a_program_that_a_job_has_started_is_dead_within_five_seconds_too(build: Build, tmp_path: Path) -> None:
    house = build().start()
    job_id = house.submit("run_program", mark=str(tmp_path / "mark"))
    house.wait_until((tmp_path / "mark").exists)
    program = Path("/proc") / (tmp_path / "mark").read_text().strip()
    assert program.exists()
    asked = time.monotonic()
    house.act(job_id, Action.cancel)
    assert house.wait(job_id).state is State.cancelled
    house.wait_until(lambda: not program.exists() or "Z" in (program / "stat").read_text())
    assert time.monotonic() - asked < 5


def test_a_job_that_looks_for_it_stops_at_once_when_cancelled(build: Build, tmp_path: Path) -> None:
    house = build().start()
    job_id = house.submit("wait_for", mark=str(tmp_path / "mark"))
    house.wait_until((tmp_path / "mark").exists)
    asked = time.monotonic()
    house.act(job_id, Action.cancel)
    assert house.wait(job_id).state is State.cancelled
    assert time.monotonic() - asked < 2


@pytest.mark.parametrize("death", ["os._exit", "segfault", "kill"])
def test_a_child_that_dies_is_followed_by_one_that_goes_on_from_the_checkpoint(death: str, build: Build) -> None:
    house = build().start()
    job_id = house.submit("keep_rows", items(300, r200=death), pause=0.003, once=True)
    job = house.wait(job_id)
    assert (job.state, job.attempt, job.done) == (State.completed, 2, 300)
    first, second = house.attempts(job_id)
    assert (first.ended, second.ended) == ("lost", "completed")
    assert (first.detail or "").startswith("The process "), "an administrator is told how"
    assert second.accounted_before > 0, "it did not begin again from the start"
    assert house.kept() == list(range(1, 301))


def test_a_row_that_kills_every_worker_stops_its_job_and_no_other(build: Build) -> None:
    house = build(workers=1).start()
    poisoned = house.submit("keep_rows", items(100, r60="segfault"))
    other = house.submit("keep_rows", items(100), table="other")
    job = house.wait(poisoned)
    assert job.state is State.failed
    assert 3 <= job.attempt <= 6, "a slow machine gets to the row by several commits, and each of them is progress"
    assert "broke off 3 times in a row at or shortly after row" in (job.problem or "")
    assert house.ranges(poisoned)[-1] == (job.done + 1, 100, "skipped")
    assert house.kept() == list(range(1, job.done + 1))
    assert house.wait(other).state is State.completed


def test_a_frozen_child_loses_its_job_to_another_and_is_removed(build: Build) -> None:
    house = build(lease_seconds=1, workers=2).start()
    job_id = house.submit("keep_rows", items(100, r50="freeze"), once=True)
    job = house.wait(job_id)
    assert (job.state, job.attempt) == (State.completed, 2)
    assert house.kept() == list(range(1, 101))
    house.wait_until(lambda: house.engine.health().busy == 0)


def test_a_frozen_child_does_not_keep_the_only_place(build: Build) -> None:
    house = build(lease_seconds=1, workers=1).start()
    job_id = house.submit("keep_rows", items(10, r5="freeze"), once=True)
    assert house.wait(job_id).state is State.completed


def test_a_paused_job_ends_the_row_it_is_at_however_long_that_takes_and_goes_on_later(
    build: Build, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(GRACE, 0.2)
    house = build().start()
    job_id = house.submit("keep_rows_and_say_so", items(3), pause=2, mark=str(tmp_path / "mark"))
    house.wait_until((tmp_path / "mark").exists)
    house.act(job_id, Action.pause)
    job = house.wait(job_id, State.paused)
    assert (job.attempt, house.attempts(job_id)[0].ended) == (1, "paused")
    assert house.kept() == list(range(1, job.done + 1)) != []
    house.act(job_id, Action.resume)
    assert house.wait(job_id).done == 3
    assert house.kept() == [1, 2, 3]


def test_a_job_that_does_not_come_to_a_pause_is_killed_at_once_when_that_is_forced(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GRACE, 0.2)
    house = build().start()
    job_id = house.submit("keep_rows", items(100, r60="spin"), pause=0.005)
    house.wait_until(lambda: house.job(job_id).done)
    time.sleep(1)
    house.act(job_id, Action.pause)
    time.sleep(1.5)
    assert house.job(job_id).state is State.pausing, "nobody has killed it"
    with house.database.write() as session:
        session.execute(update(Job).values(asked_at=now() - FORCE_AFTER))
    house.act(job_id, Action.force)
    job = house.wait(job_id, State.paused, seconds=10)
    assert house.kept() == list(range(1, job.done + 1))
    assert 0 < job.done < 60


def test_a_child_whose_heart_stops_ends_and_its_job_goes_on(build: Build) -> None:
    house = build(lease_seconds=1, workers=2).start()
    job_id = house.submit("keep_rows", items(100, r50="stop the heart"), once=True)
    job = house.wait(job_id)
    assert (job.state, job.attempt, job.done) == (State.completed, 2, 100)
    assert f"status {LOST}" in (house.attempts(job_id)[0].detail or "")


def test_a_job_longer_than_many_leases_is_never_stolen(build: Build) -> None:
    house = build(lease_seconds=1, workers=2).start()
    job = house.wait(house.submit("keep_rows", items(1), pause=5))
    assert (job.state, job.attempt) == (State.completed, 1)


def test_job_types_that_take_longer_than_a_lease_to_load_are_no_loss(build: Build, tmp_path: Path) -> None:
    folder = tmp_path / "slow"
    folder.mkdir()
    source = "from webapp.authoring import job\n\n@job()\ndef quick() -> None:\n    ...\n"
    (folder / "slow.py").write_text(source)
    house = build(job_types=folder, lease_seconds=1).start()
    (folder / "slow.py").write_text(f"import time\ntime.sleep(3)\n{source}")
    job = house.wait(house.submit("quick"))
    assert (job.state, job.attempt) == (State.completed, 1)


def test_a_job_whose_code_was_broken_meanwhile_fails_and_does_not_run_for_ever(build: Build, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "own.py").write_text("from webapp.authoring import job\n\n@job()\ndef own() -> None:\n    ...\n")
    house = build(job_types=folder).start()
    (folder / "own.py").write_text("raise OSError('the wall is wet')\n")
    job = house.wait(house.submit("own"))
    assert (job.state, job.attempt) == (State.failed, 1)
    assert "could not be loaded" in (job.problem or "")


def test_leaving_gives_back_what_runs_and_is_quick_if_the_job_looks_for_it(build: Build, tmp_path: Path) -> None:
    house = build().start()
    job_id = house.submit("wait_for", mark=str(tmp_path / "mark"), until=str(tmp_path / "go"))
    house.wait_until((tmp_path / "mark").exists)
    assert house.stop() < 5
    job = house.job(job_id)
    assert (job.state, job.stalls, job.worker) == (State.queued, 0, None)
    (tmp_path / "go").touch()
    house.start()
    assert house.wait(job_id).attempt == 2


def test_leaving_does_not_wait_for_ever(build: Build) -> None:
    house = build().start(drain_s=1.5)
    job_id = house.submit("keep_rows", items(20, r10="spin"))
    house.wait(job_id, State.running)
    time.sleep(1)
    assert 1.4 < house.stop() < 5
    job = house.job(job_id)
    assert (job.state, job.stalls) == (State.queued, 0)
    assert not house.engine.health().running


def test_a_lost_worker_is_made_up_for_at_the_next_start(build: Build) -> None:
    house = build(lease_seconds=1)
    job_id = house.submit("keep_rows", items(10))
    house.claim(lease_seconds=0.5)
    checking = house.prepare("keep_rows", items(10))
    house.claim(Task.check, lease_seconds=0.5)
    house.start()
    assert (house.wait(job_id).state, house.job(job_id).attempt) == (State.completed, 2)
    assert house.wait(checking, State.ready).state is State.ready


@pytest.mark.any_engine
def test_two_engines_on_one_database_share_the_work(build: Build) -> None:
    one, two = build(workers=1).start(), build(workers=1).start()
    jobs = [one.submit("keep_some", rows=1) for _ in range(8)]
    states = {one.wait(job_id).state for job_id in jobs}
    assert states == {State.completed}
    assert one.kept() == [1] * 8
    assert {one.job(job_id).attempt for job_id in jobs} == {1}
    assert two.engine.health().running
