"""Stopping: at the next row, with every row before it accounted for and none done twice."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.jobs.bench import Bench, items
from webapp.jobs.claims import Claim
from webapp.jobs.deeds import Action
from webapp.jobs.run import work_to_the_end
from webapp.jobs.work import StopFlag
from webapp.store.tables import Job, State


def stop_when(bench: Bench, claim: Claim, ready: Callable[[Job], bool]) -> float:
    """Work on a claim and ask to stop once the job is so far; how long it took from then."""
    stop = StopFlag()
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work_to_the_end, bench.shop, claim, stop)
        deadline = time.monotonic() + 30
        while not ready(bench.job(claim.job_id)) and not working.done() and time.monotonic() < deadline:
            time.sleep(0.01)
        asked = time.monotonic()
        stop.set()
        working.result()
    return time.monotonic() - asked


def has_begun(job: Job) -> bool:
    """Whether something of it is accounted for."""
    return job.accounted > 0


@pytest.mark.parametrize(("job_type", "params"), [("keep_rows", {"pause": 0.03}), ("slow_table", {})])
def test_a_job_that_is_stopped_is_given_back_and_goes_on_at_the_very_next_row(
    job_type: str, params: dict[str, float], bench: Bench
) -> None:
    job_id = bench.submit(job_type, items(40), **params)
    assert stop_when(bench, bench.claim(), has_begun) < 1
    job = bench.job(job_id)
    assert (job.state, job.stalls) == (State.queued, 0)
    assert 0 < job.done < 40
    assert bench.attempts(job_id)[0].ended == "given back"
    bench.run_waiting(job_id)
    assert bench.job(job_id).state is State.completed
    if job_type == "slow_table":
        assert [message for _, message in bench.log(job_id)] == [f"row {row}" for row in range(1, 41)]
    else:
        assert bench.kept() == list(range(1, 41))


def test_a_slow_job_says_row_by_row_how_far_it_is(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(60), pause=0.25)  # of one slice of the file, and longer than we wait
    stop = StopFlag()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work_to_the_end, bench.shop, bench.claim(), stop)
        deadline = time.monotonic() + 10
        while not (seen := bench.job(job_id).done) and time.monotonic() < deadline:
            time.sleep(0.05)
        stop.set()
    assert 0 < seen < 60
    assert bench.kept() == list(range(1, bench.job(job_id).done + 1))


def test_a_row_that_notices_a_cancellation_keeps_the_rows_before_it_and_nothing_of_its_own(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.jobs.rows.COMMIT_SECONDS", 0)
    job_id = bench.submit("patient_rows", items(10, r7="wait"))
    claim = bench.claim()
    bench.act(job_id, Action.cancel)
    stop_when(bench, claim, lambda job: job.accounted == 6)
    assert bench.job(job_id).state is State.cancelled
    assert bench.ranges(job_id) == [(1, 6, "done"), (7, 10, "skipped")]
    assert bench.kept() == [1, 2, 3, 4, 5, 6]
    assert bench.attempts(job_id)[0].ended == "cancelled"


OBEYED = {None: ("queued", "given back"), Action.cancel: ("cancelled", "cancelled"), Action.pause: ("paused", "paused")}


@pytest.mark.parametrize("action", OBEYED)
@pytest.mark.parametrize("job_type", ["obey", "obey_table", "obey_rows"])
def test_a_function_that_obeys_by_returning_has_not_done_its_work(
    job_type: str, action: Action | None, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.jobs.rows.COMMIT_SECONDS", 0)
    job_id = bench.submit(job_type, None if job_type == "obey" else items(6, r4="wait"))
    claim = bench.claim()
    if action:
        bench.act(job_id, action)
    begun = time.monotonic()
    stop_when(bench, claim, lambda job: job.accounted >= 2 or time.monotonic() > begun + 0.3)
    state, ended = OBEYED[action]
    job = bench.job(job_id)
    assert (job.state, bench.attempts(job_id)[0].ended) == (state, ended)
    assert job.done <= 3, "the row in which it was told is not done"
    if job_type == "obey_rows":
        assert bench.kept() == list(range(1, job.done + 1))


def test_one_whose_time_is_up_has_failed_however_it_obeys(bench: Bench) -> None:
    job_id = bench.submit("obey")
    claim, stop = bench.claim(), StopFlag()
    stop.set("Its time is up.")
    work_to_the_end(bench.shop, claim, stop)
    assert (bench.job(job_id).state, bench.job(job_id).problem) == (State.failed, "Its time is up.")


def test_a_job_of_bad_rows_only_can_be_stopped_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.jobs.rows.SLICE", 1)
    job_id = bench.submit("keep_rows", "id,do\n" + "x,\n" * 200_000)
    stop_when(bench, bench.claim(), has_begun)
    job = bench.job(job_id)
    assert job.state is State.queued
    assert 0 < job.rejected < 200_000


def test_what_was_learnt_of_errors_survives_a_stop(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(40, r1="error"), pause=0.02)
    stop_when(bench, bench.claim(), has_begun)
    assert "row 1:\nTraceback" in (bench.attempts(job_id)[0].detail or "")


def test_an_operator_who_cancels_too_late_gets_what_was_finished(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(3))
    claim = bench.claim()
    bench.act(job_id, Action.cancel)
    work_to_the_end(bench.shop, claim, StopFlag())
    assert bench.job(job_id).state is State.completed


def test_a_job_that_fails_while_it_is_cancelled_is_cancelled(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(3, r2="give up"))
    claim = bench.claim()
    bench.act(job_id, Action.cancel)
    work_to_the_end(bench.shop, claim, StopFlag())
    assert bench.job(job_id).state is State.cancelled
    assert bench.ranges(job_id) == [(1, 1, "done"), (2, 2, "failed"), (3, 3, "skipped")]
