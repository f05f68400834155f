"""The rows that went wrong, as a file to mend: the original columns in their order, last what is wrong."""

from collections.abc import Iterator
from uuid import UUID

from webapp.intake import Reading, csv_line, defuse, prepare
from webapp.jobs.mended import ERROR, is_mended, own_columns
from webapp.jobs.row_cells import cells_of
from webapp.store.database import Database
from webapp.store.files import Files
from webapp.store.queries import problem_rows
from webapp.store.tables import Job, LedgerEntry

PIECE = 500  # rows read from the ledger at a time
BOM = "\ufeff"  # without it, spreadsheets take UTF-8 for something else


def failed_rows(database: Database, files: Files, job: Job, *, raw: bool = False) -> Iterator[str]:
    """The file, in pieces. Each row is read again from the upload, so it is exactly what was handed in.

    Args:
        database: the desk's database.
        files: where the upload lies.
        job: a job with a table.
        raw: leave cells that a spreadsheet would run as formulas as they are.
    """
    if job.reading is None or job.upload_id is None:
        return
    reading = Reading.from_json(job.reading)
    path = prepare(files.upload(job.upload_id), reading, files.prepared(job.upload_id))
    protect = str if raw else defuse
    columns = own_columns(job.file_name, reading)
    yield BOM + csv_line([protect(name) for name in [*columns, ERROR]])
    again = is_mended(job.file_name, reading)
    for entry in _entries(database, job.id):
        cells = cells_of(path, columns, reading, entry, again=again)
        yield csv_line([protect(cell) for cell in [*cells, _error(entry)]])


def _entries(database: Database, job_id: UUID) -> Iterator[LedgerEntry]:
    after = 0
    while True:
        with database.read() as session:
            entries = list(problem_rows(session, job_id, after, PIECE))
            session.expunge_all()
        yield from entries
        if len(entries) < PIECE:
            return
        after = entries[-1].last_row


def _error(entry: LedgerEntry) -> str:
    where = f"{entry.column}: " if entry.column else ""
    return f"{where}{entry.reason or entry.outcome}"
