"""Schedules go on as long as any process of the desk is left, one without pages too."""

import time
from datetime import timedelta

from sqlmodel import select

from tests.jobs.bench import JOB_TYPES, Bench
from tests.running import RunningWorker
from webapp.jobs.lifecycle import ENDED
from webapp.jobs.plan import Plan, When
from webapp.jobs.schedules import Schedules
from webapp.kit import now
from webapp.store.tables import Job, Schedule, State

PATIENCE_S = 60.0


def test_a_worker_makes_the_job_that_is_due_and_runs_it(bench: Bench) -> None:
    schedules = Schedules(bench.submissions)
    plan = Plan("Keep some every month", "keep_some", When(cron="0 0 1 * *"), {"rows": 2})
    made = schedules.make(bench.user, plan, "key")
    with bench.database.write() as session:
        session.get_one(Schedule, made.id).next_at = now() - timedelta(days=1)
    worker = RunningWorker(bench.settings.data, job_types=str(JOB_TYPES), workers="1")
    try:
        worker.start()
        deadline = time.monotonic() + PATIENCE_S
        while not ended(bench):
            assert time.monotonic() < deadline, worker.log()
            time.sleep(0.05)
        assert worker.stop() == 0
    finally:
        worker.kill_quietly()
    assert [(job.schedule_id, job.state) for job in ended(bench)] == [(made.id, State.completed)]


def ended(bench: Bench) -> list[Job]:
    with bench.database.read() as session:
        jobs = [job for job in session.exec(select(Job)) if job.state in ENDED]
        session.expunge_all()
    return jobs
