"""What an operator can do with a job that was accepted."""

from uuid import UUID

from sqlmodel import Session

from webapp.engines.base import Engine
from webapp.errors import Refused
from webapp.jobs.account import close_account
from webapp.jobs.lifecycle import Move, move
from webapp.jobs.submit import own_job
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.tables import Job, State, User


def cancel(database: Database, engine: Engine, user: User, job_id: UUID) -> None:
    """Call a job off: at once if nobody works on it, else its worker is asked to stop. Twice is the same as once.

    Raises:
        NotFound: the user has no such job.
        Refused: the job has ended already.
    """
    with database.write() as session:
        job = own_job(session, user, job_id)
        asked = move(session, job_id, Move.ask_to_cancel)
        if not asked and job.state not in {State.cancelling, State.cancelled}:
            _cancel_at_once(session, job)
    if asked:
        engine.hint_cancel(job_id)


def _cancel_at_once(session: Session, job: Job) -> None:
    if not move(session, job.id, Move.cancel, finished_at=now(), worker=None, lease_until=None):
        raise Refused("This job has ended already; there is nothing left to cancel.")
    close_account(session, job, "cancelled", "The job was cancelled before this row.")
