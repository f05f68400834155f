"""Whole stretches of lines at once, as far as a second look need not be taken, with the place of each record.

Lines without quotes are split at the delimiter; only records with quotes go to the csv module. Where most have quotes,
or something is escaped, it reads all of them.
"""

import csv
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, repeat

from webapp.intake.dialects import Dialect
from webapp.intake.lines import Lines
from webapp.intake.reading import Position, Reading

# What may stand for a delimiter of several characters while the csv module reads.
_STAND_INS = ("\x1f", "\x1e", "\x1d", "\ue000", "\uf8ff", "\U0010fffd")
# The csv module alone is quicker where more lines than one in four have quotes.
_FEW_QUOTED = 4


@dataclass(frozen=True, slots=True)
class Run:
    """What was read of a block in one go: the cells of each record and the lines of the block they end with."""

    at: Position  # of the block
    lines: Lines
    first: int
    cells: list[list[str]]
    ends: Sequence[int]

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
        doubtful = self.lines.doubtful
        within = doubtful[bisect_left(doubtful, self.first) : bisect_left(doubtful, self.end)]
        misfits.update(bisect_right(self.ends, line) for line in within)
        return sorted(index for index in misfits if index < len(counts))


class FastReader:
    """Reads lines so that whatever `Grammar` calls stray or open, or counts otherwise, is left for a second look."""

    def __init__(self, reading: Reading) -> None:
        self._delimiter, self._quote, self._escape = reading.delimiter, reading.quote, reading.escape
        self._width = len(reading.columns)
        # A blank line has one cell for str.split, and none for the csv module.
        self._splits = self._width > 1 and not reading.skipinitialspace and bool(reading.delimiter)
        dialect = Dialect(reading.delimiter, reading.quote, reading.skipinitialspace, reading.escape)
        self._options = dialect.csv_options()
        special = re.escape(reading.quote + reading.delimiter[:1] + reading.escape)
        self._text_escape = re.compile(rf"{re.escape(reading.escape)}[^{special}\r\n]") if reading.escape else None

    def read(self, at: Position, lines: Lines, first: int, stop: int) -> tuple[Run, int]:
        """The records from line `first` to before `stop`, as far as they are read rightly.

        Gives as well the line up to which the csv module was led astray, 0 where it was not.
        """
        if self._splits and lines.ending:
            texts = lines.texts if (first, stop) == (0, len(lines.texts)) else lines.texts[first:stop]
            quoted = self._quoted(texts)
            if quoted is not None:
                cells, ends = self._split(texts, quoted, lines.ending)
                return Run(at, lines, first, cells, [first + end for end in ends] if first else ends), 0
        whole = lines.whole(first, stop)
        stand_in = self._stand_in(whole)
        if stand_in is None:
            return Run(at, lines, first, [], []), stop
        cells, ends, astray = self._rows(whole, stand_in)
        return Run(at, lines, first, cells, [first + end for end in ends]), first + astray if astray else 0

    def _quoted(self, texts: Sequence[str]) -> list[int] | None:
        """The lines that have quotes, or None where splitting will not do."""
        if self._escape and any(self._escape in text for text in texts):
            return None
        quote = self._quote
        quoted = [index for index, text in enumerate(texts) if quote in text] if quote else []
        few = len(quoted) * _FEW_QUOTED <= len(texts) and len(self._delimiter) == 1
        return quoted if few or not quoted else None

    def _split(self, texts: Sequence[str], quoted: list[int], ending: str) -> tuple[list[list[str]], Sequence[int]]:
        """All lines split, the records with quotes read by the csv module; of what it refuses, no cells."""
        cells = list(map(str.split, texts, repeat(self._delimiter)))
        if not quoted:
            return cells, range(1, len(texts) + 1)
        begins = bytearray(b"\1") * len(texts)
        feed = _Feed(texts, ending)
        reader = csv.reader(feed, **self._options)
        for index in quoted:
            if index < feed.at:
                continue
            feed.at = index
            try:
                cells[index] = next(reader)
            except csv.Error:
                cells[index] = []
            if feed.at > index + 1:
                if len(cells[index]) == self._width:
                    begins[index + 1 : feed.at] = bytes(feed.at - index - 1)
                else:
                    cells[index], feed.at = [], index + 1
        count = len(texts)
        if begins.count(1) == count:
            return cells, range(1, count + 1)
        starts = list(compress(range(count), begins))
        return list(compress(cells, begins)), [*starts[1:], count]

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
        return cells, ends, astray

    def _stand_in(self, texts: Sequence[str]) -> str | None:
        """What stands for the delimiter, empty where nothing needs to; None where the csv module will not do."""
        if len(self._delimiter) > 1:
            if self._escape and any(self._escape in text for text in texts):
                return None
            return next((mark for mark in _STAND_INS if not any(mark in text for text in texts)), None)
        if self._escape and any(self._escape + "\r" in text for text in texts):
            return None  # the csv module takes the CR alone for escaped, and the LF for the end of the record
        if self._text_escape and any(map(self._text_escape.search, texts)):
            return None  # it would lose the escape, which is text there
        return ""


class _Feed:
    """Lines for a csv reader, from wherever `at` is put before the next record is asked for."""

    def __init__(self, texts: Sequence[str], ending: str) -> None:
        self._texts, self._ending = texts, ending
        self.at = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.at >= len(self._texts):
            raise StopIteration
        self.at += 1
        return self._texts[self.at - 1] + self._ending
