"""What reads a workbook in a process of its own: `python -m webapp.intake.workbook.child TASK PATH …`.

The library makes room for every cell between the first and the last, which in a small file can be more than there is of
memory: then this process ends, and no other.
"""

import json
import re
import resource
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from webapp.intake.workbook.biff import error_cells
from webapp.intake.workbook.lines import Rows, write_lines
from webapp.intake.workbook.text import clock, csv_cell, number_text

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

MOST_MEMORY = 2 * 1024**3
MOST_CPU_S = 100
_ROWS_AT_ONCE = 1_000
_DURATION = re.compile(r"PT([0-9]+)H([0-9]{2})M([0-9]{2})(?:[.,][0-9]+)?S")

Cell = str | int | float | bool | date | datetime | time | timedelta


def main(arguments: Sequence[str]) -> None:
    """Do the task and write what comes of it to the standard output, as JSON."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError  # noqa: PLC0415 (only the child needs it)

    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    task, path, *more = arguments
    try:
        with CalamineWorkbook.from_path(path) as book:
            answer: object = {"is": _do(task, book, more)}
    except PasswordError:
        answer = {"error": "locked"}
    except (CalamineError, OSError):
        answer = {"error": "damaged"}
    sys.stdout.write(json.dumps(answer))


def _do(task: str, book: "CalamineWorkbook", arguments: Sequence[str]) -> object:
    if task == "write":
        sheet, target = arguments
        write_lines(_rows(book, sheet, _errors(book, sheet)), Path(target))
        return None
    sheets = _sheets(book)
    if task == "list":
        return sheets
    by_sight = sorted(sheets, key=lambda sheet: sheet[1])
    return next((name for name, _ in by_sight if book.get_sheet_by_name(name).height), None)


def _sheets(book: "CalamineWorkbook") -> list[tuple[str, bool]]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415

    return [
        (sheet.name, sheet.visible != SheetVisibleEnum.Visible)
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet
    ]


def _rows(book: "CalamineWorkbook", sheet: str, errors: dict[tuple[int, int], str]) -> Iterator[Rows]:
    cells = book.get_sheet_by_name(sheet)
    indent = cells.start[1] if cells.start else 0
    by_row: dict[int, list[tuple[int, str]]] = {}
    for (place, column), text in errors.items():
        by_row.setdefault(place, []).append((column - indent, text))
    rows: list[list[str]] = []
    first = 1
    for place, row in enumerate(cells.iter_rows()):
        rows.append([_text(cell) for cell in row])
        for column, text in by_row.get(place, ()):
            if 0 <= column < len(row):
                rows[-1][column] = text
        if len(rows) == _ROWS_AT_ONCE:
            yield range(first, first + len(rows)), list(zip(*rows, strict=True))
            first += len(rows)
            rows = []
    if rows:
        yield range(first, first + len(rows)), list(zip(*rows, strict=True))


def _errors(book: "CalamineWorkbook", sheet: str) -> dict[tuple[int, int], str]:
    """The error values of a sheet, where the workbook is one whose errors can be told."""
    try:
        return error_cells(Path(book.path or ""), book.sheet_names.index(sheet))
    except (ValueError, OSError):
        return {}


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        duration = _DURATION.fullmatch(cell)
        return csv_cell(":".join(duration.groups()) if duration else cell)
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | float):
        return number_text(repr(cell))
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600:02}{clock(seconds)[2:]}"
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    return cell.isoformat("seconds") if isinstance(cell, time) else cell.isoformat()


if __name__ == "__main__":
    main(sys.argv[1:])
