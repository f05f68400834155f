"""Closing the account: when a job ends early, the rows it never reached get an outcome too."""

from sqlalchemy import update
from sqlmodel import Session, col, select

from webapp.jobs.again import let_be
from webapp.jobs.known_rows import know
from webapp.jobs.lifecycle import changed
from webapp.jobs.sending import Intent
from webapp.store.tables import Job, LedgerEntry, Outcome

EARLY = ("cancelled", "stopped")
"""Codes of rows that were not reached because their job was called off or given up."""

IN_DOUBT = "in_doubt"
"""Code of rows that may have been done: the database that would know can't be asked."""


def close_account(session: Session, job: Job, code: str, reason: str, outcome: Outcome = Outcome.skipped) -> None:
    """Give every row that still waits an outcome, in the caller's transaction, after the move that ended the job.

    A row that was being sent when its worker was lost is unknown. Rows that wait to be tried again keep what they had.
    The others are accounted for in order, so they are those from the checkpoint to the file's last.
    """
    if job.sending is not None:
        _count_as_unknown(session, job, Intent.from_json(job.sending))
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


def close_in_doubt(session: Session, job: Job, reason: str) -> None:
    """Close the account of a job of whose waiting rows nobody can tell what became of them, as `close_account` does."""
    ours = (col(LedgerEntry.job_id) == job.id, col(LedgerEntry.again))
    told = {"outcome": Outcome.unknown, "reason": reason, "code": IN_DOUBT}
    changed(session, update(LedgerEntry).where(*ours).values(**told))
    close_account(session, job, IN_DOUBT, reason, Outcome.unknown)


def _count_as_unknown(session: Session, job: Job, intent: Intent) -> None:
    """Nobody will send the rows again with their keys, so nobody will learn whether they arrived."""
    for entry in intent.entries:
        if intent.tries is None:
            told = {name: value for name, value in entry.to_json().items() if name != "row"}
            told |= {"job_id": job.id, "attempt": job.attempt, "first_row": entry.row, "last_row": entry.row}
            session.add(LedgerEntry(**told))
        else:
            waiting = (col(LedgerEntry.job_id) == job.id, col(LedgerEntry.first_row) == entry.row)
            again = {"outcome": entry.outcome, "reason": entry.reason, "code": entry.code, "tries": intent.tries + 1}
            changed(session, update(LedgerEntry).where(*waiting).values(again=False, **again))
    if intent.tries is None:
        job.checkpoint = intent.end.to_json()
    know(session, job.id, intent.batch().keys)
    job.unknown += len(intent.entries)
    job.sending = None
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
