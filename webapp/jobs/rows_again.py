"""Reading the rows that wait to be tried again, each at its place in the file, or as it came back mended."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlmodel import col

from webapp.intake import Position, Slice
from webapp.jobs.mended import read_rows
from webapp.jobs.mended_cells import MendedCells
from webapp.jobs.work import Work
from webapp.store.tables import LedgerEntry

PIECE = 200  # entries read from the ledger at a time


def some_wait_again(work: Work) -> bool:
    """Whether rows wait to be tried again: then every row has been reached, and only these are read."""
    return bool(_next_entries(work, 0))


def rows_to_try_again(work: Work) -> Iterator[tuple[Slice, int]]:
    """Each row that waits, alone in a slice, and how often it was tried; in the order of the file."""
    path, last = work.path(), 0
    with work.shop.database.read() as session:
        mended = MendedCells(session, work.shop.files, work.job)
    while entries := _next_entries(work, last):
        cells = _mended(work, mended, [row for row, *_ in entries])
        for row, line, offset, length, tries in entries:
            place = Position(row, line, offset)
            if row in cells:
                yield Slice(place, place, [row], [line], [offset], [length], [cells[row]], []), tries
            else:
                yield next(read_rows(path, work.job.file_name, work.reading, place, 1, repairs=work.repairs)), tries
            last = row


def _mended(work: Work, mended: MendedCells, rows: list[int]) -> dict[int, list[str]]:
    if not mended:
        return {}
    with work.shop.database.read() as session:
        return mended.of(session, rows)


def _next_entries(work: Work, after: int) -> list[tuple[int, int, int, int, int]]:
    columns = (LedgerEntry.first_row, LedgerEntry.line, LedgerEntry.offset, LedgerEntry.length, LedgerEntry.tries)
    ours = (col(LedgerEntry.job_id) == work.job_id, col(LedgerEntry.again), col(LedgerEntry.first_row) > after)
    query = select(*(col(each) for each in columns)).where(*ours).order_by(col(LedgerEntry.first_row)).limit(PIECE)
    with work.shop.database.read() as session:
        return [tuple(found) for found in session.execute(query)]
