"""Rows that wait to be tried again: which they are, how they come to wait, and what becomes of them if they are not.

Such a row keeps its entry in the ledger, which no longer counts: it is among the waiting ones until it has a new one.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, func, select, update
from sqlmodel import Session, col

from webapp.jobs.lifecycle import changed
from webapp.store.tables import Job, LedgerEntry, Outcome

RETRY = "retry"
"""Code of a row that failed by an exception for which its job type has it tried again by itself."""


TOGETHER = "together"
"""Code of rows that were not done because all rows of their job go in together, or none."""


def have_tried_again(
    session: Session, job: Job, outcome: Outcome, *conditions: ColumnElement[bool], rows: Collection[int] | None = None
) -> int:
    """Let the rows of an outcome wait again, in the caller's transaction.

    Args:
        session: a writing session that holds the job.
        job: the job; its sum is changed.
        outcome: which rows; only those that stand alone, with their place in the file.
        conditions: on their entries.
        rows: only these.

    Returns:
        How many rows now wait.
    """
    ours = [col(LedgerEntry.job_id) == job.id, col(LedgerEntry.outcome) == outcome, ~col(LedgerEntry.again)]
    if rows is not None:
        ours.append(col(LedgerEntry.first_row).in_(rows))
    placed = col(LedgerEntry.offset).is_not(None)
    count = changed(session, update(LedgerEntry).where(*ours, *conditions, placed).values(again=True))
    setattr(job, outcome, getattr(job, outcome) - count)
    session.add(job)
    return count


def let_be(session: Session, job: Job) -> None:
    """What still waits to be tried again keeps the outcome that it had, in the caller's transaction."""
    ours = (col(LedgerEntry.job_id) == job.id, col(LedgerEntry.again))
    counts = select(col(LedgerEntry.outcome), func.count()).where(*ours).group_by(col(LedgerEntry.outcome))
    for outcome, count in session.execute(counts).all():
        setattr(job, outcome, getattr(job, outcome) + count)
    changed(session, update(LedgerEntry).where(*ours).values(again=False))
    session.add(job)
