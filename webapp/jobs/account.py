"""Closing the account: when a job ends early, the rows it never reached get an outcome too."""

from sqlmodel import Session

from webapp.store.tables import Job, LedgerEntry, Outcome


def close_account(session: Session, job: Job, code: str, reason: str, outcome: Outcome = Outcome.skipped) -> None:
    """Give every row that still waits an outcome, in the caller's transaction, after the move that ended the job.

    Rows are accounted for in order, so those that wait are the ones from the checkpoint to the file's last.
    """
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
