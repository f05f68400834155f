"""The processes that run jobs, and whether they are alive."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlmodel import col

from webapp.jobs.lifecycle import changed
from webapp.store.database import Database
from webapp.store.tables import Worker
from webapp.store.types import DatabaseNow

SILENT_AFTER = timedelta(seconds=30)
FORGET_AFTER = timedelta(days=1)


def beat(database: Database, worker: UUID, name: str) -> None:
    """Say that this worker process is alive, under the name that people know it by."""
    with database.write() as session:
        if not changed(session, update(Worker).where(col(Worker.id) == worker).values(seen_at=DatabaseNow())):
            session.add(Worker(id=worker, name=name))
        session.execute(delete(Worker).where(col(Worker.seen_at) < DatabaseNow(-FORGET_AFTER.total_seconds())))


def leave(database: Database, worker: UUID) -> None:
    """Say that this worker process ends."""
    with database.write() as session:
        session.execute(delete(Worker).where(col(Worker.id) == worker))


def alive(database: Database) -> int:
    """How many worker processes were heard of lately."""
    recently = col(Worker.seen_at) >= DatabaseNow(-SILENT_AFTER.total_seconds())
    with database.read() as session:
        return int(session.execute(select(func.count()).select_from(Worker).where(recently)).scalar_one())


def missing(database: Database) -> int:
    """How many worker processes fell silent without taking leave, and no other has begun on their machine since."""
    recently = DatabaseNow(-SILENT_AFTER.total_seconds())
    with database.read() as session:
        silent = session.execute(
            select(col(Worker.name), col(Worker.seen_at)).where(col(Worker.seen_at) < recently)
        ).all()
        if not silent:
            return 0
        begun = [(_machine(name), at) for name, at in session.execute(select(col(Worker.name), col(Worker.started_at)))]
    return sum(not any(where == _machine(name) and at > seen for where, at in begun) for name, seen in silent)


def _machine(name: str) -> str:
    return name.rpartition(":")[0]
