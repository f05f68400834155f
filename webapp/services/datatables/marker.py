"""The marker: kept inside the data database, it says which claim of a job may write, and what was written last.

It is what makes the writes happen exactly once although the desk's ledger is another database: a crash between the
two commits leaves the batch's account here, and the next claim finds it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

CREATE = (
    "CREATE TABLE IF NOT EXISTS batchdesk_marker "
    "(job_id TEXT PRIMARY KEY, fence INTEGER NOT NULL, batch_fence INTEGER, batch TEXT) WITHOUT ROWID"
)
TAKE = (
    "INSERT INTO batchdesk_marker (job_id, fence) VALUES (?, ?) "
    "ON CONFLICT (job_id) DO UPDATE SET fence = excluded.fence WHERE fence <= excluded.fence "
    "RETURNING batch_fence, batch"
)
CHECK = "UPDATE batchdesk_marker SET fence = fence WHERE job_id = ? AND fence = ?"
SAVE = "UPDATE batchdesk_marker SET batch_fence = ?, batch = ? WHERE job_id = ?"
FORGET = "DELETE FROM batchdesk_marker WHERE job_id = ?"


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
    connection.exec_driver_sql(CREATE)
    found = connection.exec_driver_sql(TAKE, (str(job_id), fence)).one_or_none()
    if found is None:
        raise FenceLostError(_lost(job_id, fence))
    return Marker(found.batch_fence, json.loads(found.batch)) if found.batch else None


def check_fence(connection: Connection, job_id: UUID, fence: int) -> None:
    """Go on only as the job's owner.

    Raises:
        FenceLostError: it has a newer claim, or has ended.
    """
    if connection.exec_driver_sql(CHECK, (str(job_id), fence)).rowcount != 1:
        raise FenceLostError(_lost(job_id, fence))


def save_batch(connection: Connection, job_id: UUID, fence: int, batch: Mapping[str, Any]) -> None:
    """Write down what the transaction did."""
    connection.exec_driver_sql(SAVE, (fence, json.dumps(batch, ensure_ascii=False), str(job_id)))


def forget(connection: Connection, job_id: UUID) -> None:
    """Nobody writes for this job any more."""
    connection.exec_driver_sql(CREATE)
    connection.exec_driver_sql(FORGET, (str(job_id),))


def _lost(job_id: UUID, fence: int) -> str:
    return f"job {job_id} is not held by the claim with fence {fence}"
