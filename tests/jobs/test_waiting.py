"""A job that asks for it waits, and goes on at the row where it was; who does not want to be asked is left alone."""

import errno
from pathlib import Path

import pytest

from tests.jobs.bench import Bench, items
from webapp.authoring import ComeBackLater
from webapp.jobs.deeds import Action
from webapp.jobs.waiting import seconds_asked, waiting_for
from webapp.kit import now
from webapp.store.tables import Job, State


def come_back(bench: Bench, job: Job) -> Job:
    """Its time has come."""
    with bench.database.write() as session:
        session.get_one(Job, job.id).run_at = None
    return bench.run_waiting(job.id)


def assert_waits(job: Job, seconds: float) -> None:
    assert job.run_at is not None
    assert job.state is State.scheduled
    assert seconds - 10 < (job.run_at - now()).total_seconds() <= seconds + 1


def said(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "said").read_text().split()]


@pytest.mark.parametrize("how", ["early", "within", "key"])
def test_the_job_waits_and_goes_on_at_this_row(how: str, bench: Bench, tmp_path: Path) -> None:
    job = bench.run("call_rows", items(9, r1=how, r4=how, r5=how), folder=str(tmp_path))
    for done in (0, 3, 4):
        assert_waits(job, 120)
        assert job.problem == "The line is busy."
        assert bench.counts(job.id) == ({"done": done} if done else {})
        job = come_back(bench, job)
    assert (job.state, job.problem, job.retries, job.stalls) == (State.completed, None, 0, 0)
    assert said(tmp_path) == list(range(1, 10)), "each once"


def test_after_something_was_sent_the_row_is_unknown_and_the_next_one_waits(bench: Bench, tmp_path: Path) -> None:
    job = bench.run("call_rows", items(4, r2="after"), folder=str(tmp_path))
    assert_waits(job, 120)
    assert bench.counts(job.id) == {"done": 1, "unknown": 1}
    assert come_back(bench, job).state is State.needs_attention
    assert said(tmp_path) == [1, 2, 3, 4]


def test_it_may_wait_for_ever(bench: Bench, tmp_path: Path) -> None:
    job = bench.run("call_rows", items(3, r2="early"), folder=str(tmp_path))
    for _ in range(5):
        (tmp_path / "2").unlink()
        job = come_back(bench, job)
        assert_waits(job, 120)
    assert come_back(bench, job).state is State.completed


def test_a_table_goes_on_at_the_batch(bench: Bench, tmp_path: Path) -> None:
    job = bench.run("call_tables", items(8, r5="wait"), folder=str(tmp_path))
    assert_waits(job, 120)
    assert bench.counts(job.id) == {"done": 4}
    assert come_back(bench, job).state is State.completed
    assert said(tmp_path) == list(range(1, 9))


def test_a_job_that_is_called_off_meanwhile_is_called_off(bench: Bench, tmp_path: Path) -> None:
    job_id = bench.submit("call_rows", items(3, r2="early"), folder=str(tmp_path))
    bench.act(bench.run_waiting(job_id).id, Action.cancel)
    assert bench.job(job_id).state is State.cancelled
    assert bench.counts(job_id) == {"done": 1, "skipped": 2}


@pytest.mark.parametrize(("asked", "seconds"), [(300, 300), (0.5, 1), (None, 1), (10**9, 86_400)])
def test_who_refuses_a_job_is_not_asked_again_before(asked: float | None, seconds: float, bench: Bench) -> None:
    assert_waits(bench.run("call_once", seconds=asked), seconds)


def test_who_refuses_rows_is_not_asked_again_before_the_longest_time(bench: Bench, tmp_path: Path) -> None:
    job = bench.run("call_busy", items(5, r2="50", r4="200", r5="100"), folder=str(tmp_path))
    assert_waits(job, 200)
    assert bench.counts(job.id) == {"done": 2}
    assert come_back(bench, job).state is State.completed


@pytest.mark.parametrize("seconds", [-1, float("inf"), float("nan")])
def test_nobody_waits_for_less_than_nothing_or_for_ever_at_once(seconds: float) -> None:
    with pytest.raises(ValueError, match="waits for some seconds"):
        ComeBackLater("no", seconds)


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (ComeBackLater("busy", 0), 1),
        (ComeBackLater("busy", 10**9), 30 * 86_400),
        (OSError(errno.ENOSPC, "full"), 10),
        (KeyError(), None),
    ],
)
def test_how_long_is_waited(error: Exception, seconds: float | None) -> None:
    waiting = waiting_for(error)
    assert (waiting and waiting.seconds) == seconds


@pytest.mark.parametrize("value", ["soon", None, -5, float("nan"), True])
def test_nonsense_in_retry_after_counts_for_nothing(value: object) -> None:
    error = ConnectionError()
    error.retry_after = value  # type: ignore[attr-defined]
    assert seconds_asked(error) <= 1
