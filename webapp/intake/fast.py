"""Whole stretches of lines at once: the csv module, and what it read as records with their places."""

import csv
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.intake.dialects import Dialect
from webapp.intake.lines import Lines
from webapp.intake.reading import Position, Reading

# What may stand for a delimiter of several characters while the csv module reads.
_STAND_INS = ("\x1f", "\x1e", "\x1d", "\ue000", "\uf8ff", "\U0010fffd")


@dataclass(frozen=True, slots=True)
class Run:
    """What was read of a block in one go: the cells of each record and the lines of the block they end with."""

    at: Position  # of the block
    lines: Lines
    first: int
    cells: list[list[str]]
    ends: list[int]

    @property
    def end(self) -> int:
        """The line of the block after the last record."""
        return self.end_of(len(self.ends) - 1)

    def line(self, index: int) -> int:
        """The physical line that record `index` begins on."""
        return self.at.line + self.end_of(index - 1)

    def offset(self, index: int) -> int:
        """The byte that record `index` begins at."""
        return self.lines.bounds[self.end_of(index - 1)]

    def end_of(self, index: int) -> int:
        """The line of the block after record `index`; before the first record, the line of its beginning."""
        return self.ends[index] if index >= 0 else self.first

    def misfits(self, width: int) -> list[int]:
        """The records that need a second look: another number of cells, or doubtful text."""
        counts = list(map(len, self.cells))
        misfits = set()
        if counts.count(width) != len(counts):
            misfits = {index for index, count in enumerate(counts) if count != width}
        misfits.update(bisect_right(self.ends, line) for line in self.lines.doubtful if line >= self.first)
        return sorted(index for index in misfits if index < len(counts))


class FastReader:
    """Reads lines with the csv module, set up so that it refuses what `Grammar` calls stray or open."""

    def __init__(self, reading: Reading) -> None:
        self._delimiter, self._quote, self._escape = reading.delimiter, reading.quote, reading.escape
        dialect = Dialect(reading.delimiter, reading.quote, reading.skipinitialspace, reading.escape)
        self._options = dialect.csv_options()
        width = len(reading.columns)
        self._padding = {width - missing: [""] * missing for missing in range(1, reading.missing_cells + 1)}

    def read(self, at: Position, lines: Lines, first: int, stop: int) -> tuple[Run, int]:
        """The records from line `first` to before `stop`, as far as they are read rightly.

        Gives as well the line up to which the csv module was led astray, 0 where it was not.
        """
        texts: Sequence[str] = lines.texts if (first, stop) == (0, len(lines.texts)) else lines.texts[first:stop]
        stand_in = self._stand_in(texts)
        if stand_in is None:
            return Run(at, lines, first, [], []), stop
        cells, ends, astray = self._rows(texts, stand_in)
        if first:
            ends = [first + end for end in ends]
        return Run(at, lines, first, cells, ends), first + astray if astray else 0

    def _rows(self, texts: Sequence[str], stand_in: str) -> tuple[list[list[str]], list[int], int]:
        delimiter, options, plain = self._delimiter, self._options, texts
        if stand_in:
            options = {**options, "delimiter": stand_in}
            plain = [text.replace(delimiter, stand_in) for text in texts]
        reader = csv.reader(plain, **options)
        cells: list[list[str]] = []
        ends: list[int] = []
        add, add_end = cells.append, ends.append
        astray = 0
        try:
            for row in reader:
                add(row)
                add_end(reader.line_num)
        except csv.Error:
            astray = reader.line_num
        if stand_in and self._quote and any(self._quote in text for text in texts):
            cells = [[cell.replace(stand_in, delimiter) for cell in row] for row in cells]
        for row in cells if self._padding else ():
            row.extend(self._padding.get(len(row), ()))
        return cells, ends, astray

    def _stand_in(self, texts: Sequence[str]) -> str | None:
        """What stands for the delimiter, empty where nothing needs to; None where the csv module will not do."""
        if len(self._delimiter) > 1:
            if self._escape and any(self._escape in text for text in texts):
                return None
            return next((mark for mark in _STAND_INS if not any(mark in text for text in texts)), None)
        if self._escape and any(self._escape + "\r" in text for text in texts):
            return None  # the csv module takes the CR alone for escaped, and the LF for the end of the record
        return ""
