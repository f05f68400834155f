"""The rows that went wrong, as a file to mend: the original columns in their order, then what is wrong.

Last stand the marks by which the desk knows each row again when the file is sent back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from webapp.intake import BOM, Reading, csv_line, defuse, delimiter_like, prepare
from webapp.jobs.items import is_list
from webapp.jobs.marks import Marks
from webapp.jobs.mended import ADDED, added_columns, columns_of
from webapp.jobs.mended_cells import MendedCells
from webapp.jobs.row_cells import cells_of
from webapp.store.database import Database
from webapp.store.files import Files
from webapp.store.queries import problem_rows
from webapp.store.secrets import SecretBox
from webapp.store.tables import Job, LedgerEntry

PIECE = 500  # rows read from the ledger at a time


@dataclass(frozen=True, slots=True)
class FailedRows:
    """The rows of a job with a table that went wrong, each read again from where it stands.

    With `raw`, cells that a spreadsheet would run as formulas are left as they are.
    """

    database: Database
    files: Files
    secrets: SecretBox
    job: Job
    raw: bool = False

    def header(self) -> list[str]:
        """The names of the columns."""
        added = ADDED[:1] if is_list(self.job.reading) else ADDED
        return [self._safe(name) for name in [*columns_of(self.job), *added]]

    def pieces(self) -> Iterator[Sequence[list[str]]]:
        """The rows, some at a time."""
        job, upload_id = self.job, self.job.upload_id
        if job.reading is None or upload_id is None:
            return
        reading, marks = Reading.from_json(job.reading), Marks(self.secrets)
        path = prepare(self.files.upload(upload_id), reading, self.files.prepared(upload_id))
        columns, added = columns_of(job), added_columns(job.file_name, reading)
        for entries in self._entries():
            rows = [entry.first_row for entry in entries]
            with self.database.read() as session:
                known = MendedCells(session, self.files, job)
                mended = known.of(session, rows) if known else {}
                rounds = known.rounds(session, rows)
            piece = []
            for entry in entries:
                row = entry.first_row
                cells = mended.get(row) or cells_of(path, columns, reading, entry, added=added)
                known_by = [] if is_list(job.reading) else [str(row), marks.of(job, row, rounds[row])]
                piece.append([*map(self._safe, [*cells, _error(entry)]), *known_by])
            yield piece

    def csv(self) -> Iterator[str]:
        """The same as CSV, in pieces; its cells are parted as in the file."""
        if self.job.reading is None:
            return
        like = delimiter_like(Reading.from_json(self.job.reading))
        yield BOM + csv_line(self.header(), like)
        for piece in self.pieces():
            yield "".join(csv_line(row, like) for row in piece)

    def _safe(self, cell: str) -> str:
        return cell if self.raw else defuse(cell)

    def _entries(self) -> Iterator[Sequence[LedgerEntry]]:
        after = 0
        while True:
            with self.database.read() as session:
                entries = list(problem_rows(session, self.job.id, after, PIECE))
                session.expunge_all()
            if entries:
                yield entries
            if len(entries) < PIECE:
                return
            after = entries[-1].last_row


def _error(entry: LedgerEntry) -> str:
    where = f"{entry.column}: " if entry.column else ""
    return f"{where}{entry.reason or entry.outcome}"
