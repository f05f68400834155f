"""The whole story of a job: nothing that was done with it, or by itself, is left out."""

from datetime import timedelta

import pytest

from webapp.jobs.activity import activities, record
from webapp.kit import new_id, now
from webapp.store.database import Database
from webapp.store.tables import Activity, Attempt, Job, State, User
from webapp.web.history_view import history_of

MINUTE = timedelta(minutes=1)


@pytest.fixture
def job(database: Database, ann: User) -> Job:
    made = Job(number=1, owner_id=ann.id, job_type="clean_csv", state=State.running, created_at=now() - 60 * MINUTE)
    made.done = 25
    with database.write() as session:
        session.add(made)
    return made


def told(database: Database, job: Job, *attempts: Attempt) -> list[str]:
    """Who did what, in the order in which it was done."""
    with database.read() as session:
        story = history_of(session, job, attempts, activities(session, job.id))
    return [f"{deed.who} {deed.what}" for deed in reversed(story)]


def attempt(job: Job, number: int, ended: str | None, accounted_before: int = 0) -> Attempt:
    """One that began ten minutes after the one before, and took five."""
    start = job.created_at + 10 * number * MINUTE
    end = start + 5 * MINUTE if ended else None
    made = Attempt(job_id=job.id, number=number, worker=new_id(), ended=ended, accounted_before=accounted_before)
    made.started_at, made.finished_at = start, end
    return made


def test_a_crash_leaves_its_trace(database: Database, job: Job) -> None:
    story = told(database, job, attempt(job, 1, "lost"), attempt(job, 2, "given back"), attempt(job, 3, "completed"))
    assert story == [
        "Ann handed it in",
        "The desk began",
        "The desk was interrupted",
        "The desk went on",
        "The desk left off, to go on later",
        "The desk went on",
        "The desk finished it",
    ]


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_pause_after_the_first_rows_is_the_desks_own(
    database: Database, ann: User, job: Job, *, by_hand: bool
) -> None:
    if by_hand:
        with database.write() as session:
            session.add(Activity(user_id=ann.id, job_id=job.id, action="pause", at=job.created_at + 14 * MINUTE))
    story = told(database, job, attempt(job, 1, "paused"), attempt(job, 2, None, accounted_before=10))
    paused = "Ann paused it" if by_hand else "The desk paused it after the first 10 rows"
    assert story == ["Ann handed it in", "The desk began", paused, "The desk went on"]


def test_what_a_schedule_made_nobody_has_handed_in(database: Database, job: Job) -> None:
    with database.write() as session:
        record(session, None, "made_by_schedule", job.id, name="Every night")
    assert told(database, job) == ["The desk made it by the schedule Every night"]
