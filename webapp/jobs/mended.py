"""Files of failed rows that come back mended: read as the file they were made from.

The desk adds columns that say what is wrong and which row of which job it is, and guards cells that a spreadsheet would
run as formulas. None of it belongs to the rows, so it is taken off again. Such a file is known by its last columns; one
without marks by its name too.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePath

from webapp.intake import Position, Reading, Slice, read_slices, undefuse
from webapp.intake.listing import LISTS
from webapp.intake.repair_records import Repairs
from webapp.store.tables import Job

MARK = "-failed-rows"
ERROR = "error"
ROW_ID = "row (leave as it is)"
ROW_MARK = "mark (leave as it is)"
ADDED = (ERROR, ROW_ID, ROW_MARK)
"""The columns that the desk adds, behind those of the rows."""


def file_to_mend(job: Job, ending: str = "csv") -> str:
    """The name of the file of a job's failed rows; that of a file that came back mended does not grow."""
    stem = PurePath(job.file_name or f"job-{job.number}").stem
    if job.reading is not None and job.reading["container"] in LISTS:
        return f"{stem}-failed-files.{ending}"
    return f"{stem.split(MARK)[0]}{MARK}.{ending}"


def columns_of(job: Job) -> tuple[str, ...]:
    """The columns of a job's table that belong to its rows; none for a job without one."""
    return own_columns(job.file_name, Reading.from_json(job.reading)) if job.reading else ()


def added_columns(file_name: str | None, reading: Reading) -> int:
    """How many of the last columns the desk has added; 0 if this is none of its own files of failed rows."""
    if len(reading.columns) > len(ADDED) and reading.columns[-len(ADDED) :] == ADDED:
        return len(ADDED)
    named = MARK in PurePath(file_name or "").stem
    return int(named and len(reading.columns) > 1 and reading.columns[-1] == ERROR)


def own_columns(file_name: str | None, reading: Reading) -> tuple[str, ...]:
    """The columns that belong to the rows."""
    return reading.columns[: len(reading.columns) - added_columns(file_name, reading)]


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
    added = added_columns(file_name, reading)
    if not added:
        return slices
    return (
        replace(each, cells=[[undefuse(cell) for cell in cells[:-added]] for cells in each.cells]) for each in slices
    )
