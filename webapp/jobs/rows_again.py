"""Reading the rows that wait to be tried again, each at its place in the file."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlmodel import col

from webapp.intake import Position, Slice
from webapp.jobs.mended import read_rows
from webapp.jobs.work import Work
from webapp.store.tables import LedgerEntry

PIECE = 200  # entries read from the ledger at a time


def some_wait_again(work: Work) -> bool:
    """Whether rows wait to be tried again: then every row has been reached, and only these are read."""
    return bool(_next_entries(work, 0))


def rows_to_try_again(work: Work) -> Iterator[tuple[Slice, int]]:
    """Each row that waits, alone in a slice, and how often it was tried; in the order of the file."""
    path, last = work.path(), 0
    while entries := _next_entries(work, last):
        for row, line, offset, tries in entries:
            place = Position(row, line, offset)
            yield next(read_rows(path, work.job.file_name, work.reading, place, 1, repairs=work.repairs)), tries
            last = row


def _next_entries(work: Work, after: int) -> list[tuple[int, int, int, int]]:
    columns = (LedgerEntry.first_row, LedgerEntry.line, LedgerEntry.offset, LedgerEntry.tries)
    ours = (col(LedgerEntry.job_id) == work.job_id, col(LedgerEntry.again), col(LedgerEntry.first_row) > after)
    query = select(*(col(each) for each in columns)).where(*ours).order_by(col(LedgerEntry.first_row)).limit(PIECE)
    with work.shop.database.read() as session:
        return [(row, line, offset, tries) for row, line, offset, tries in session.execute(query)]
