"""Closing the account: when a job ends early, the rows it never reached get an outcome too."""

from sqlmodel import Session, col, select

from webapp.jobs.again import let_be
from webapp.store.tables import Job, LedgerEntry, Outcome

EARLY = ("cancelled", "stopped")
"""Codes of rows that were not reached because their job was called off or given up."""


def close_account(session: Session, job: Job, code: str, reason: str, outcome: Outcome = Outcome.skipped) -> None:
    """Give every row that still waits an outcome, in the caller's transaction, after the move that ended the job.

    Rows that wait to be tried again keep what they had. The others are accounted for in order, so they are those from
    the checkpoint to the file's last.
    """
    let_be(session, job)
    if job.waiting <= 0:
        return
    session.add(
        LedgerEntry(
            job_id=job.id,
            attempt=job.attempt,
            outcome=outcome,
            first_row=job.accounted + 1,
            last_row=job.received,
            code=code,
            reason=reason,
        )
    )
    setattr(job, outcome, getattr(job, outcome) + job.waiting)
    session.add(job)
    session.flush()


def reopen_account(session: Session, job: Job) -> None:
    """Let the rows wait again that `close_account` skipped because the job ended early."""
    early = (col(LedgerEntry.code).in_(EARLY), col(LedgerEntry.offset).is_(None))
    query = select(LedgerEntry).where(LedgerEntry.job_id == job.id, LedgerEntry.outcome == Outcome.skipped, *early)
    for entry in session.exec(query).all():
        job.skipped -= entry.last_row - entry.first_row + 1
        session.delete(entry)
    session.add(job)
    session.flush()
