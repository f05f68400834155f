"""A desk that stands still: while there is a `Halt`, no worker takes a job, until an administrator lets it go on.

A restored desk begins so. What its jobs did outside after the back-up was taken is not in it: letting them go on by
themselves would send again what was sent already. A desk that was copied into PostgreSQL ends so, for the same reason.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from webapp.errors import Refused
from webapp.jobs.account import close_account
from webapp.jobs.lifecycle import ENDED, Move, changed, move
from webapp.kit import now
from webapp.store.activity import record
from webapp.store.database import Database
from webapp.store.tables import Activity, Halt, Job, Schedule, User

RESTORED = "desk_restored"
RESUMED = "desk_resumed"
COPIED = "desk_copied"


@dataclass(frozen=True, slots=True)
class OpenJobs:
    """Jobs of a restored desk that may have done more than it knows of: the oldest of them, and how many there are."""

    jobs: Sequence[tuple[Job, str]]
    count: int


def stand_still(session: Session, reason: str, taken_at: datetime, why: str = RESTORED) -> None:
    """Stop a desk before it starts. `taken_at` is when the back-up or the copy was taken that makes it stop."""
    session.merge(Halt(reason=reason))
    record(session, None, why, taken_at=taken_at.isoformat())


def halted(session: Session) -> Halt | None:
    """Why the desk stands still, if it does."""
    return session.get(Halt, 1)


def taken_at(session: Session) -> datetime | None:
    """When the back-up was taken that this desk was last restored from, or the copy that it was last left for."""
    newest = _last_taken(session)
    return None if newest is None else datetime.fromisoformat(newest.detail["taken_at"])


def was_copied(session: Session) -> bool:
    """Whether a copy of this desk goes on elsewhere."""
    newest = _last_taken(session)
    return newest is not None and newest.action == COPIED


def _last_taken(session: Session) -> Activity | None:
    taken = select(Activity).where(col(Activity.action).in_((RESTORED, COPIED)))
    return session.execute(taken.order_by(col(Activity.id).desc()).limit(1)).scalar_one_or_none()


def open_jobs(session: Session, most: int) -> OpenJobs:
    """The jobs in the back-up that had not ended: what they did after it was taken, the desk can't know."""
    until = taken_at(session)
    if until is None:
        return OpenJobs([], 0)
    which = (col(Job.state).not_in(ENDED), col(Job.created_at) <= until)
    count = session.execute(select(func.count()).select_from(Job).where(*which)).scalar_one()
    jobs = select(Job, col(User.name)).join(User, col(User.id) == col(Job.owner_id)).where(*which)
    found = session.execute(jobs.order_by(col(Job.id)).limit(most)).all()
    return OpenJobs([(job, owner) for job, owner in found], count)


def due_schedules(session: Session) -> Sequence[Schedule]:
    """Schedules whose time has come since the back-up: they may have made a job that this desk does not know."""
    due = (col(Schedule.paused).is_(False), col(Schedule.next_at) <= now())
    return session.execute(select(Schedule).where(*due).order_by(col(Schedule.next_at))).scalars().all()


def call_off(database: Database, user_id: UUID | None, jobs: Collection[UUID]) -> int:
    """Call off jobs of a desk that stands still: at once, or as soon as what their worker left behind is settled.

    Returns:
        How many were called off now; those that have ended already are left as they are.

    Raises:
        Refused: the desk does not stand still.
    """
    with database.write() as session:
        require_halted(session)
        return sum(_call_off(session, user_id, job_id) for job_id in jobs)


def _call_off(session: Session, user_id: UUID | None, job_id: UUID) -> bool:
    if move(session, job_id, Move.cancel, finished_at=now(), worker=None, lease_until=None):
        job = session.get_one(Job, job_id, populate_existing=True)
        close_account(session, job, "cancelled", "The job was cancelled before this row.")
    elif not move(session, job_id, Move.ask_to_cancel):
        return False
    record(session, user_id, "cancel", job_id)
    return True


def go_on(database: Database, user_id: UUID | None) -> None:
    """Let the desk go on. Twice is the same as once.

    Args:
        database: the desk's database.
        user_id: the administrator who decided; None on the command line.
    """
    with database.write() as session:
        if changed(session, delete(Halt)):
            record(session, user_id, RESUMED)


def require_halted(session: Session) -> Halt:
    """Why the desk stands still.

    Raises:
        Refused: it does not.
    """
    halt = halted(session)
    if halt is None:
        raise Refused("The desk is not paused: its jobs are running.")
    return halt
