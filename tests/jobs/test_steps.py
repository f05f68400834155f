"""The steps of a job as they are written down while it runs, and as they are told afterwards."""

import pytest

from tests.jobs.bench import Bench
from webapp.jobs.claims import release
from webapp.jobs.context import JobContext
from webapp.jobs.run import open_work
from webapp.jobs.steps import Step, steps_of
from webapp.services.data import FenceLostError
from webapp.store.tables import Job, State


def steps(bench: Bench, job: Job) -> tuple[Step, ...]:
    return steps_of(bench.attempts(job.id))


def told(bench: Bench, job: Job) -> list[tuple[str, str]]:
    return [(step.name, step.state) for step in steps(bench, job)]


def test_each_is_kept_with_its_state_and_duration(bench: Bench) -> None:
    job = bench.run("go_stepwise")
    assert job.state is State.completed
    assert told(bench, job) == [("Read the list", "done"), ("Reckon", "done"), ("Write the report", "done")]
    assert all(step.seconds is not None and 0 <= step.seconds < 30 for step in steps(bench, job))


@pytest.mark.parametrize(("how", "state"), [("error", "failed"), ("refuse", "failed"), ("stop", "stopped")])
def test_one_that_was_left_says_so_and_those_behind_it_are_not_there(how: str, state: str, bench: Bench) -> None:
    job = bench.run("go_stepwise", how=how)
    assert job.state is State.failed
    assert told(bench, job) == [("Read the list", "done"), ("Reckon", state)]


def test_it_is_seen_as_soon_as_it_begins_and_after_a_crash_it_broke_off(bench: Bench) -> None:
    job_id = bench.submit("go_stepwise")
    claim = bench.claim()
    before = bench.job(job_id).revision
    step = JobContext(open_work(bench.shop, claim)).step("Read the list")
    step.__enter__()
    job = bench.job(job_id)
    assert told(bench, job) == [("Read the list", "running")]
    assert job.revision > before, "whoever watches is told"
    release(bench.database, claim, lost=True)
    assert told(bench, job) == [("Read the list", "broke_off")]
    assert steps(bench, job)[0].seconds is None, "nobody knows how long it took"
    with pytest.raises(FenceLostError):
        step.__exit__(None, None, None)


def test_steps_follow_each_other(bench: Bench) -> None:
    job = bench.run("go_stepwise", how="nested")
    assert job.state is State.failed
    assert "'Reckon more' is begun within 'Reckon'" in (bench.attempts(job.id)[0].detail or "")


def test_there_are_not_more_than_can_be_shown(bench: Bench) -> None:
    assert bench.run("take_many_steps", steps=100).state is State.completed
    job = bench.run("take_many_steps", steps=101)
    assert job.state is State.failed
    assert "a job has at most 100 steps" in (bench.attempts(job.id)[0].detail or "")


def test_the_last_attempt_that_has_some_is_told(bench: Bench) -> None:
    job = bench.run("wait_at_second")
    assert told(bench, job) == [("Try 1", "stopped")]
    with bench.database.write() as session:
        session.get_one(Job, job.id).run_at = None
    assert told(bench, bench.run_waiting(job.id)) == [("Try 2", "done")]
