"""The cells of rows, read again from the upload: exactly what was handed in, or came back mended last."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from sqlmodel import Session

from webapp.intake import IntakeError, Reading, prepare, record_at, undefuse
from webapp.jobs.mended import added_columns, own_columns
from webapp.jobs.mended_cells import MendedCells
from webapp.store.files import Files
from webapp.store.tables import Job, LedgerEntry


def row_cells(
    session: Session, files: Files, job: Job, entries: Iterable[LedgerEntry]
) -> Mapping[int, tuple[tuple[str, str], ...]]:
    """Column and cell of each row that stands alone among some entries of a job's ledger, by row.

    There are none where the file can't be read any more.
    """
    wanted = [entry for entry in entries if entry.offset is not None]
    if not wanted or job.reading is None or job.upload_id is None:
        return {}
    reading = Reading.from_json(job.reading)
    columns = own_columns(job.file_name, reading)
    added = added_columns(job.file_name, reading)
    try:
        path = prepare(files.upload(job.upload_id), reading, files.prepared(job.upload_id))
        read = {entry.first_row: cells_of(path, columns, reading, entry, added=added) for entry in wanted}
        read |= MendedCells(session, files, job).of(session, list(read))
    except (OSError, IntakeError):
        return {}
    return {row: tuple(zip(columns, cells, strict=True)) for row, cells in read.items()}


def cells_of(path: Path, columns: tuple[str, ...], reading: Reading, entry: LedgerEntry, *, added: int) -> list[str]:
    """One cell for each column: cells beyond the last stand in the last with what parted them, so none is lost.

    Args:
        path: the prepared file.
        columns: those that belong to the rows.
        reading: how the file is read.
        entry: where the row stands.
        added: how many of the last cells the desk had added, if it is a file of failed rows.
    """
    width = len(columns)
    if entry.offset is None or entry.length is None:
        return [""] * width
    cells = record_at(path, reading, entry.offset, entry.length)
    if added:
        cells = [undefuse(cell) for cell in (cells[:-added] if len(cells) > width else cells)]
    if len(cells) > width:
        cells = [*cells[: width - 1], reading.delimiter.join(cells[width - 1 :])]
    return [*cells, *[""] * (width - len(cells))]
