"""How long jobs ran and waited is in their records once they have ended, and what a request was is with each deed."""

from datetime import timedelta

import pytest
from sqlmodel import select

from tests.jobs.bench import Bench, items
from webapp.jobs.activity import activities
from webapp.jobs.claims import Task, release
from webapp.jobs.deeds import Action
from webapp.jobs.submission import StartAt, Submission
from webapp.kit import now
from webapp.store.activity import asked_by
from webapp.store.tables import Attempt, Job, State


def spent(bench: Bench, job: Job) -> int:
    with bench.database.read() as session:
        tried = session.exec(select(Attempt).where(Attempt.job_id == job.id)).all()
        return sum(
            round((each.finished_at - each.started_at).total_seconds() * 1000) for each in tried if each.finished_at
        )


def test_a_job_that_has_ended_says_how_long_it_ran_and_waited(bench: Bench) -> None:
    job = bench.run("keep_rows", items(5))
    assert job.queued_at
    assert job.started_at
    assert job.ran_ms == spent(bench, job)
    waited = (job.started_at - job.queued_at).total_seconds() * 1000
    assert job.waited_ms == pytest.approx(waited, abs=1)


def test_attempts_that_were_lost_count_and_pauses_do_not(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(5))
    release(bench.database, bench.claim(), lost=True)
    bench.act(job_id, Action.pause)
    with bench.database.write() as session:  # as if it had been paused for a day
        for attempt in session.exec(select(Attempt)):
            attempt.started_at -= timedelta(days=1, seconds=3)
            attempt.finished_at = attempt.started_at + timedelta(seconds=3)
        job = session.get_one(Job, job_id)
        job.started_at = now() - timedelta(days=1)
        job.queued_at = job.started_at - timedelta(seconds=2)
    bench.act(job_id, Action.resume)
    job = bench.run_waiting(job_id)
    assert job.ran_ms == spent(bench, job)
    assert 3000 <= job.ran_ms < 30_000
    assert job.waited_ms == 2000


def test_a_job_that_never_began_has_no_times(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(5))
    bench.act(job_id, Action.cancel)
    job = bench.job(job_id)
    assert (job.state, job.ran_ms, job.waited_ms) == (State.cancelled, None, None)


def test_waiting_for_a_set_time_is_no_waiting(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", items(3))
    bench.run_waiting(job_id, Task.check)
    bench.submissions.start(bench.user, job_id, {}, when=StartAt(run_at=now() + timedelta(hours=8)))
    with bench.database.write() as session:
        job = session.get_one(Job, job_id)
        due = now() - timedelta(seconds=2)
        job.queued_at, job.run_at = due - timedelta(hours=8), due
        activities(session, job_id)[0].detail = {"run_at": due.isoformat()}
    job = bench.run_waiting(job_id)
    assert job.waited_ms == pytest.approx(2000, abs=60_000)


@pytest.mark.parametrize("way", ["set_time", "hand_in"])
def test_waiting_for_a_time_that_was_changed_or_handed_in_is_no_waiting(way: str, bench: Bench) -> None:
    later = now() + timedelta(hours=8)
    when = StartAt(run_at=later if way == "hand_in" else later - timedelta(hours=2))
    upload = bench.upload(items(3))
    job_id = bench.submissions.submit(Submission(bench.user, "keep_rows", upload, when=when), {}).id
    if way == "set_time":
        bench.control().set_time(bench.user, job_id, later)
    with bench.database.write() as session:
        job = session.get_one(Job, job_id)
        due = now() - timedelta(seconds=2)
        job.queued_at, job.run_at = due - timedelta(hours=8), due
        newest = activities(session, job_id)[0]
        assert newest.detail["run_at"] == later.isoformat()
        newest.detail = {"run_at": due.isoformat()}
    assert bench.run_waiting(job_id).waited_ms == pytest.approx(2000, abs=60_000)


def test_a_job_that_is_tried_again_has_its_times_anew(bench: Bench) -> None:
    job = bench.run("keep_rows", items(5, r2="fail"))
    assert job.waited_ms is not None
    bench.act(job.id, Action.retry_rows)
    assert bench.job(job.id).finished_at is None
    again = bench.run_waiting(job.id)
    assert (again.ran_ms, again.waited_ms) == (spent(bench, again), None)


def test_what_is_done_with_a_job_tells_who_asked_from_where(bench: Bench) -> None:
    facts = {"method": "POST", "path": "/jobs", "client": "203.0.113.7", "request_id": "r" * 80}
    with asked_by(facts):
        job_id = bench.prepare("keep_rows", items(3, r2="maria@example.org"))
        bench.submissions.settle(bench.user, job_id, dates={})
    bench.act(job_id, Action.cancel)
    with bench.database.read() as session:
        cancelled, settled, handed_in = activities(session, job_id)
    assert (handed_in.action, handed_in.request, handed_in.request_id) == ("hand_in", facts, "r" * 64)
    assert (settled.action, settled.detail) == ("settle", {"parts": ["dates"]})
    assert (cancelled.action, cancelled.request, cancelled.user_id) == ("cancel", None, bench.user.id)
    assert "maria" not in str([each.model_dump() for each in (cancelled, settled, handed_in)])
