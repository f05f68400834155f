"""A sheet's rows as lines of CSV: each row on the line that has its number."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from webapp.intake.errors import TooMuchInsideError
from webapp.intake.workbook.xml import WHAT

MOST_CELLS = 150_000_000
TOO_MANY = (
    "Its table is far too wide: a cell may stand far from the others. Save the sheet as CSV, and choose that file."
)

Rows = tuple[Sequence[int], list[Sequence[str]]]


def write_lines(blocks: Iterable[Rows], target: Path) -> None:
    """Write blocks of rows: their numbers, and their cells by columns, ready for CSV.

    Blank columns on either side and blank rows at the end are left out. A blank row is a blank line, any other has as
    many cells as the widest.

    Raises:
        TooMuchInsideError: these are too many cells.
    """
    lines = _Lines()
    with target.open("w", encoding="utf-8", newline="") as file:
        for numbers, columns in blocks:
            lines.write(file, numbers, columns)
        lines.close(file)
    if len(lines.widths) > 1 or lines.indent:
        _straighten(target, lines.widths, lines.indent)


class _Lines:
    def __init__(self) -> None:
        self.widths: list[tuple[int, int]] = []  # the line from which on rows are as wide as this
        self.indent = 0  # blank columns that all rows begin with
        self._filled = 0
        self._next = 1
        self._pending = 0  # line breaks that are due if there is another row
        self._written = False

    def write(self, file: IO[str], numbers: Sequence[int], columns: list[Sequence[str]]) -> None:
        columns = self._fitted(numbers, columns)
        if not columns:
            return
        blank = "," * (len(columns) - 1)
        rows = list(map(",".join, zip(*columns, strict=True)))
        if blank in rows:
            rows = ["" if row == blank else row for row in rows]
        self._filled += len(rows) - rows.count("")
        if self._filled * len(columns) > MOST_CELLS:
            raise TooMuchInsideError(WHAT, TOO_MANY)
        if numbers[-1] - numbers[0] + 1 != len(rows):
            rows = _with_gaps(numbers, rows)
        self._pending += numbers[0] - self._next
        text = "\n".join(rows)
        kept = text.rstrip("\n")
        if kept:
            file.write("\n" * self._pending)
            file.write(kept)
            self._pending = len(text) - len(kept) + 1
            self._written = True
        else:
            self._pending += len(rows)
        self._next = numbers[-1] + 1

    def close(self, file: IO[str]) -> None:
        if self._written:
            file.write("\n")

    def _fitted(self, numbers: Sequence[int], columns: list[Sequence[str]]) -> list[Sequence[str]]:
        """The columns without empty ones at the end, or with so many more that they are as wide as those before."""
        width = len(columns)
        while width and not any(columns[width - 1]):
            width -= 1
        known = self.widths[-1][1] if self.widths else 0
        if width > known:
            self.widths.append((numbers[0], width))
        if width:
            indent = next(place for place, column in enumerate(columns) if any(column))
            self.indent = min(self.indent, indent) if known else indent
        empty = [""] * len(numbers)
        return columns[:width] + [empty] * (known - width)


def _with_gaps(numbers: Sequence[int], rows: list[str]) -> list[str]:
    """The rows with a blank line for each number that is left out."""
    filled = [""] * (numbers[-1] - numbers[0] + 1)
    for number, row in zip(numbers, rows, strict=True):
        filled[number - numbers[0]] = row
    return filled


def _straighten(path: Path, widths: Sequence[tuple[int, int]], indent: int) -> None:
    """Give the rows that are narrower than the last ones as many cells, and take the blank columns before them off."""
    crooked = path.with_name(path.name + ".crooked")
    path.replace(crooked)
    widest = widths[-1][1]
    steps = [*widths, (sys.maxsize, widest)]
    try:
        with crooked.open(encoding="utf-8", newline="") as old, path.open("w", encoding="utf-8", newline="") as new:
            step = 0
            for number, line in enumerate(old, start=1):
                while number >= steps[step + 1][0]:
                    step += 1
                missing = "," * (widest - steps[step][1])
                new.write(f"{line[indent:-1]}{missing}\n" if line != "\n" else line)
    finally:
        crooked.unlink(missing_ok=True)
