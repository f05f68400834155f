"""Telling those who want to know that a job has ended, in the transaction that ends it: all of it is kept, or none.

Each module in `webapp/jobs/on_end` is one of them. It has a function `job_ended(session, job)`, which is called once
for each transaction that ends a job, after all else in it: the job has its state, its sum and its times. What it
writes is committed with them; what takes long or asks elsewhere it leaves to a job of its own, or to a table that
somebody looks through. A job that is tried again, or whose rows people decide about, may end several times.
"""

import importlib
import logging
import pkgutil
from collections.abc import Callable
from functools import cache
from typing import cast
from uuid import UUID

from sqlmodel import Session

from webapp.jobs import on_end
from webapp.store.database import before_commit
from webapp.store.tables import Job

log = logging.getLogger("batchdesk.jobs")

Listener = Callable[[Session, Job], None]


def tell_of_end(session: Session, job_id: UUID) -> None:
    """Have all who want to know be told before this transaction is committed."""
    before_commit(session, ("ended", job_id), lambda: _tell(session, job_id))


@cache
def listeners() -> tuple[Listener, ...]:
    """All there are, by the names of their modules."""
    names = sorted(entry.name for entry in pkgutil.iter_modules(on_end.__path__))
    modules = [importlib.import_module(f"{on_end.__name__}.{name}") for name in names]
    return tuple(cast("Listener", module.job_ended) for module in modules)


def _tell(session: Session, job_id: UUID) -> None:
    session.flush()
    job = session.get_one(Job, job_id, populate_existing=True)
    for listener in listeners():
        try:
            with session.begin_nested():
                listener(session, job)
        except Exception:  # the job has ended, whatever becomes of the news
            log.exception("job %s has ended, and %s could not be told", job_id, listener.__module__)
