"""Undoing a job: a job of its own, with an account of its own, that knows which one it undoes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from webapp.authoring import JobError, JobFacts, JobType
from webapp.errors import Refused
from webapp.intake import Position
from webapp.jobs.batch import Batch, Entry, storable
from webapp.jobs.context import JobContext
from webapp.jobs.facts import facts_of
from webapp.jobs.lifecycle import ENDED
from webapp.jobs.rights import require_may_run
from webapp.jobs.work import Work
from webapp.kit import now
from webapp.store.queries import UNDID
from webapp.store.tables import Job, Outcome, State, User

REFUSALS = {
    "type": "This kind of job can't be undone.",
    "state": "This job can't be undone: it has not ended, or it has done nothing.",
    "undo": "This job undoes another one: run that one again instead.",
    "done": "This job was undone already.",
    "gone": "What this job held was removed, so it can’t be undone any more.",
}
STAYS_UNDONE = "This job was undone, or is being undone, so nothing of it can be done again. Run it again instead."


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of a job that another one, which has ended, undoes: how many of its rows are not there any more."""

    id: UUID
    number: int
    taken_back: int
    in_part: bool


class Undoing:
    """See `authoring.Undo`."""

    def __init__(self, work: Work, undone: JobFacts, params: Mapping[str, Any]) -> None:
        self.job, self.params = undone, params
        self.batch = Batch.empty()
        self._work = work

    def rows(self, count: int) -> None:
        """How many rows there are to undo."""
        self.batch.end = Position(count + 1, 1, 0)
        self._work.ledger.received(count)

    def leave(self, row: int, reason: str) -> None:
        """Count a row as failed."""
        self.batch.add(Entry(row, Outcome.failed, storable(reason), code="left"))


def run_undo(work: Work, context: JobContext) -> None:
    """Undo the job that this one is for, and account for its rows.

    Raises:
        JobError: it can't be undone.
        Cancelled: the function was told that it has to stop, and returned.
    """
    undo, undo_of = work.job_type.undo, work.job.undo_of
    if undo is None or undo_of is None:
        raise JobError(REFUSALS["type"])
    undone = facts_of(work.shop.database, undo_of)
    undoing = Undoing(work, undone, work.job.params)
    undo(undoing, context)
    context.require_done()
    undoing.batch.returned = True
    work.commit(undoing.batch, last=True)


def undo_job(session: Session, user: User, job: Job, job_type: JobType | None) -> Job:
    """A job that undoes `job`, which the session has locked; not numbered yet.

    Raises:
        Refused: it can't be undone.
        NotAllowed: the user may not run such jobs.
    """
    if job_type is not None:
        require_may_run(user, job_type)
    why_not = refusal(job, job_type, undone_by(session, job.id))
    if why_not:
        raise Refused(why_not)
    same = ("job_type", "params", "secrets", "queue", "only_one", "target", "priority")
    values = {name: getattr(job, name) for name in same}
    return Job(number=0, owner_id=user.id, state=State.queued, queued_at=now(), undo_of=job.id, **values)


def refusal(job: Job, job_type: JobType | None, undone: UUID | None) -> str:
    """Why a job can't be undone; empty if it can. `undone` is the job that has."""
    if job.undo_of:
        return REFUSALS["undo"]
    if job_type is None or job_type.undo is None:
        return REFUSALS["type"]
    if job.state not in ENDED or not (job.done or job.unknown):
        return REFUSALS["state"]
    if job.removal is not None:
        return REFUSALS["gone"]
    return REFUSALS["done"] if undone else ""


def undone_by(session: Session, job_id: UUID) -> UUID | None:
    """The job that undoes this one."""
    return session.exec(select(Job.id).where(col(Job.undo_of) == job_id)).one_or_none()


def undone_of(session: Session, job_ids: Collection[UUID]) -> dict[UUID, Undone]:
    """Those of the jobs of which something was undone, each with what."""
    ended = (col(Job.state).in_(ENDED), col(Job.done) > 0)
    undos = session.exec(select(Job).where(col(Job.undo_of).in_(job_ids), *ended)).all()
    return {undo.undo_of: Undone(undo.id, undo.number, undo.done, _in_part(undo)) for undo in undos if undo.undo_of}


def _in_part(undo: Job) -> bool:
    return undo.done < undo.received or undo.state not in UNDID


def require_not_undone(session: Session, job_id: UUID) -> None:
    """See that no job undoes this one, which the session has locked: both would work on the same at once.

    Raises:
        Refused: one does, or has.
    """
    if undone_by(session, job_id):
        raise Refused(STAYS_UNDONE)
