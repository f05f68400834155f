"""How many records a file has, counted without making them."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from webapp.intake.batches import BatchReader
from webapp.intake.gaps import Gaps
from webapp.intake.lines import count_lines
from webapp.intake.reading import Position, Reading
from webapp.intake.records import first_position
from webapp.intake.source import LineTooLongError, Source


@dataclass(frozen=True, slots=True)
class Count:
    """`rows` are all records, `broken` those of them that cannot be read, `lines` the physical lines to their end."""

    rows: int
    broken: int
    lines: int


def count_rows(path: Path, reading: Reading) -> Count:
    """Count the whole table exactly. `path` is what `prepare` gave."""
    at = first_position(path, reading)
    broken = 0
    with path.open("rb") as file:
        source, reader, tally = (
            Source(file, reading.end_offset),
            BatchReader(file, reading),
            _Tally(reading, Source(file)),
        )
        while True:
            try:
                block = source.block(at.offset)
            except LineTooLongError:
                block = b"\0"
            if not block:
                return Count(at.row - 1, broken, at.line - 1)
            rows = tally.rows(block)
            if rows is not None:
                at = Position(at.row + rows, at.line + count_lines(block), at.offset + len(block))
            elif batch := reader.batch(at):
                batch.verify()
                broken += len(batch.faults)
                at = batch.end


class _Tally:
    """Counts the records of a block in which all is well; of any other it says nothing."""

    def __init__(self, reading: Reading, source: Source) -> None:
        self._gaps = Gaps(reading, source)
        self._encoding = reading.text_encoding
        width = len(reading.columns)
        self._one_byte = len(reading.delimiter) == 1 and reading.delimiter.isascii()
        self._able = self._one_byte and width > 1 and not reading.skipinitialspace and not reading.missing_cells
        delimiter, quote = reading.delimiter.encode(), reading.quote.encode()
        self._quote = quote
        self._shape = delimiter * (width - 1)
        self._escape, self._comment = reading.escape.encode(), reading.comment.encode()
        self._noise = bytes(set(range(256)) - {10, *delimiter})
        if self._able and quote:
            self._record = _record_pattern(re.escape(delimiter), re.escape(quote), width)

    def rows(self, block: bytes) -> int | None:
        """The number of records, all of them whole and good; or None if some may not be."""
        if not self._able or b"\0" in block or block.count(b"\r") != block.count(b"\r\n") or not self._is_text(block):
            return None
        if self._has_more_than_cells(block):
            return None
        quoted = 0
        if self._quote and self._quote in block:
            taken = self._take_quoted(block)
            if taken is None:
                return None
            block, quoted = taken
        shapes = Counter(block.translate(None, self._noise).split(b"\n"))
        shapes[b""] -= block.endswith(b"\n") or not block
        plain = shapes.pop(self._shape, 0)
        return quoted + plain if not any(shapes.values()) else None

    def _has_more_than_cells(self, block: bytes) -> bool:
        """Whether something is escaped, or a line may be a comment or no row for another reason."""
        if self._gaps.may_be_in(block):
            return True
        if self._escape and self._escape in block:
            return True
        return bool(self._comment) and (block.startswith(self._comment) or b"\n" + self._comment in block)

    def _is_text(self, block: bytes) -> bool:
        try:
            block.decode(self._encoding)
        except UnicodeDecodeError:
            return False
        return True

    def _take_quoted(self, block: bytes) -> tuple[bytes, int] | None:
        """The block without the records that have quotes, and their number; None if one of them is not well formed."""
        rest: list[bytes] = []
        count = done = 0
        find, match, quote = block.find, self._record.match, self._quote
        while (at := find(quote, done)) >= 0:
            start = block.rfind(b"\n", done, at) + 1 or done
            found = match(block, start)
            if not found:
                return None
            rest.append(block[done:start])
            done = found.end()
            count += 1
        rest.append(block[done:])
        return b"".join(rest), count


def _record_pattern(delimiter: bytes, quote: bytes, width: int) -> re.Pattern[bytes]:
    quoted = rb"%b[^%b]*+(?:%b%b[^%b]*+)*+%b" % ((quote,) * 6)
    cell = rb"(?:%b|(?!%b)[^%b\r\n]*+)" % (quoted, quote, delimiter)
    return re.compile(rb"%b(?:%b%b){%d}+(?:\r?\n|\Z)" % (cell, delimiter, cell, width - 1))
