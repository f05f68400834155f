"""Imported once, by the process that children are forked from: everything a child needs, so that it starts at once."""

import gc
import signal
import warnings
from contextlib import suppress

import pysqlite3
from sqlalchemy import create_engine
from sqlalchemy.orm import configure_mappers
from sqlmodel import Session, SQLModel

from webapp.authoring import load_registry
from webapp.engines import child, guardian
from webapp.jobs.account import close_account
from webapp.jobs.claims import FREE, Claim, Task, close_attempt
from webapp.jobs.ended import listeners
from webapp.jobs.lifecycle import Move, move
from webapp.kit import now
from webapp.store.tables import Job, Outcome, Role, State, User


def rehearse() -> None:
    """Read from tables in memory and end a job there, so that SQLAlchemy gets to know them once, not in each child."""
    engine = create_engine("sqlite://", module=pysqlite3)
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        child.read_tables(session)
        with suppress(Exception):  # what is not rehearsed is slower, and no more
            end_a_job(session)
    engine.dispose()  # no connection crosses a fork


def end_a_job(session: Session) -> None:
    """All that is done with every job, in a session that nobody commits."""
    owner = User(name="nobody", role=Role.operator)
    job = Job(number=1, owner_id=owner.id, job_type="none", state=State.running, queued_at=now())
    for row in (owner, job):
        session.add(row)
        session.flush()
    claim = Claim(job.id, job.fence, 1, Task.run, job.job_type)
    move(session, job.id, Move.complete, fence=claim.fence, finished_at=now(), **FREE)
    close_attempt(session, claim, "completed", None)
    session.refresh(job)
    for tell in listeners():
        tell(session, job)
    close_account(session, job, "", "", Outcome.skipped)
    session.flush()


guardian.die_with_parent()
guardian.adopt_orphans()
# it buries what it has adopted, and would say so of each
warnings.filterwarnings("ignore", "forkserver: waitpid returned unexpected pid")
signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a stop that reaches every process of the desk is the desk's to handle
load_registry()
configure_mappers()
rehearse()
gc.freeze()  # no child looks through all this again, or copies its pages: https://docs.python.org/3/library/gc.html#gc.freeze
__all__ = ["child"]
