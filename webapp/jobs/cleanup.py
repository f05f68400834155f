"""Cleaning up after each attempt of a job that wants it, whatever became of the attempt.

That it is due is written down before the function is called. The attempt's own process cleans up when the function was
left. If that process was killed, the next attempt does it before it begins; for a job that does not go on, a process of
its own does, which is claimed like a job. It may be done twice, and is given up after the third try.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import delete, exists, select, update
from sqlmodel import Session, col

from webapp.authoring import Caller, JobFacts, ParamsError, UnknownJobType
from webapp.authoring.cleanup import Cleanup as CleanupFunction
from webapp.jobs.claims import Claim, Task
from webapp.jobs.lifecycle import WORKING, changed
from webapp.jobs.work import Work, Workshop
from webapp.kit import now
from webapp.store.database import DATABASE_TROUBLE, Database
from webapp.store.tables import Cleanup, Halt, Job, LogLine, State, User
from webapp.store.types import DatabaseNow

log = logging.getLogger("batchdesk.jobs")

LIMIT_SECONDS = 60.0
HELD_SECONDS = 75.0  # as long as one process may take, and its end
MOST_TRIES = 3
LOOK_SECONDS = 0.2
DID_NOT_WORK = "Cleaning up after try {} did not work. An administrator finds the details in the desk's log."


@contextmanager
def cleaned_up(work: Work) -> Iterator[None]:
    """Clean up what earlier attempts left, and after the block what this one leaves; an error there is only told.

    Raises:
        StopWorking: the worker was asked to stop, while another process still cleans up.
    """
    cleanup = work.job_type.cleanup
    if cleanup is None:
        yield
        return
    _clean_up_earlier(work, cleanup)
    with work.shop.database.write() as session:
        session.add(Cleanup(job_id=work.job_id, attempt=work.claim.attempt, due_at=now(), tries=0))
    try:
        yield
    finally:
        _clean_up(work.shop, work.job, cleanup, work.claim.attempt)


def claim_cleanup(database: Database) -> Claim | None:
    """Take what has to be cleaned up after a job that nobody works on, nor is about to."""
    busy = (*WORKING, State.queued)
    due = (col(Cleanup.due_at) <= DatabaseNow(), col(Cleanup.tries) < MOST_TRIES)
    query = select(Cleanup, col(Job.fence)).join(Job, col(Job.id) == col(Cleanup.job_id))
    query = query.where(*due, col(Job.state).not_in(busy), ~exists(select(col(Halt.id)))).limit(1)
    with database.read() as session:
        found = session.execute(query).one_or_none()
    if found is None:
        return None
    claim = Claim(found[0].job_id, found[1], found[0].attempt, Task.clean)
    return claim if _take(database, claim.job_id, claim.attempt) else None


def clean_up(shop: Workshop, claim: Claim) -> None:
    """Do what such a claim is for."""
    with shop.database.read() as session:
        job = session.get_one(Job, claim.job_id)
        session.expunge(job)
    try:
        cleanup = shop.registry.get(job.job_type).cleanup
    except UnknownJobType:
        return  # its code may come back; else the tries come to an end
    if cleanup is not None:
        _clean_up(shop, job, cleanup, claim.attempt)


def _clean_up_earlier(work: Work, cleanup: CleanupFunction) -> None:
    """What earlier attempts left; while another process is at it, wait for that."""
    while waiting := _left(work):
        for attempt in waiting:
            if _take(work.shop.database, work.job_id, attempt):
                _clean_up(work.shop, work.job, cleanup, attempt)
        work.raise_if_stopped()
        time.sleep(LOOK_SECONDS)


def _left(work: Work) -> list[int]:
    ours = (col(Cleanup.job_id) == work.job_id, col(Cleanup.tries) < MOST_TRIES)
    held = (col(Cleanup.job_id) == work.job_id, col(Cleanup.due_at) > DatabaseNow())
    query = select(col(Cleanup.attempt)).where((ours[0] & ours[1]) | (held[0] & held[1]))
    with work.shop.database.read() as session:
        return list(session.execute(query.order_by(col(Cleanup.attempt))).scalars())


def _take(database: Database, job_id: object, attempt: int) -> bool:
    statement = update(Cleanup).where(
        col(Cleanup.job_id) == job_id,
        col(Cleanup.attempt) == attempt,
        col(Cleanup.due_at) <= DatabaseNow(),
        col(Cleanup.tries) < MOST_TRIES,
    )
    with database.write() as session:
        return changed(session, statement.values(due_at=DatabaseNow(HELD_SECONDS), tries=Cleanup.tries + 1)) == 1


def _clean_up(shop: Workshop, job: Job, cleanup: CleanupFunction, attempt: int) -> None:
    """Call the function, and note that it is done; if it fails, it is due again."""
    ours = (col(Cleanup.job_id) == job.id, col(Cleanup.attempt) == attempt)
    try:
        _call(shop, job, cleanup, attempt)
    except DATABASE_TROUBLE:
        log.exception("job %s: after attempt %s nothing could be cleaned up yet", job.id, attempt)
    except (Exception, SystemExit):
        log.exception("job %s: cleaning up after attempt %s failed", job.id, attempt)
        with shop.database.write() as session:
            changed(session, update(Cleanup).where(*ours).values(due_at=DatabaseNow()))
            _tell(session, job, attempt)
    else:
        with shop.database.write() as session:
            changed(session, delete(Cleanup).where(*ours))


def _call(shop: Workshop, job: Job, cleanup: CleanupFunction, attempt: int) -> None:
    job_type = shop.registry.get(job.job_type)
    try:
        params = job_type.load(job.params, shop.secrets.unlock(job.secrets))
    except ParamsError as error:
        raise ValueError(f"the job's parameters no longer fit: {error}") from error
    with shop.database.read() as session:
        owner = session.get_one(User, job.owner_id).name
    submitted_at = job.queued_at or job.created_at
    facts = JobFacts(job.id, job.number, job.job_type, owner, attempt, job.file_name, submitted_at, job.request)
    with Caller(cleanup, {"settings": shop.settings}) as caller:
        caller(**cleanup.arguments(params, facts))


def _tell(session: Session, job: Job, attempt: int) -> None:
    line = LogLine(job_id=job.id, attempt=attempt, level="warning", message=DID_NOT_WORK.format(attempt))
    session.add(line)
    changed(session, update(Job).where(col(Job.id) == job.id).values(revision=Job.revision + 1))
