"""Taking a job, keeping it, and giving it back: who may work on it is decided here and nowhere else."""

from dataclasses import dataclass
from enum import StrEnum
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, case, select, update
from sqlmodel import Session, col

from webapp.jobs.account import close_account
from webapp.jobs.lifecycle import WORKING, Move, changed, move
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.tables import Attempt, Job, State
from webapp.store.types import DatabaseNow

MAX_STALLS = 3
"""A job claimed so often in a row without getting any further is stopped: its next row kills its worker."""


class Task(StrEnum):
    """What a claim is for: reading a file before the start, or the job itself."""

    check = "check"
    run = "run"


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a job, for as long as `fence` is the job's newest and the lease is kept."""

    job_id: UUID
    fence: int
    attempt: int
    task: Task


def claim_next(database: Database, worker: UUID, task: Task, lease_seconds: float) -> Claim | None:
    """Take the next waiting job: the highest priority first, then the one that waited longest.

    Returns:
        None when nothing waits.
    """
    candidate = (
        select(col(Job.id))
        .where(_waits_for(task))
        .order_by(col(Job.priority).desc(), col(Job.queued_at), col(Job.id))
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(Job)
        .where(col(Job.id) == candidate, _waits_for(task))
        .values(
            state=case((col(Job.state) == State.queued, State.running), else_=col(Job.state)),
            attempt=Job.attempt + (1 if task is Task.run else 0),
            started_at=case((col(Job.started_at).is_(None), DatabaseNow()), else_=col(Job.started_at))
            if task is Task.run
            else col(Job.started_at),
            fence=Job.fence + 1,
            stalls=Job.stalls + 1,
            worker=worker,
            lease_until=DatabaseNow(lease_seconds),
            revision=Job.revision + 1,
        )
        .returning(col(Job.id), col(Job.fence), col(Job.attempt))
    )
    with database.write() as session:
        row = session.execute(statement, execution_options={"synchronize_session": False}).one_or_none()
        if row is None:
            return None
        claim = Claim(row[0], row[1], row[2], task)
        if task is Task.run:
            _open_attempt(session, claim, worker)
        return claim


def renew(database: Database, claim: Claim, lease_seconds: float) -> State | None:
    """Keep a claim alive.

    Returns:
        The job's state, or None when the claim is lost and its holder must stop at once.
    """
    states = WORKING if claim.task is Task.run else {State.checking}
    statement = (
        update(Job)
        .where(col(Job.id) == claim.job_id, col(Job.fence) == claim.fence, col(Job.state).in_(states))
        .values(lease_until=DatabaseNow(lease_seconds))
        .returning(col(Job.state))
    )
    with database.write() as session:
        return cast(
            "State | None",
            session.execute(statement, execution_options={"synchronize_session": False}).scalar_one_or_none(),
        )


def release(database: Database, claim: Claim, *, lost: bool) -> None:
    """Take a job from a worker that no longer works on it: give it back, or end it if it was called off.

    Args:
        database: the desk's database.
        claim: what the worker held; an old claim changes nothing.
        lost: the worker died over it; a job that kills its workers again and again is stopped.
    """
    with database.write() as session:
        job = session.get(Job, claim.job_id, with_for_update=True)
        if job is None or job.fence != claim.fence:
            return
        if job.state is State.checking:
            _release_check(session, job, lost=lost)
        elif job.state in WORKING:
            _release_run(session, job, claim, lost=lost)


def release_expired(database: Database) -> int:
    """Take back every job whose worker has been silent for longer than its lease.

    Returns:
        How many there were.
    """
    statement = select(Job).where(
        col(Job.lease_until) < DatabaseNow(),
        col(Job.state).in_([*WORKING, State.checking]),
        col(Job.worker).is_not(None),
    )
    with database.read() as session:
        expired = [
            Claim(job.id, job.fence, job.attempt, Task.check if job.state is State.checking else Task.run)
            for job in session.execute(statement).scalars()
        ]
    for claim in expired:
        release(database, claim, lost=True)
    return len(expired)


def close_attempt(session: Session, claim: Claim, ended: str, detail: str | None = None) -> None:
    """Write down how an attempt ended, if nobody has yet."""
    statement = update(Attempt).where(
        col(Attempt.job_id) == claim.job_id,
        col(Attempt.number) == claim.attempt,
        col(Attempt.finished_at).is_(None),
    )
    changed(session, statement.values(ended=ended, detail=detail, finished_at=now()))


def _waits_for(task: Task) -> ColumnElement[bool]:
    if task is Task.run:
        return col(Job.state) == State.queued
    return (col(Job.state) == State.checking) & col(Job.worker).is_(None)


def _open_attempt(session: Session, claim: Claim, worker: UUID) -> None:
    job = session.get_one(Job, claim.job_id)
    session.add(Attempt(job_id=job.id, number=claim.attempt, worker=worker, accounted_before=job.accounted))


def _release_check(session: Session, job: Job, *, lost: bool) -> None:
    if lost and job.stalls >= MAX_STALLS:
        problem = "This file could not be read: reading it stopped without an answer three times. Ask an administrator."
        move(session, job.id, Move.check_stopped, fence=job.fence, worker=None, lease_until=None, problem=problem)
        return
    statement = update(Job).where(col(Job.id) == job.id, col(Job.fence) == job.fence, col(Job.state) == State.checking)
    changed(session, statement.values(worker=None, lease_until=None, revision=Job.revision + 1))


def _release_run(session: Session, job: Job, claim: Claim, *, lost: bool) -> None:
    free = {"worker": None, "lease_until": None}
    if job.state is State.cancelling:
        move(session, job.id, Move.cancel, fence=job.fence, finished_at=now(), **free)
        close_account(session, job, "cancelled", "The job was cancelled before this row.")
        close_attempt(session, claim, "cancelled")
    elif lost and job.stalls >= MAX_STALLS:
        row = (job.checkpoint or {}).get("row", 1)
        problem = (
            f"The job was stopped: its worker died {MAX_STALLS} times in a row at or shortly after row {row:,}. "
            "Look at that row in the file, and tell the job's developer."
        )
        move(session, job.id, Move.fail, fence=job.fence, finished_at=now(), problem=problem, **free)
        close_account(session, job, "stopped", "The job was stopped before this row.")
        close_attempt(session, claim, "lost", "The worker process died.")
    else:
        stalls = job.stalls if lost else max(job.stalls - 1, 0)
        move(session, job.id, Move.give_back, fence=job.fence, stalls=stalls, **free)
        close_attempt(session, claim, "lost" if lost else "given back")
