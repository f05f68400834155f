"""One column of a job's whole file, however far the job has come."""

from collections.abc import Iterator

from webapp.authoring import JobError
from webapp.jobs.mended import own_columns, read_rows
from webapp.jobs.work import Work

SLICE = 1_000


def column_cells(work: Work, column: str) -> Iterator[tuple[int, str]]:
    """Each row's number and its cell in the column; "" where the record is too short.

    Raises:
        JobError: the file has no such column.
    """
    columns = own_columns(work.job.file_name, work.reading)
    if column not in columns:
        raise JobError(f"The file has no column “{column}”. Choose another column, or another file.")
    return _cells(work, columns.index(column))


def _cells(work: Work, place: int) -> Iterator[tuple[int, str]]:
    for slice_ in read_rows(work.path(), work.job.file_name, work.reading, size=SLICE, repairs=work.repairs):
        for row, cells in zip(slice_.rows, slice_.cells, strict=True):
            yield row, cells[place] if place < len(cells) else ""
