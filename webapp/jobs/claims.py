"""Keeping a claimed job, and giving it back. `jobs.queue` says which job is claimed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from webapp.jobs.account import close_account, close_in_doubt
from webapp.jobs.lifecycle import WORKING, Move, changed, move
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.tables import Attempt, Job, State
from webapp.store.types import DatabaseNow

MAX_STALLS = 3
"""A job claimed so often in a row without getting any further is stopped: its next row kills its worker."""

FREE: Final[dict[str, Any]] = {"worker": None, "lease_until": None, "asked_at": None, "forced": False}
"""What a job is like that nobody works on."""


class Task(StrEnum):
    """What a claim is for: reading a file before the start, the job itself, or cleaning up after it."""

    check = "check"
    run = "run"
    clean = "clean"


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a job, for as long as `fence` is the job's newest and the lease is kept."""

    job_id: UUID
    fence: int
    attempt: int
    task: Task
    job_type: str


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


def release(  # noqa: PLR0913 (how it ended, and why)
    database: Database,
    claim: Claim,
    *,
    lost: bool,
    detail: str | None = None,
    problem: str | None = None,
    doubt: str | None = None,
) -> None:
    """Take a job from a worker that no longer works on it: give it back, or end it if it was called off.

    A worker calls this for itself; for one that is gone `recovery.take_back` does.

    Args:
        database: the desk's database.
        claim: what the worker held; an old claim changes nothing.
        lost: the worker died over it; a job that kills its workers again and again is stopped.
        detail: what an administrator may read about the attempt.
        problem: why the job ends with this, instead of going on.
        doubt: why nobody can tell what became of the rows that still wait, if it was called off.
    """
    with database.write() as session:
        job = session.get(Job, claim.job_id, with_for_update=True)
        if job is None or job.fence != claim.fence:
            return
        if job.state is State.checking:
            _release_check(session, job, lost=lost)
        elif job.state in WORKING:
            ended = "failed" if problem is not None else _how_it_ended(job, lost=lost)
            close_attempt(session, claim, ended, detail, until=job.lease_until)
            _release_run(session, job, problem, doubt, lost=lost)


def pause(database: Database, claim: Claim, detail: str | None = None) -> None:
    """Pause a job whose first rows are done. A worker calls this for itself."""
    with database.write() as session:
        values = {**FREE, "stalls": 0, "pause_after": None}
        if move(session, claim.job_id, Move.pause, fence=claim.fence, **values):
            close_attempt(session, claim, "paused", detail)
            return
    release(database, claim, lost=False, detail=detail)


def close_attempt(
    session: Session, claim: Claim, ended: str, detail: str | None = None, until: datetime | None = None
) -> None:
    """Write down how an attempt ended, if nobody has yet: now, or already by `until` if nobody was there after that."""
    statement = update(Attempt).where(
        col(Attempt.job_id) == claim.job_id,
        col(Attempt.number) == claim.attempt,
        col(Attempt.finished_at).is_(None),
    )
    changed(session, statement.values(ended=ended, detail=detail, finished_at=min(now(), until or now())))


def _release_check(session: Session, job: Job, *, lost: bool) -> None:
    if lost and job.stalls >= MAX_STALLS:
        problem = "This file could not be read: reading it stopped without an answer three times. Ask an administrator."
        move(session, job.id, Move.check_stopped, fence=job.fence, worker=None, lease_until=None, problem=problem)
        return
    statement = update(Job).where(col(Job.id) == job.id, col(Job.fence) == job.fence, col(Job.state) == State.checking)
    stalls = _stalls(job, lost=lost)
    changed(session, statement.values(worker=None, lease_until=None, stalls=stalls, revision=Job.revision + 1))


def _how_it_ended(job: Job, *, lost: bool) -> str:
    if job.state is State.cancelling:
        return "cancelled"
    return "lost" if lost else "paused" if job.state is State.pausing else "given back"


def ends_when_released(job: Job, *, lost: bool) -> bool:
    """Whether a job at work ends when its worker lets go of it."""
    return job.state is State.cancelling or (lost and job.stalls >= MAX_STALLS)


def _release_run(session: Session, job: Job, problem: str | None, doubt: str | None, *, lost: bool) -> None:
    if job.state is State.cancelling:
        move(session, job.id, Move.cancel, fence=job.fence, finished_at=now(), problem=doubt, **FREE)
        if doubt is not None:
            close_in_doubt(session, job, doubt)
        else:
            close_account(session, job, "cancelled", "The job was cancelled before this row.")
    elif problem is not None or (lost and job.stalls >= MAX_STALLS):
        said = problem or _given_up(job)
        move(session, job.id, Move.fail, fence=job.fence, finished_at=now(), problem=said, **FREE)
        close_account(session, job, "stopped", "The job was stopped before this row.")
    else:
        kind = Move.pause if job.state is State.pausing else Move.give_back
        since: dict[str, Any] = (
            {"run_at": DatabaseNow()} if kind is Move.give_back else {}
        )  # it goes on before others: see `queue`
        stalls = _stalls(job, lost=lost)
        move(session, job.id, kind, fence=job.fence, stalls=stalls, problem=None, **FREE, **since)


def _stalls(job: Job, *, lost: bool) -> int:
    """Each claim counts as a stall beforehand; one that was given back in good order does not."""
    return job.stalls if lost else max(job.stalls - 1, 0)


def _given_up(job: Job) -> str:
    times = f"it broke off {MAX_STALLS} times in a row"
    if job.reading is None:
        return f"The job was stopped: {times} without getting any further. Tell the job's developer."
    return (
        f"The job was stopped: {times} at or shortly after row {job.accounted + 1:,}. "
        "Look at that row in the file, and tell the job's developer."
    )
