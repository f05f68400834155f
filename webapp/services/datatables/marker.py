"""The marker: kept inside the data database, it says which claim of a job may write, and what was written last.

It is what makes the writes happen exactly once although the desk's ledger is another database: a crash between the
two commits leaves the batch's account here, and the next claim finds it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from webapp.services.datatables.catalog import make_schema, read_columns
from webapp.store.locks import hold

CREATE = (
    "CREATE TABLE IF NOT EXISTS batchdesk_marker "
    "(job_id TEXT PRIMARY KEY, fence INTEGER NOT NULL, batch_fence INTEGER, batch TEXT)"
)
TAKE = text(
    "INSERT INTO batchdesk_marker (job_id, fence) VALUES (:job, :fence) ON CONFLICT (job_id) "
    "DO UPDATE SET fence = excluded.fence WHERE batchdesk_marker.fence <= excluded.fence RETURNING batch_fence, batch"
)
CHECK = text("UPDATE batchdesk_marker SET fence = fence WHERE job_id = :job AND fence = :fence")
SAVE = text("UPDATE batchdesk_marker SET batch_fence = :fence, batch = :batch WHERE job_id = :job")
CLEAR = text("UPDATE batchdesk_marker SET batch = NULL, batch_fence = NULL WHERE job_id = :job")


class FenceLostError(Exception):
    """The job belongs to a newer claim: this one must stop and write nothing more."""


@dataclass(frozen=True, slots=True)
class Marker:
    """The last batch a job committed here: its account, and the fence of the claim that wrote it."""

    fence: int
    batch: dict[str, Any]


def take(connection: Connection, job_id: UUID, fence: int) -> Marker | None:
    """Give the job's writes to the claim with this fence.

    Raises:
        FenceLostError: a newer claim has them.
    """
    make_marker_table(connection)
    found = connection.execute(TAKE, {"job": str(job_id), "fence": fence}).one_or_none()
    if found is None:
        raise FenceLostError(_lost(job_id, fence))
    return Marker(found.batch_fence, json.loads(found.batch)) if found.batch else None


def check_fence(connection: Connection, job_id: UUID, fence: int) -> None:
    """Go on only as the job's owner.

    Raises:
        FenceLostError: it has a newer claim, or has ended.
    """
    if connection.execute(CHECK, {"job": str(job_id), "fence": fence}).rowcount != 1:
        raise FenceLostError(_lost(job_id, fence))


def save_batch(connection: Connection, job_id: UUID, fence: int, batch: Mapping[str, Any]) -> None:
    """Write down what the transaction did."""
    account = json.dumps(batch, ensure_ascii=False)
    connection.execute(SAVE, {"job": str(job_id), "fence": fence, "batch": account})


def forget_batch(connection: Connection, job_id: UUID) -> None:
    """Take away what the last batch of a job that has ended did; older claims can't write all the same."""
    if read_columns(connection, "batchdesk_marker"):
        connection.execute(CLEAR, {"job": str(job_id)})


def make_marker_table(connection: Connection) -> None:
    """Make the table of markers, and in PostgreSQL the schema that all data tables are in, if they are not there."""
    if connection.dialect.name == "postgresql":
        if read_columns(connection, "batchdesk_marker"):
            return
        hold(connection, "data schema")
        make_schema(connection)
        connection.exec_driver_sql(CREATE)
    else:
        connection.exec_driver_sql(f"{CREATE} WITHOUT ROWID")


def _lost(job_id: UUID, fence: int) -> str:
    return f"job {job_id} is not held by the claim with fence {fence}"
