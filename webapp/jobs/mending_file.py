"""Reading a file that is sent back to the job that it came from: which rows it names, and where each stands in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from webapp.errors import BadInput
from webapp.intake import Choices, IntakeError, Reading, detect, prepare, read_slices
from webapp.jobs.mended import ROW_ID, ROW_MARK

FIELD = "file"
MOST_ROWS = 200_000
MOST_TOLD = 5
GET_IT_AGAIN = "Download the rows that need you once more, and write what you have changed into that file."
_AS_WRITTEN = Choices(header_line=1, header_rows=1)


@dataclass(frozen=True, slots=True)
class Returned:
    """A row as the file names it: its number in the job, its mark, and where it stands in this file."""

    row: int
    mark: str
    line: int
    offset: int
    length: int


def read_returned(upload: Path, copy: Path, columns: Sequence[str]) -> tuple[Reading, list[Returned]]:
    """What a file of mended rows holds, whatever a spreadsheet has made of its delimiter, encoding and column order.

    Args:
        upload: the file.
        copy: where a copy of its text may be kept.
        columns: those of the job's rows.

    Raises:
        BadInput: it can't be used; says why, and how to mend that.
    """
    try:
        reading = detect(upload, _AS_WRITTEN, copy)
        _require_columns(reading, columns)
        return reading, _rows(prepare(upload, reading, copy), reading)
    except IntakeError as error:
        raise BadInput({FIELD: str(error)}) from error


def _require_columns(reading: Reading, columns: Sequence[str]) -> None:
    """See that all columns are there, in whatever order.

    Raises:
        BadInput: some are not.
    """
    there = set(reading.columns)
    if not {ROW_ID, ROW_MARK} & there:
        raise BadInput(
            {
                FIELD: f"This is not a file of rows that need you: it has no column “{ROW_MARK}”. {GET_IT_AGAIN} "
                "A file with other rows is handed in as a new job."
            }
        )
    lacks = [name for name in (*columns, ROW_ID, ROW_MARK) if name not in there]
    if lacks:
        strange = [name for name in reading.columns if name not in {*columns, ROW_ID, ROW_MARK, "error"}]
        renamed = f" There is {_quoted(strange)} instead: give it its old name." if strange else ""
        raise BadInput({FIELD: f"The file lacks the column {_quoted(lacks)}.{renamed or f' {GET_IT_AGAIN}'}"})


def _rows(path: Path, reading: Reading) -> list[Returned]:
    ids, marks = reading.columns.index(ROW_ID), reading.columns.index(ROW_MARK)
    found: list[Returned] = []
    lines: dict[int, int] = {}
    problems: list[str] = []
    for slice_ in read_slices(path, reading):
        problems += [f"Line {each.line}: {each.reason}" for each in slice_.broken]
        places = zip(slice_.lines, slice_.offsets, slice_.lengths, slice_.cells, strict=True)
        for line, offset, length, cells in places:
            row = row_number(cells[ids])
            if row is None:
                problems.append(_no_number(line, cells[ids], cells[marks]))
            elif row in lines:
                problems.append(f"Lines {lines[row]} and {line} are both row {row}: keep one of them.")
            else:
                lines[row] = line
                found.append(Returned(row, cells[marks].strip(), line, offset, length))
        if len(problems) > MOST_TOLD or len(found) > MOST_ROWS:
            break
    if len(found) > MOST_ROWS:
        raise BadInput({FIELD: f"This file has more than {MOST_ROWS:,} rows. Send back some at a time."})
    refuse(problems)
    if not found:
        raise BadInput({FIELD: "There is no row in this file."})
    return found


def refuse(problems: Sequence[str]) -> None:
    """Refuse the whole file if there are problems.

    Raises:
        BadInput: there are; the first are told.
    """
    if problems:
        more = f" And {len(problems) - MOST_TOLD} more like these." if len(problems) > MOST_TOLD else ""
        raise BadInput({FIELD: f"{' '.join(problems[:MOST_TOLD])}{more} Nothing was run."})


def row_number(cell: str) -> int | None:
    """The number in a cell, also where a spreadsheet has written 17.0 or 1,017."""
    text = cell.strip().removesuffix(".0").replace(",", "").replace("\u00a0", "")
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) <= len(str(2**53)) else None


def _no_number(line: int, cell: str, mark: str) -> str:
    if not cell.strip() and not mark.strip():
        return f"Line {line} is a row that was not in this job. Hand new rows in as a new job."
    return f"Line {line} has no row number in “{ROW_ID}”."


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names[:10])
