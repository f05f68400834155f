"""A desk for the simulation: the real databases and code, a clock that is set, and far ends in memory."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Table, delete, event, text
from sqlmodel import SQLModel, col

from tests.chaos.actors import Fate
from tests.chaos.files import COLUMNS
from tests.chaos.sinks import Effects
from tests.jobs.bench import Bench
from webapp.kit import new_id
from webapp.store.tables import Activity, Job, State

LEASE_SECONDS = 10.0


def _tables_of_jobs() -> list[Table]:
    """That of jobs, and whatever refers to it or to one of these; what refers to another stands before it."""
    found = [SQLModel.metadata.tables["job"]]
    for table in SQLModel.metadata.sorted_tables:
        if any(key.column.table in found for key in table.foreign_keys) and table not in found:
            found.append(table)
    return found[::-1]


PER_JOB = _tables_of_jobs()


class Clock:
    """What the databases take for the time."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)

    def install(self, engine: Engine) -> None:
        """Have each connection ask this clock."""
        event.listen(engine, "connect", lambda connection, _: connection.create_function("strftime", 3, self._strftime))

    def _strftime(self, form: str, when: str, shift: str) -> str:
        assert (form, when) == ("%Y-%m-%d %H:%M:%f", "now"), "only the desk's own question is answered"
        at = self._now + timedelta(seconds=float(shift.removesuffix(" seconds")))
        return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03}"


class SimDesk(Bench):
    """One desk for many seeds; `wipe` makes it as good as new."""

    def __init__(self, folder: Path, job_types: Path) -> None:
        super().__init__(folder, job_types, lease_seconds=LEASE_SECONDS)
        self.clock, self.fate = Clock(), Fate()
        for engine, name in ((self.database.engine, "the desk"), (self.data.own._engine, "the data")):
            engine.dispose()
            self.clock.install(engine)
            self.fate.watch(engine, name)
        self.controls = self.control()
        self.received: Effects = {}
        self._keys: set[str] = set()
        senders = self.shop.registry.get("chaos_hook").function.__globals__
        senders["post"] = self._receive
        with self.database.write() as session:
            session.execute(text("CREATE TABLE chaos_own (tag TEXT, id INTEGER)"))
        self._made: dict[tuple[Any, ...], dict[str, Any]] = {}

    def _receive(self, path: str, row: Any, key: str = "") -> None:  # noqa: ARG002 (as the jobs call it)
        """The far ends, in memory: a row has arrived, and somebody may die of it before and after."""
        self.fate.at("before sending")
        self.arrive(row.tag, row.id, key)
        self.fate.at("after sending")

    def arrive(self, tag: str, row: int, key: str) -> None:
        """A row is there; one with a key that was there before has no effect."""
        if not key or key not in self._keys:
            self.received.setdefault(tag, Counter())[row] += 1
        self._keys.add(key)

    def hand_in(self, job_type: str, tag: str, deeds: tuple[str, ...], params: dict[str, Any]) -> UUID:
        """A new job; only the first of its like goes the long way through the check."""
        like = (job_type, tag, deeds, *params.items())
        if like not in self._made:
            content = file_text(tag, deeds) if deeds else None
            job = self.job(self.submit(job_type, content, **params))
            self._made[like] = job.model_dump()
            with self.database.write() as session:
                session.execute(delete(Activity).where(col(Activity.job_id) == job.id))
                session.execute(delete(Job).where(col(Job.id) == job.id))
        job_id = new_id()
        with self.database.write() as session:
            session.add(Job(**{**self._made[like], "id": job_id, "number": int(tag.rpartition("-")[2])}))
        return job_id

    def states(self) -> set[State]:
        """The states that jobs are in."""
        with self.database.engine.connect() as connection:
            return {State(state) for state in connection.exec_driver_sql("SELECT DISTINCT state FROM job").scalars()}

    def wipe(self) -> None:
        """Forget all jobs and all effects."""
        self.received.clear()
        self._keys.clear()
        with self.database.write() as session:
            for table in PER_JOB:
                session.execute(delete(table))
            session.execute(text("DELETE FROM chaos_own"))
        with self.data.own._writing.begin() as connection:
            for name in ("batchdesk_marker", "chaos_data", "chaos_plain"):
                if connection.dialect.has_table(connection, name):
                    connection.exec_driver_sql(f"DELETE FROM {name}")


def file_text(tag: str, deeds: tuple[str, ...]) -> str:
    """A file in which these things happen over its rows."""
    lines = [",".join(COLUMNS)]
    for number, deed in enumerate(deeds, 1):
        lines.append(f"{number},{tag},{deed},text" + (",one too many" if deed == "broken" else ""))
    return "\n".join(lines) + "\n"
