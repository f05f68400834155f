"""Cleaning up after each attempt of a job that wants it, whatever became of the attempt.

That it is due is written down before the function is called. It is done once the attempt is over, and what became of it
written down, by a process of its own, which is claimed like a job: neither can change the other. Until then the job's
next attempt does not begin. It may be done twice, and is given up after the third try.
"""

import asyncio
import logging
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, delete, exists, insert, select, update
from sqlmodel import Session, col

from webapp.authoring import Caller, JobFacts, ParamsError, UnknownJobType
from webapp.authoring.cleanup import Cleanup as CleanupFunction
from webapp.jobs.claims import Claim, Task
from webapp.jobs.lifecycle import WORKING, changed
from webapp.jobs.other_files import file_finder
from webapp.jobs.work import Work, Workshop
from webapp.services.data import FenceLostError
from webapp.store.database import DATABASE_TROUBLE, Database
from webapp.store.tables import Cleanup, Halt, Job, LogLine, User
from webapp.store.types import DatabaseNow

log = logging.getLogger("batchdesk.jobs")

LIMIT_SECONDS = 60.0
HELD_SECONDS = 75.0  # as long as one process may take, and its end
PAUSE_SECONDS = 30.0  # after a try that failed
MOST_TRIES = 3
DID_NOT_WORK = "Cleaning up after try {} did not work. An administrator finds the details in the desk's log."


def expect_cleanup(work: Work) -> None:
    """Write down that what this attempt leaves has to be cleaned up, if its job wants that.

    Raises:
        FenceLostError: the claim is no longer the job's.
    """
    if work.job_type.cleanup is None:
        return
    ours = (col(Job.id) == work.job_id, col(Job.fence) == work.claim.fence, col(Job.state).in_(WORKING))
    due = insert(Cleanup).values(job_id=work.job_id, attempt=work.claim.attempt, due_at=DatabaseNow(), tries=0)
    with work.shop.database.write() as session:
        if changed(session, update(Job).where(*ours).values(fence=Job.fence)) != 1:
            raise FenceLostError(f"job {work.job_id} has a newer claim than {work.claim.fence}")
        session.execute(due)


def not_cleaned_up() -> Select[UUID]:
    """The jobs after whose attempts something has to be cleaned up yet, or just is."""
    return select(col(Cleanup.job_id)).where((col(Cleanup.tries) < MOST_TRIES) | (col(Cleanup.due_at) > DatabaseNow()))


def claim_cleanup(database: Database) -> Claim | None:
    """Take what has to be cleaned up after a job that nobody works on."""
    due = (col(Cleanup.due_at) <= DatabaseNow(), col(Cleanup.tries) < MOST_TRIES)
    query = select(Cleanup, col(Job.fence), col(Job.job_type)).join(Job, col(Job.id) == col(Cleanup.job_id))
    query = query.where(*due, col(Job.state).not_in(WORKING), ~exists(select(col(Halt.id)))).limit(1)
    with database.read() as session:
        found = session.execute(query).one_or_none()
    if found is None:
        return None
    claim = Claim(found[0].job_id, found[1], found[0].attempt, Task.clean, found[2])
    return claim if _take(database, claim.job_id, claim.attempt) else None


def clean_up(shop: Workshop, claim: Claim) -> None:
    """Do what such a claim is for."""
    with shop.database.read() as session:
        job = session.get_one(Job, claim.job_id)
        session.expunge(job)
    try:
        cleanup = shop.registry.get(job.job_type).cleanup
    except UnknownJobType:
        with shop.database.write() as session:  # its code may come back; else the tries come to an end
            _try_again(session, job.id, claim.attempt)
        return
    if cleanup is not None:
        _clean_up(shop, job, cleanup, claim.attempt)
    else:
        _note_done(shop.database, job.id, claim.attempt)


def _that(job_id: UUID, attempt: int) -> tuple[ColumnElement[bool], ...]:
    return col(Cleanup.job_id) == job_id, col(Cleanup.attempt) == attempt


def _take(database: Database, job_id: UUID, attempt: int) -> bool:
    due = (col(Cleanup.due_at) <= DatabaseNow(), col(Cleanup.tries) < MOST_TRIES)
    statement = update(Cleanup).where(*_that(job_id, attempt), *due)
    with database.write() as session:
        return changed(session, statement.values(due_at=DatabaseNow(HELD_SECONDS), tries=Cleanup.tries + 1)) == 1


def _note_done(database: Database, job_id: UUID, attempt: int) -> None:
    with database.write() as session:
        changed(session, delete(Cleanup).where(*_that(job_id, attempt)))


def _try_again(session: Session, job_id: UUID, attempt: int) -> None:
    """After a while; after the last try nobody waits for it any more."""
    due_at = case((col(Cleanup.tries) < MOST_TRIES, DatabaseNow(PAUSE_SECONDS)), else_=DatabaseNow())
    changed(session, update(Cleanup).where(*_that(job_id, attempt)).values(due_at=due_at))


def _clean_up(shop: Workshop, job: Job, cleanup: CleanupFunction, attempt: int) -> None:
    """Call the function, and note that it is done; if it fails, it is due again."""
    try:
        _call(shop, job, cleanup, attempt)
    except DATABASE_TROUBLE:
        log.exception("job %s: after attempt %s nothing could be cleaned up yet", job.id, attempt)
    except (Exception, SystemExit, asyncio.CancelledError):
        log.exception("job %s: cleaning up after attempt %s failed", job.id, attempt)
        with shop.database.write() as session:
            _try_again(session, job.id, attempt)
            _tell(session, job, attempt)
    else:
        _note_done(shop.database, job.id, attempt)


def _call(shop: Workshop, job: Job, cleanup: CleanupFunction, attempt: int) -> None:
    job_type = shop.registry.get(job.job_type)
    try:
        params = job_type.load(job.params, shop.secrets.unlock(job.secrets), file_finder(shop.database, shop.files))
    except ParamsError as error:
        raise ValueError(f"the job's parameters no longer fit: {error}") from error
    with shop.database.read() as session:
        owner = session.get_one(User, job.owner_id).name
    submitted_at = job.queued_at or job.created_at
    facts = JobFacts(job.id, job.number, job.job_type, owner, attempt, job.file_name, submitted_at, job.request)
    with Caller(cleanup, {"settings": shop.settings}, shop.overrides_for(cleanup.services)) as caller:
        caller(**cleanup.arguments(params, facts))


def _tell(session: Session, job: Job, attempt: int) -> None:
    line = LogLine(job_id=job.id, attempt=attempt, level="warning", message=DID_NOT_WORK.format(attempt))
    session.add(line)
    changed(session, update(Job).where(col(Job.id) == job.id).values(revision=Job.revision + 1))
