"""Why rows went wrong: grouped by cause, with exact counts, the commonest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import case
from sqlmodel import Session, col, func, select

from webapp.store.queries import PROBLEMS
from webapp.store.tables import LedgerEntry

MOST_ROWS = 100_000  # grouping more would hold the page up
SHOWN = 50
NO_CODES = ("", "refused")


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is wrong with `count` rows; `first_row` is an example."""

    column: str | None
    reason: str
    count: int
    first_row: int


def causes_of(session: Session, job_id: UUID, wrong: int) -> Sequence[Cause]:
    """The causes of a job's `wrong` rows; none where there are too many to group while somebody waits."""
    if not 0 < wrong <= MOST_ROWS:
        return ()
    rows = func.sum(col(LedgerEntry.last_row) - col(LedgerEntry.first_row) + 1)
    # the check's own words for one code are alike; what a job's author or a database says is told apart by its words
    no_code = func.coalesce(col(LedgerEntry.code), "").in_(NO_CODES)
    words = case((no_code, col(LedgerEntry.reason)), else_="")
    query = (
        select(LedgerEntry.column, func.min(LedgerEntry.reason), rows, func.min(LedgerEntry.first_row))
        .where(col(LedgerEntry.job_id) == job_id, col(LedgerEntry.outcome).in_(PROBLEMS))
        .group_by(col(LedgerEntry.column), col(LedgerEntry.code), col(LedgerEntry.outcome), words)
        .order_by(rows.desc(), func.min(LedgerEntry.first_row))
        .limit(SHOWN)
    )
    return [Cause(column, reason or "", int(count), row) for column, reason, count, row in session.exec(query)]
