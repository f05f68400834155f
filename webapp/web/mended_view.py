"""Rows that came back mended, as a page shows them: what had been wrong, who sent them, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from webapp.jobs.mended_cells import mendings
from webapp.store.tables import Job, LedgerEntry, MendedRow, Mending, Outcome, Upload, User

MOST_SHOWN = 100
NOW: Final = {
    Outcome.done: "done",
    Outcome.rejected: "still wrong",
    Outcome.failed: "failed again",
    Outcome.skipped: "skipped",
    Outcome.unknown: "unknown",
}


@dataclass(frozen=True, slots=True)
class MendedLine:
    """A row that came back: what had been wrong, and how it stands; `said` is what is wrong now."""

    row: int
    was: str
    now: str
    said: str


@dataclass(frozen=True, slots=True)
class SentBack:
    """A file that brought rows back, with its first rows."""

    at: datetime
    who: str
    file: str
    rows: int
    left: int
    lines: Sequence[MendedLine]


def sent_back(session: Session, job: Job) -> Sequence[SentBack]:
    """The files that a job has taken back, the newest first."""
    return [_view(session, each) for each in reversed(mendings(session, job))]


def _view(session: Session, mending: Mending) -> SentBack:
    user, upload = session.get_one(User, mending.user_id), session.get_one(Upload, mending.upload_id)
    shown = select(MendedRow).where(col(MendedRow.mending_id) == mending.id).order_by(col(MendedRow.row))
    rows = session.exec(shown.limit(MOST_SHOWN)).all()
    named = [each.row for each in rows]
    ours = (col(LedgerEntry.job_id) == mending.job_id, col(LedgerEntry.first_row).in_(named))
    entries = {entry.first_row: entry for entry in session.exec(select(LedgerEntry).where(*ours))}
    lines = [_line(each, entries.get(each.row)) for each in rows]
    return SentBack(mending.created_at, user.name, upload.name, mending.rows, mending.left, lines)


def _line(row: MendedRow, entry: LedgerEntry | None) -> MendedLine:
    was = f"{row.column}: {row.reason}" if row.column else row.reason or ""
    if entry is None or entry.again:
        return MendedLine(row.row, was, "waits", "")
    wrong = entry.outcome is not Outcome.done and entry.reason
    return MendedLine(row.row, was, NOW[entry.outcome], wrong or "")
