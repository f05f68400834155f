"""Cleaning up after each attempt, whatever became of it."""

import logging
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import select

from tests.jobs.bench import Bench, items
from webapp.jobs.claims import Task, release
from webapp.jobs.cleanup import HELD_SECONDS, PAUSE_SECONDS, claim_cleanup
from webapp.jobs.run import run_claim, work_to_the_end
from webapp.jobs.work import StopFlag
from webapp.kit import now
from webapp.store.tables import Cleanup, Halt, Job, State

pytestmark = pytest.mark.both_databases


def swept(folder: Path) -> list[int]:
    """After which attempts, in order."""
    there = folder / "swept"
    return [int(line.split()[0]) for line in there.read_text().splitlines()] if there.exists() else []


def due(bench: Bench) -> list[Cleanup]:
    with bench.database.read() as session:
        found = list(session.exec(select(Cleanup)).all())
        session.expunge_all()
    return found


def left(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("left by *"))


def clean(bench: Bench) -> None:
    """As the worker does beside the jobs."""
    while claim := bench.try_claim(Task.clean):
        work_to_the_end(bench.shop, claim, StopFlag())


def let_time_pass(bench: Bench) -> None:
    """Until all is due."""
    with bench.database.write() as session:
        session.execute(update(Cleanup).values(due_at=now() - timedelta(seconds=1)))


def lose_attempt(bench: Bench, attempt: int) -> None:
    """An attempt whose process is killed once its function was called."""
    claim = bench.claim()
    with bench.database.write() as session:
        session.add(Cleanup(job_id=claim.job_id, attempt=attempt, due_at=now(), tries=0))
    release(bench.database, claim, lost=True)


@pytest.mark.parametrize(
    ("how", "state"),
    [
        ("", State.completed),
        ("error", State.failed),
        ("refuse", State.failed),
        ("stop", State.failed),
        ("exit", State.failed),
        ("later", State.scheduled),
    ],
)
def test_it_is_done_whatever_the_function_does(how: str, state: State, bench: Bench, tmp_path: Path) -> None:
    job = bench.run("leave_mess", folder=str(tmp_path), how=how)
    assert (job.state, swept(tmp_path)) == (state, []), "what became of the job is written down first"
    clean(bench)
    assert (bench.job(job.id).state, swept(tmp_path), left(tmp_path), due(bench)) == (state, [1], [], [])


def test_a_row_job_is_cleaned_up_once_and_async(bench: Bench, tmp_path: Path) -> None:
    job = bench.run("leave_mess_rows", items(5, r2="error"), folder=str(tmp_path))
    assert bench.counts(job.id) == {"done": 4, "failed": 1}
    clean(bench)
    assert (swept(tmp_path), due(bench)) == ([1], [])


def test_a_claim_that_is_lost_leaves_nothing_to_clean_up_and_touches_nothing(bench: Bench, tmp_path: Path) -> None:
    bench.submit("leave_mess", folder=str(tmp_path))
    work = bench.work()
    release(bench.database, work.claim, lost=True)
    bench.claim()
    run_claim(work)
    assert (swept(tmp_path), left(tmp_path), due(bench)) == ([], [], [])


def test_one_that_loses_its_claim_does_not_clean_up_under_the_next_ones_feet(bench: Bench, tmp_path: Path) -> None:
    bench.submit("leave_mess", folder=str(tmp_path), how="wait")
    work = bench.work()
    attempt = threading.Thread(target=run_claim, args=(work,))
    attempt.start()
    while not left(tmp_path):
        time.sleep(0.02)
    release(bench.database, work.claim, lost=True)
    clean(bench)
    assert swept(tmp_path) == [1]
    bench.claim()
    (tmp_path / "go on").touch()
    attempt.join()
    assert (swept(tmp_path), due(bench)) == ([1], [])


def test_what_a_killed_attempt_left_is_cleaned_up_before_the_next_begins(bench: Bench, tmp_path: Path) -> None:
    job_id = bench.submit("leave_mess", folder=str(tmp_path))
    lose_attempt(bench, 1)
    assert bench.try_claim() is None, "it does not begin before that"
    clean(bench)
    job = bench.run_waiting(job_id)
    clean(bench)
    assert (job.state, swept(tmp_path), due(bench)) == (State.completed, [1, 2], [])
    assert bench.log(job_id) == [("info", "found 1")], "the first was done before the second began"


def test_after_a_job_that_does_not_go_on_it_is_claimed_like_one(bench: Bench, tmp_path: Path) -> None:
    bench.submit("leave_mess", folder=str(tmp_path))
    for attempt in (1, 2, 3):
        lose_attempt(bench, attempt)
        clean(bench)
    assert (swept(tmp_path), due(bench)) == ([1, 2, 3], [])


def test_another_of_which_one_runs_at_a_time_begins_once_that_is_done(bench: Bench, tmp_path: Path) -> None:
    for _ in range(2):
        bench.submit("leave_mess", folder=str(tmp_path))
    with bench.database.write() as session:
        session.execute(update(Job).values(only_one="the folder"))
    work_to_the_end(bench.shop, bench.claim(), StopFlag())
    assert bench.try_claim() is None
    clean(bench)
    bench.claim()


def test_two_never_take_the_same_and_one_that_dies_over_it_is_followed_by_another(bench: Bench, tmp_path: Path) -> None:
    bench.submit("leave_mess", folder=str(tmp_path))
    for _ in range(3):
        release(bench.database, bench.claim(), lost=True)
    with bench.database.write() as session:
        job_id = session.exec(select(Job.id)).one()
        session.add(Cleanup(job_id=job_id, attempt=3, due_at=now(), tries=0))
    for tries in (1, 2, 3):
        assert claim_cleanup(bench.database) is not None
        assert claim_cleanup(bench.database) is None
        (waiting,) = due(bench)
        assert waiting.tries == tries
        assert (waiting.due_at - now()).total_seconds() > HELD_SECONDS - 10
        let_time_pass(bench)
    assert claim_cleanup(bench.database) is None, "given up after the third"


@pytest.mark.parametrize("how", ["broken", "called off"])
def test_one_that_fails_is_told_and_does_not_change_what_became_of_the_job(
    how: str, bench: Bench, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / how).touch()
    job = bench.run("leave_mess", folder=str(tmp_path))
    with caplog.at_level(logging.ERROR):
        clean(bench)
    assert bench.job(job.id).state is State.completed
    told = "Cleaning up after try 1 did not work. An administrator finds the details in the desk's log."
    assert ("warning", told) in bench.log(job.id)
    assert "cleaning up after attempt 1 failed" in caplog.text
    (waiting,) = due(bench)
    assert PAUSE_SECONDS - 10 < (waiting.due_at - now()).total_seconds() <= PAUSE_SECONDS + 1
    (tmp_path / how).unlink()
    let_time_pass(bench)
    clean(bench)
    assert (swept(tmp_path), due(bench)) == ([1], [])


def test_the_next_attempt_does_not_wait_for_what_was_given_up(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    bench.submit("leave_mess", folder=str(tmp_path))
    lose_attempt(bench, 1)
    for _ in range(3):
        assert bench.try_claim() is None
        let_time_pass(bench)
        clean(bench)
    bench.claim()


def test_what_can_not_be_cleaned_up_any_more_holds_up_nobody(bench: Bench) -> None:
    bench.submit("keep_some")
    lose_attempt(bench, 1)
    clean(bench)
    assert due(bench) == [], "the job's new code does not want it"


def test_nothing_is_cleaned_up_while_the_desk_stands_still(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    bench.run("leave_mess", folder=str(tmp_path))
    with bench.database.write() as session:
        session.add(Halt(reason="restored"))
    assert claim_cleanup(bench.database) is None
