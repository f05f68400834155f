"""Taking jobs back from workers that are gone: what they did is written down first, then the job goes on or ends."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from itertools import chain
from typing import Final
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from webapp.authoring import ComeBackLater, JobError
from webapp.intake import Position
from webapp.jobs.batch import Batch
from webapp.jobs.claims import Claim, Task, ends_when_released, release
from webapp.jobs.ledger import Ledger
from webapp.jobs.lifecycle import WORKING, changed
from webapp.jobs.sending import Intent
from webapp.services.data import FenceLostError, Marker
from webapp.services.databases import Databases
from webapp.store.database import Database
from webapp.store.tables import Job, State
from webapp.store.types import DatabaseNow

log = logging.getLogger("batchdesk.jobs")

FAR_AHEAD_SECONDS: Final = 60.0  # of a lease beyond what is given here: clocks differ, and so may settings

_HELD: Final = (col(Job.state).in_([*WORKING, State.checking]), col(Job.worker).is_not(None))
"""Of jobs: somebody works on them, or did."""

IN_DOUBT = (
    "The job was cancelled, and its database could not be asked what it has taken, so nobody can tell which of "
    "the rows from here on are there. Look there. What was said: {}"
)


def settle(marker: Marker | None, ledger: Ledger, job: Job, *, ends: bool = False) -> Batch | None:
    """Write down what a claim that is gone no longer could.

    That is the last batch whose effects reached the data database, and a row that was being sent: it is unknown.

    Args:
        marker: what `DataDatabase.take` gave. The job is read after it, unless an older claim can't change it any more.
        ledger: the ledger of the job's present claim.
        job: the job as it stands under that claim; its checkpoint is moved.
        ends: the job ends here, so that a row with a key will not be sent again: it is unknown like any other.

    Returns:
        The batch, whoever wrote it down; None if nothing has reached the data database yet.

    Raises:
        FenceLostError: the job has a newer claim, or the batch was written down in this moment.
    """
    last = None
    if marker is not None:
        last = Batch.from_json(marker.batch)
        if _is_missing(ledger, job, last):
            _write_down(ledger, job, last)
    intent = None if job.sending is None else Intent.from_json(job.sending)
    if intent is not None and (ends or not intent.keyed):
        _write_down(ledger, job, intent.batch())
    return last


def target_of(database: Database, job_id: UUID) -> str | None:
    """The named database that a job writes into; None if that is the desk's data database."""
    with database.read() as session:
        return session.exec(select(Job.target).where(col(Job.id) == job_id)).one_or_none()


def read_job(database: Database, job_id: UUID) -> Job:
    """A job as it stands now."""
    with database.read() as session:
        job = session.get_one(Job, job_id)
        session.expunge(job)
    return job


def _is_missing(ledger: Ledger, job: Job, batch: Batch) -> bool:
    if batch.again is not None:
        return ledger.is_waiting_again(batch)
    if not batch.rows:  # there is no row to account for, only perhaps that the function has returned
        return batch.returned and job.checkpoint is None
    return batch.start == (Position.from_json(job.checkpoint).row if job.checkpoint else 1)


def _write_down(ledger: Ledger, job: Job, batch: Batch) -> None:
    ledger.commit(batch)
    job.sending = None
    if batch.again is None:
        job.checkpoint = batch.end.to_json()


def take_back(database: Database, data: Databases, claim: Claim, *, lost: bool, detail: str | None = None) -> None:
    """Take a job from a worker that is gone, or may be.

    Before the job may go on or end, the account must hold what the worker did last: rows whose effects are in the
    data database are done, even if the worker died before it could say so.

    Args:
        database: the desk's database.
        data: the databases that jobs write into; what is asked is the job's own.
        claim: what the worker held; an old claim changes nothing.
        lost: the worker died over it, rather than was asked to stop.
        detail: what an administrator may read about the attempt.
    """
    try:
        if _complete_account(database, data, claim, lost=lost, ends=False):
            release(database, claim, lost=lost, detail=detail)
    except (JobError, ComeBackLater) as error:
        _end_in_doubt(database, claim, error, detail)


def stop(database: Database, data: Databases, claim: Claim, problem: str, detail: str | None = None) -> None:
    """Take a job from a worker that was killed over it, and end it for good. See `take_back`.

    Args:
        database: the desk's database.
        data: the databases that jobs write into; what is asked is the job's own.
        claim: what the worker held; an old claim changes nothing.
        problem: why the job may not go on.
        detail: what an administrator may read about the attempt.
    """
    try:
        if _complete_account(database, data, claim, lost=False, ends=True):
            release(database, claim, lost=False, detail=detail, problem=problem)
    except (JobError, ComeBackLater) as error:
        _end_in_doubt(database, claim, error, detail)


def note_waiting(database: Database, claim: Claim, reason: str) -> None:
    """Say on a job's page why it can't be taken back yet."""
    ours = (col(Job.id) == claim.job_id, col(Job.fence) == claim.fence, col(Job.state).in_(WORKING))
    news = (col(Job.problem).is_(None) | (col(Job.problem) != reason),)
    with database.write() as session:
        changed(session, update(Job).where(*ours, *news).values(problem=reason, revision=Job.revision + 1))


def _complete_account(database: Database, data: Databases, claim: Claim, *, lost: bool, ends: bool) -> bool:
    """Write down what a claim's worker no longer could; False if the claim is not the job's any more."""
    job = read_job(database, claim.job_id)
    if job.fence == claim.fence and job.state in WORKING:
        with suppress(FenceLostError):
            # one more than the claim's, to keep out a worker that is taken for dead and may not be
            marker = data.of(job.target).take(job.id, claim.fence + 1)
            job = read_job(database, claim.job_id)
            if job.fence == claim.fence:
                ends = ends or ends_when_released(job, lost=lost)
                settle(marker, Ledger(database, claim, 0), job, ends=ends)
    return job.fence == claim.fence


def _end_in_doubt(database: Database, claim: Claim, error: JobError | ComeBackLater, detail: str | None) -> None:
    """End a job that was called off, without what its database knows: that can't be asked, by this error.

    Only once its lease is over, for until then its worker may say it. A database that may come back is waited for,
    unless the job is to end by force.
    """
    ours = (col(Job.id) == claim.job_id, col(Job.fence) == claim.fence, col(Job.state) == State.cancelling)
    query = select(Job.forced).where(*ours, col(Job.lease_until) < DatabaseNow())
    with database.read() as session:
        forced = session.exec(query).one_or_none()
    if forced is None or (isinstance(error, ComeBackLater) and not forced):
        raise error
    release(database, claim, lost=True, detail=detail, doubt=IN_DOUBT.format(error))


class LeasesAhead:
    """Leases that end later than any that is given now: the clock was set back after they were.

    Whoever holds one and is alive renews it within moments, by the clock as it is now. One that stays as it is for as
    long as a lease holds was a dead worker's: its job would be stuck until the clock is there again.
    """

    def __init__(self, lease_seconds: float) -> None:
        self._lease_seconds = lease_seconds
        self._seen: dict[tuple[Claim, datetime | None], float] = {}

    def abandoned(self, database: Database) -> list[Claim]:
        """Those that nobody has renewed since they were first found here, for as long as a lease holds."""
        ahead = col(Job.lease_until) > DatabaseNow(self._lease_seconds + FAR_AHEAD_SECONDS)
        with database.read() as session:
            found = [(_claim_of(job), job.lease_until) for job in session.exec(select(Job).where(ahead, *_HELD))]
        now = time.monotonic()
        self._seen = {lease: self._seen.get(lease, now) for lease in found}
        return [claim for (claim, _), since in self._seen.items() if now - since > self._lease_seconds]


def take_back_expired(
    database: Database,
    data: Databases,
    aside: Callable[[Claim], bool] = lambda _: False,
    ahead: LeasesAhead | None = None,
) -> int:
    """Take back every job whose worker has been silent for longer than its lease.

    Args:
        database: the desk's database.
        data: as for `take_back`.
        aside: whether a claim is seen to elsewhere, because its database may be waited for.
        ahead: what the caller remembers of leases that a clock has left behind.

    Returns:
        How many there were.
    """
    count = 0
    for claim in chain(_expired(database), ahead.abandoned(database) if ahead else ()):
        try:
            if not aside(claim):
                take_back(database, data, claim, lost=True)
                count += 1
        except Exception:
            log.exception("job %s could not be taken back; it is tried again", claim.job_id)
    return count


def _expired(database: Database) -> Iterator[Claim]:
    """One by one, each looked up when it is its turn: many may wait, and a late sign of life still counts."""
    last = UUID(int=0)
    while True:
        statement = select(Job).where(col(Job.lease_until) < DatabaseNow(), *_HELD, col(Job.id) > last)
        with database.read() as session:
            job = session.exec(statement.order_by(col(Job.id)).limit(1)).one_or_none()
        if job is None:
            return
        last = job.id
        yield _claim_of(job)


def _claim_of(job: Job) -> Claim:
    task = Task.check if job.state is State.checking else Task.run
    return Claim(job.id, job.fence, job.attempt, task, job.job_type)
