"""What people do with a job once it is on its way. Each is one conditional step; twice is the same as once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from webapp.authoring import Registry
from webapp.engines.base import Engine
from webapp.errors import BadInput, Refused
from webapp.jobs.activity import DOWNLOAD, activities, record
from webapp.jobs.deciding import Decision, decide
from webapp.jobs.deeds import DEEDS, GONE, ONCE_MORE, Action, retry_rows
from webapp.jobs.dry_run import DRY_RUN, is_dry_run
from webapp.jobs.lifecycle import PREPARING, WAITING, changed
from webapp.jobs.submit import Submissions, own_job
from webapp.jobs.undoing import require_not_undone, undo_job, undone_by
from webapp.store.database import Database
from webapp.store.tables import Job, State, User

MOST_PRIORITY = 100
REPEATS_NO_UNDO = "This job undoes another one: that can be done once only."
STARTS = frozenset({Action.run_now, Action.resume, Action.retry, Action.retry_rows})
"""After these a worker has something to do."""

PRIORITY_COUNTS = WAITING | PREPARING | {State.paused}
"""States in which a priority makes a difference."""


@dataclass(frozen=True, slots=True)
class Control:
    """The use-cases of controlling a job."""

    database: Database
    engine: Engine
    registry: Registry
    submissions: Submissions

    def act(self, user: User, job_id: UUID, action: Action, rows: Collection[int] | None = None) -> None:
        """Do what is asked, if the job is where that can be done, or has been done already.

        Args:
            user: who asks.
            job_id: which job.
            action: what.
            rows: which rows are tried again, by number; None for all that failed.

        Raises:
            NotFound: the user has no such job.
            Refused: it can't be done now.
        """
        with self.database.write() as session:
            did = self.act_in(session, user, job_id, action, rows)
        if did:
            self.hint(job_id, action)

    def act_in(
        self, session: Session, user: User, job_id: UUID, action: Action, rows: Collection[int] | None = None
    ) -> bool:
        """As `act`, in the caller's transaction, after which it gives the `hint`; False if it had been done before.

        A refusal leaves the transaction as it was.
        """
        deed = DEEDS[action]
        job = own_job(session, user, job_id)
        undone = session.get_one(Job, job.undo_of, with_for_update=True) if job.undo_of else None
        session.refresh(job, with_for_update=True)
        if action in ONCE_MORE:
            require_not_undone(session, job_id)
            if job.removal is not None or (undone and undone.removal is not None):
                raise Refused(GONE)
        job_type = self.registry.job_types.get(job.job_type)
        does = deed.do if rows is None else partial(retry_rows, rows=frozenset(rows))
        if not does(session, job, job_type):
            if job.state in deed.done_in and (action not in ONCE_MORE or _was_last(session, job_id, action)):
                return False
            raise Refused(deed.refusal)
        record(session, user, action, job_id)
        if action in STARTS:
            self.engine.dispatch(session, job_id)
        return True

    def hint(self, job_id: UUID, action: Action) -> None:
        """Let a worker that may be at the job know at once."""
        if action not in STARTS:
            self.engine.hint_cancel(job_id)

    def set_priority(self, user: User, job_id: UUID, priority: int) -> None:
        """Have a job that waits claimed sooner or later than others.

        Raises:
            NotFound: the user has no such job.
            BadInput: there is no such priority.
            Refused: it does not wait any more.
        """
        with self.database.write() as session:
            self.set_priority_in(session, user, job_id, priority)

    def set_priority_in(self, session: Session, user: User, job_id: UUID, priority: int) -> None:
        """As `set_priority`, in the caller's transaction. A refusal leaves it as it was."""
        if abs(priority) > MOST_PRIORITY:
            raise BadInput({"priority": f"Choose a number from -{MOST_PRIORITY} to {MOST_PRIORITY}."})
        own_job(session, user, job_id)
        statement = update(Job).where(col(Job.id) == job_id, col(Job.state).in_(PRIORITY_COUNTS))
        if not changed(session, statement.values(priority=priority, revision=Job.revision + 1)):
            raise Refused("This job has begun already: its priority makes no difference any more.")
        record(session, user, "priority", job_id, priority=priority)

    def set_time(self, user: User, job_id: UUID, run_at: datetime) -> None:
        """Have a job that waits for its time start at another one.

        Raises:
            NotFound: the user has no such job.
            Refused: it does not wait for a time any more.
        """
        with self.database.write() as session:
            own_job(session, user, job_id)
            statement = update(Job).where(col(Job.id) == job_id, col(Job.state) == State.scheduled)
            if not changed(session, statement.values(run_at=run_at, revision=Job.revision + 1)):
                raise Refused(
                    "This job does not wait for a set time any more: it has begun, or was paused or called off."
                )
            record(session, user, "set_time", job_id, run_at=run_at.isoformat())
            self.engine.dispatch(session, job_id)

    def decide(self, user: User, job_id: UUID, decision: Decision, rows: Collection[int] | None = None) -> int:
        """Say what became of rows of which the desk can't know, or that the rest was seen to, or was not after all.

        Args:
            user: who decides; it is written down.
            job_id: which job.
            decision: for each of the rows.
            rows: by number; None for all that are unknown, and if the decision is about none.

        Returns:
            How many rows it was decided about.

        Raises:
            NotFound: the user has no such job.
            Refused: the job still runs, has no such rows, or nothing to be seen to or taken back.
        """
        with self.database.write() as session:
            job = own_job(session, user, job_id)
            session.refresh(job, with_for_update=True)
            count = decide(session, user, job, decision, rows)
            if decision is Decision.send_again:
                self.engine.dispatch(session, job_id)
        return count

    def undo(self, user: User, job_id: UUID) -> Job:
        """A new job that undoes one that has ended; asked for twice it is the same job.

        Raises:
            NotFound: the user has no such job.
            Refused: it can't be undone.
        """
        with self.database.write() as session:
            job = own_job(session, user, job_id)
            # whoever runs the job again names it while it holds the lock that `keep` takes: that must not wait for us
            session.refresh(job, with_for_update={"key_share": True})
            undone = undone_by(session, job_id)
            if undone is not None:
                return session.get_one(Job, undone)
            undo = undo_job(session, user, job, self.registry.job_types.get(job.job_type))
            made = self.submissions.keep(session, undo)
            record(session, user, "undo", job_id, job=str(made.id), number=made.number)
            session.execute(update(Job).where(col(Job.id) == job_id).values(revision=Job.revision + 1))
        return made

    def run_again(self, user: User, job_id: UUID, submit_key: str | None = None, *, really: bool = False) -> Job:
        """A new job with the same file and entries, to be looked at and started; the same one for the same key.

        One that is to be done `really` is no dry run any more.

        Raises:
            NotFound: the user has no such job.
            BadInput: there is no such job type any more, or the file can't be used; or the key was used for something
                else.
            Refused: it undoes another job.
        """
        with self.database.read() as session:
            job = own_job(session, user, job_id)
            session.expunge(job)
        if job.undo_of is not None:
            raise Refused(REPEATS_NO_UNDO)
        if job.removal is not None:
            raise Refused(GONE)
        return self.submissions.repeat(user, job, submit_key, {DRY_RUN: False} if really and is_dry_run(job) else {})


def _was_last(session: Session, job_id: UUID, action: Action) -> bool:
    """Whether this is what was asked of the job last; taking a file away asks nothing of it."""
    return any(each.action == action for each in activities(session, job_id, 1, but=(DOWNLOAD,)))
