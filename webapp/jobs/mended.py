"""Files of failed rows that come back mended: read as the file they were made from.

The desk adds a column that says what is wrong, and guards cells that a spreadsheet would run as formulas. Neither
belongs to the rows, so both are taken off again. Such a file is known by the name and the last column it was given.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePath

from webapp.intake import Position, Reading, Slice, read_slices, undefuse
from webapp.intake.repair_records import Repairs
from webapp.store.tables import Job

MARK = "-failed-rows"
ERROR = "error"


def file_to_mend(job: Job) -> str:
    """The name of the file of a job's failed rows; that of a file that came back mended does not grow."""
    stem = PurePath(job.file_name or f"job-{job.number}").stem
    return f"{stem.split(MARK)[0]}{MARK}.csv"


def columns_of(job: Job) -> tuple[str, ...]:
    """The columns of a job's table that belong to its rows; none for a job without one."""
    return own_columns(job.file_name, Reading.from_json(job.reading)) if job.reading else ()


def is_mended(file_name: str | None, reading: Reading) -> bool:
    """Whether this is one of the desk's own files of failed rows."""
    return MARK in PurePath(file_name or "").stem and len(reading.columns) > 1 and reading.columns[-1] == ERROR


def own_columns(file_name: str | None, reading: Reading) -> tuple[str, ...]:
    """The columns that belong to the rows."""
    return reading.columns[:-1] if is_mended(file_name, reading) else reading.columns


def read_rows(  # noqa: PLR0913 (those of `read_slices`, and the file's name)
    path: Path,
    file_name: str | None,
    reading: Reading,
    start: Position | None = None,
    size: int = 256,
    *,
    repairs: Repairs = Repairs.NONE,
) -> Iterator[Slice]:
    """The rows of a job's file as `intake.read_slices` gives them, each with the cells of `own_columns`."""
    slices = read_slices(path, reading, start, size, repairs)
    if not is_mended(file_name, reading):
        return slices
    return (replace(each, cells=[[undefuse(cell) for cell in cells[:-1]] for cells in each.cells]) for each in slices)
