"""Rows of which nobody knows whether they were done, each with its cells: people look at the other side and decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from webapp.jobs.deciding import Decision
from webapp.jobs.lifecycle import ENDED
from webapp.jobs.row_cells import row_cells
from webapp.jobs.undoing import undone_by
from webapp.store.files import Files
from webapp.store.queries import problem_page
from webapp.store.tables import Job, LedgerEntry, Outcome

SHOWN: Final = 5
BROKE_OFF: Final = "broke_off"
UNCOUNTED: Final = "uncounted"
NOTICES: Final[dict[str, dict[str, str]]] = {
    Decision.sent: {"text": "Marked as sent. The figures below count it.", "tone": "ok"},
    Decision.not_sent: {"text": "Marked as not sent. The figures below count it.", "tone": "ok"},
    Decision.send_again: {"text": "It is sent again. The figures below follow.", "tone": "ok"},
    Decision.seen: {"text": "You have seen to it. This job is settled.", "tone": "ok"},
    Decision.unseen: {"text": "Taken back: this job needs you again.", "tone": "ok"},
    "mended": {"text": "Your file is here, and only its rows run again. The figures below follow.", "tone": "ok"},
    "mended_before": {"text": "This file was sent already, so nothing of it was run again.", "tone": "ok"},
}
"""What is said above the page once something was decided or sent back."""


@dataclass(frozen=True, slots=True)
class UnknownRow:
    """A row to decide about, or a run of rows with the same reason."""

    row: int
    last_row: int
    line: int | None
    reason: str
    cells: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Unknown:
    """The unknown rows of a job: `count` in all, some of them shown; `after` is the last of these if there are more."""

    count: int
    rows: Sequence[UnknownRow]
    after: int | None
    why: str
    alike: bool
    undone: bool
    """Another job undoes this one: nothing of it is sent again."""


def view_unknown(session: Session, files: Files, job: Job, after: int = 0, size: int = SHOWN) -> Unknown | None:
    """The rows to decide about; None where there are none, or the job still works."""
    if not job.unknown or job.state not in ENDED:
        return None
    entries, last = problem_page(session, job.id, after, size, (Outcome.unknown,))
    cells = row_cells(session, files, job, entries)
    rows = [
        UnknownRow(entry.first_row, entry.last_row, entry.line, entry.reason or "", cells.get(entry.first_row, ()))
        for entry in entries
    ]
    alike = all(entry.code == BROKE_OFF for entry in entries)
    undone = undone_by(session, job.id) is not None
    return Unknown(job.unknown, rows, last, _why(entries), alike=alike, undone=undone)


def _why(entries: Sequence[LedgerEntry]) -> str:
    """What happened, where it was the same for all of them."""
    codes = {entry.code for entry in entries}
    if codes == {BROKE_OFF}:
        return "the desk broke off in that moment."
    if codes == {UNCOUNTED}:
        return "the rows counted and the rows worked on differ."
    return "something went wrong in that moment."
