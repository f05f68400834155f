"""What goes of a job that has ended, and what stands in its place."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import case, delete, null, update
from sqlmodel import Session, col, select

from webapp.jobs.lifecycle import ENDED
from webapp.store.queries import SEEN
from webapp.store.tables import (
    Activity,
    Attempt,
    Cleanup,
    Delivery,
    Job,
    LedgerEntry,
    LogLine,
    MendedRow,
    Mending,
    Message,
    ResultFile,
)

PIECE: Final = 2_000  # entries of an account in one transaction
BLANK: Final = "What was said of this row was removed with the job’s file."
DOUBT: Final = "What had to be looked at was removed with the job’s file."
TOLD: Final = "What was said here was removed with the job’s file."


def blank(session: Session, job_id: UUID, after: int) -> int | None:
    """Take away what some entries of the account cite; the row that the next ones come after, None if there is none."""
    ours = (col(LedgerEntry.job_id) == job_id, col(LedgerEntry.first_row) > after)
    rows = session.exec(
        select(LedgerEntry.first_row).where(*ours).order_by(col(LedgerEntry.first_row)).limit(PIECE)
    ).all()
    if not rows:
        return None
    these = (*ours, col(LedgerEntry.first_row) <= rows[-1])
    place = {"found": None, "line": None, "offset": None, "length": None}
    session.execute(update(LedgerEntry).where(*these).values(place))
    session.execute(update(LedgerEntry).where(*these, col(LedgerEntry.reason).is_not(None)).values(reason=BLANK))
    return rows[-1]


def forget(session: Session, job_id: UUID) -> None:
    """Take away all that a job holds in the desk's database but for its account, of which nothing is cited any more."""
    mendings = select(Mending.id).where(Mending.job_id == job_id)
    session.execute(delete(MendedRow).where(col(MendedRow.mending_id).in_(mendings)))
    for table in (Mending, LogLine, ResultFile, Cleanup):
        session.execute(delete(table).where(col(table.job_id) == job_id))
    session.execute(update(Attempt).where(col(Attempt.job_id) == job_id).values(detail=None, steps=null()))
    _forget_what_was_told(session, job_id)
    for undo in undos_of(session, job_id):  # it was given the same entries
        undo.params, undo.secrets, undo.only_one, undo.revision = {}, None, None, undo.revision + 1
    nothing = dict.fromkeys(
        ("reading", "preview", "match", "findings", "checkpoint", "progress", "shown", "sending"), null()
    )
    held: dict[str, Any] = {"upload_id": None, "secrets": None, "problem": None, "choices": {}, "params": {}}
    held |= {"only_one": None, "doubt": case((col(Job.doubt) != SEEN, DOUBT), else_=col(Job.doubt))}
    ours = update(Job).where(col(Job.id) == job_id)
    session.execute(ours.values(**nothing, **held, revision=Job.revision + 1))


def undos_of(session: Session, job_id: UUID) -> Sequence[Job]:
    """The job that has undone a job, if there is one and it has ended."""
    return session.exec(select(Job).where(col(Job.undo_of) == job_id, col(Job.state).in_(ENDED))).all()


def _forget_what_was_told(session: Session, job_id: UUID) -> None:
    """What the desk has said of it to people. What somebody has written themselves is theirs."""
    of_the_desk = (col(Message.job_id) == job_id, col(Message.author_id).is_(None))
    session.execute(update(Message).where(*of_the_desk).values(text=TOLD))
    ours = update(Delivery).where(col(Delivery.job_id) == job_id)
    session.execute(ours.values(text=TOLD))
    session.execute(ours.where(col(Delivery.ended_at).is_not(None)).values(said=None, body={}))
    for deed in session.exec(select(Activity).where(col(Activity.job_id) == job_id, col(Activity.action) == "decide")):
        if deed.detail.get("problem"):
            deed.detail = {**deed.detail, "problem": None}
