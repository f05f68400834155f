"""The register of loads: kept beside the tables, it says which file went into which one, and what was made for it."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Connection, text

from webapp.authoring import JobError
from webapp.services.datatables.catalog import read_columns
from webapp.services.datatables.images import name_of
from webapp.store.locks import hold

CREATE = (
    "CREATE TABLE batchdesk_load (job_id text PRIMARY KEY, job_number bigint NOT NULL, table_name text NOT NULL, "
    "sha256 text NOT NULL, mode text NOT NULL, made text NOT NULL, loaded_at text NOT NULL, "
    "kept integer NOT NULL, undone_by text)"
)
ADD = text(
    "INSERT INTO batchdesk_load (job_id, job_number, table_name, sha256, mode, made, loaded_at, kept) "
    "VALUES (:job, :number, :table, :sha256, :mode, :made, :at, :kept)"
)
EARLIER = text(
    "SELECT job_id, job_number, loaded_at FROM batchdesk_load WHERE table_name = :table AND sha256 = :sha256 "
    "AND job_id <> :job AND undone_by IS NULL ORDER BY loaded_at DESC"
)
FIND = text("SELECT table_name, mode, made FROM batchdesk_load WHERE job_id = :job AND undone_by IS NULL")
UNDONE = text("UPDATE batchdesk_load SET undone_by = :undo, kept = 0 WHERE job_id = :job")
FORGET = text("UPDATE batchdesk_load SET kept = 0 WHERE kept = 1 AND loaded_at < :before RETURNING job_id")
LET_GO = text("UPDATE batchdesk_load SET kept = 0 WHERE job_id = :job")


@dataclass(frozen=True, slots=True)
class Made:
    """What a load has made beside its rows, and how its rows are told apart in their images."""

    table: bool = False
    columns: tuple[str, ...] = ()
    index: str | None = None
    key: tuple[str, ...] = ()
    identity: tuple[str, ...] | None = None

    @classmethod
    def from_json(cls, stored: str) -> Self:
        """What was written down."""
        found: dict[str, Any] = json.loads(stored)
        lists = {name: tuple(value) for name, value in found.items() if isinstance(value, list)}
        return cls(**{**found, **lists})

    def to_json(self) -> str:
        """To be written down."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Entry:
    """One load."""

    table: str
    mode: str
    made: Made


def make_register(connection: Connection) -> None:
    """Make the register, if it is not there."""
    if read_columns(connection, "batchdesk_load"):
        return
    hold(connection, "table batchdesk_load")
    if not read_columns(connection, "batchdesk_load"):
        connection.exec_driver_sql(CREATE)


def require_not_loaded(connection: Connection, table: str, sha256: str) -> None:
    """As `require_first_time`, for a job that is not started yet: nothing is made, and nobody is held up.

    Raises:
        JobError: it was.
    """
    if read_columns(connection, "batchdesk_load"):
        _require_none(connection, UUID(int=0), table, sha256)


def require_first_time(connection: Connection, job_id: UUID, table: str, sha256: str) -> None:
    """Make sure that this very file was not loaded into the table before, or that this was undone.

    Until the transaction ends no other job finds out the same about the table.

    Raises:
        JobError: it was.
    """
    hold(connection, f"load into {table}")
    _require_none(connection, job_id, table, sha256)


def _require_none(connection: Connection, job_id: UUID, table: str, sha256: str) -> None:
    earlier = connection.execute(EARLIER, {"job": str(job_id), "table": table, "sha256": sha256}).all()
    for found in earlier:
        if not _is_without_rows(connection, UUID(found.job_id)):
            raise JobError(
                f"This file was loaded into {table} already, by job {found.job_number} on {found.loaded_at[:10]}: its "
                "rows would be there twice. If that is what you want, run it again and tick “Load it again”."
            )
    if earlier:
        raise JobError(
            f"Loading this file into {table} was begun by job {earlier[0].job_number} on {earlier[0].loaded_at[:10]}, "
            "and no row of it has gone in so far. If that job has ended, run it again and tick “Load it again”."
        )


def _is_without_rows(connection: Connection, job_id: UUID) -> bool:
    """Whether the images of a load are kept, and there are none."""
    name = name_of(job_id)
    kept = read_columns(connection, name)
    return bool(kept) and connection.exec_driver_sql(f"SELECT 1 FROM {name} LIMIT 1").first() is None  # noqa: S608


def find(connection: Connection, job_id: UUID) -> Entry | None:
    """A job's load, unless it was undone."""
    make_register(connection)
    found = connection.execute(FIND, {"job": str(job_id)}).one_or_none()
    return None if found is None else Entry(found.table_name, found.mode, Made.from_json(found.made))


def add(connection: Connection, job: tuple[UUID, int], entry: Entry, sha256: str) -> None:
    """Write a load down; `job` is its id and its number."""
    job_id, number = job
    told = {"job": str(job_id), "number": number, "table": entry.table, "sha256": sha256, "mode": entry.mode}
    kept = int(entry.made.identity is not None)
    connection.execute(ADD, {**told, "made": entry.made.to_json(), "at": datetime.now(UTC).isoformat(), "kept": kept})


def mark_undone(connection: Connection, job_id: UUID, undo_id: UUID) -> None:
    """Write down that a load was undone, and by which job."""
    connection.execute(UNDONE, {"job": str(job_id), "undo": str(undo_id)})


def forget_old(connection: Connection, before: datetime) -> list[UUID]:
    """Say of which loads nothing needs to be kept any more."""
    return [UUID(job) for job in connection.execute(FORGET, {"before": before.isoformat()}).scalars()]


def forget_rows(connection: Connection, job_id: UUID) -> None:
    """Take away the rows before and after a load: it can't be undone any more. That it was there stays."""
    if read_columns(connection, "batchdesk_load"):
        connection.execute(LET_GO, {"job": str(job_id)})
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name_of(job_id)}")
