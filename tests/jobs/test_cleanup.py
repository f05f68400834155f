"""Cleaning up after each attempt, whatever became of it."""

import logging
from pathlib import Path

import pytest
from sqlmodel import select

from tests.jobs.bench import Bench, items
from webapp.jobs.claims import Task, release
from webapp.jobs.cleanup import HELD_SECONDS, claim_cleanup
from webapp.jobs.queue import claim_next
from webapp.jobs.run import work_to_the_end
from webapp.jobs.work import StopFlag
from webapp.kit import new_id, now
from webapp.store.tables import Cleanup, Halt, Job, State


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
    assert (job.state, swept(tmp_path), left(tmp_path), due(bench)) == (state, [1], [], [])


def test_a_row_job_is_cleaned_up_once_and_async(bench: Bench, tmp_path: Path) -> None:
    job = bench.run("leave_mess_rows", items(5, r2="error"), folder=str(tmp_path))
    assert bench.counts(job.id) == {"done": 4, "failed": 1}
    assert (swept(tmp_path), due(bench)) == ([1], [])


def test_what_a_killed_attempt_left_is_cleaned_up_before_the_next_begins(bench: Bench, tmp_path: Path) -> None:
    job_id = bench.submit("leave_mess", folder=str(tmp_path))
    lose_attempt(bench, 1)
    assert claim_cleanup(bench.database) is None, "the job goes on at any moment"
    job = bench.run_waiting(job_id)
    assert (job.state, swept(tmp_path), due(bench)) == (State.completed, [1, 2], [])
    assert bench.log(job_id) == [("info", "found 1")], "the first was done before the second began"


def test_after_a_job_that_does_not_go_on_it_is_claimed_like_one(bench: Bench, tmp_path: Path) -> None:
    bench.submit("leave_mess", folder=str(tmp_path))
    for attempt in (1, 2, 3):
        lose_attempt(bench, attempt)
    while claim := claim_next(bench.database, new_id(), Task.clean, 60):
        work_to_the_end(bench.shop, claim, StopFlag())
    assert (sorted(swept(tmp_path)), due(bench)) == ([1, 2, 3], [])


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
        with bench.database.write() as session:
            session.get_one(Cleanup, (job_id, 3)).due_at = now()
    assert claim_cleanup(bench.database) is None, "given up after the third"


def test_one_that_fails_is_told_and_does_not_change_what_became_of_the_job(
    bench: Bench, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "broken").touch()
    with caplog.at_level(logging.ERROR):
        job = bench.run("leave_mess", folder=str(tmp_path))
    assert job.state is State.completed
    told = "Cleaning up after try 1 did not work. An administrator finds the details in the desk's log."
    assert ("warning", told) in bench.log(job.id)
    assert "the broom is broken" in caplog.text
    (tmp_path / "broken").unlink()
    claim = claim_cleanup(bench.database)
    assert claim is not None
    work_to_the_end(bench.shop, claim, StopFlag())
    assert (swept(tmp_path), due(bench)) == ([1], [])


def test_nothing_is_cleaned_up_while_the_desk_stands_still(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    bench.run("leave_mess", folder=str(tmp_path))
    with bench.database.write() as session:
        session.add(Halt(reason="restored"))
    assert claim_cleanup(bench.database) is None
