"""One record at a time, exactly, wherever it is broken: the slow way that the fast one falls back to.

A quote that never closes would swallow the rest of the file, and looking for its end from every line again would take
for ever. So what was found is kept: all records that are inside a quoted cell at the same line share the same end.
"""

from dataclasses import dataclass, field

from webapp.intake.grammar import Grammar, State
from webapp.intake.source import LONGEST_LINE, LineTooLongError, Source

LONGEST_RECORD = LONGEST_LINE
# Where line breaks can be escaped, each of them is kept in mind; and lines that all end with the escape prove nothing.
LONGEST_WITH_ESCAPES = 1024 * 1024
LONGEST_ESCAPED_CELL = 256 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """One record, or one broken line: `code` is empty for a record whose quotes are right."""

    cells: list[bytes]
    length: int
    lines: int
    code: str = ""


@dataclass(slots=True)
class _Chain:
    """Lines that begin inside a cell, from `low` to `high`, and where that comes to an end.

    The cell is a quoted one, but for the lines in `escaped`, which go on with an unquoted one.
    """

    low: int
    high: int
    state: State = State.OPEN
    end: int = 0
    endless: bool = False
    escaped: set[int] = field(default_factory=set)

    def holds(self, offset: int, inside: State) -> bool:
        return self.low <= offset <= self.high and (offset in self.escaped) == (inside is State.ESCAPED)

    def reaches(self, limit: int) -> bool:
        return self.endless or self.state not in (State.OPEN, State.ESCAPED) or self.high > limit


class ExactReader:
    """Reads the record at any offset of a source."""

    def __init__(self, source: Source, grammar: Grammar, widths: range) -> None:
        self._source = source
        self._grammar = grammar
        self._widths = widths
        self._chain = _Chain(-1, -1)

    def record(self, offset: int) -> Found:
        """The record at `offset`, which is the start of a line before the end of the file."""
        try:
            line = self._source.line(offset)
        except LineTooLongError:
            return Found([], self._source.end_of_line(offset) - offset, 1, "line_too_long")
        cells: list[bytes] = []
        state, _ = self._grammar.walk(line, 0, cells)
        if state is State.DONE:
            return Found(cells, len(line), 1)
        if state is State.STRAY:
            return Found(cells[:-1], len(line), 1, "stray_quote")
        if state is State.ESCAPED:
            return self._escaped_record(offset, line)
        return self._long_record(offset, line, cells)

    def _long_record(self, offset: int, line: bytes, cells: list[bytes]) -> Found:
        limit = offset + (LONGEST_WITH_ESCAPES if self._grammar.escape else LONGEST_RECORD)
        chain = self._follow(offset + len(line), limit, State.OPEN)
        if chain.state is State.DONE and chain.end <= limit:
            found = self._whole(offset, chain.end)
            if len(found.cells) in self._widths or not self._swallowed(offset + len(line), chain.end):
                return found
        return Found(cells, len(line), 1, "unclosed_quote")

    def _escaped_record(self, offset: int, line: bytes) -> Found:
        """The record whose first line ends with an escape; or that line alone, if no good row comes of it."""
        limit = offset + LONGEST_ESCAPED_CELL
        chain = self._follow(offset + len(line), limit, State.ESCAPED)
        if chain.state is State.DONE and chain.end <= limit:
            found = self._whole(offset, chain.end)
            if len(found.cells) in self._widths:
                return found
        cells: list[bytes] = []
        self._grammar.walk(line.rstrip(b"\r\n"), 0, cells)
        return Found(cells, len(line), 1)

    def _whole(self, offset: int, end: int) -> Found:
        data = self._source.bytes_at(offset, end - offset)
        cells: list[bytes] = []
        self._grammar.walk(data, 0, cells)
        return Found(cells, len(data), len(data.splitlines()))

    def _swallowed(self, offset: int, end: int) -> bool:
        """Whether the lines up to `end` are good rows by themselves, which a stray quote before them took in."""
        rows = 0
        while offset < end:
            line = self._source.line(offset)
            if line.strip(b"\r\n") and not (self._grammar.comment and line.startswith(self._grammar.comment)):
                cells: list[bytes] = []
                state, _ = self._grammar.walk(line, 0, cells)
                if state is not State.DONE or len(cells) not in self._widths:
                    return False
                rows += 1
            offset += len(line)
        return rows > 0

    def _follow(self, offset: int, limit: int, inside: State) -> _Chain:
        """Where the cell ends that is open at the start of the line at `offset`, as far as `limit`."""
        if not self._chain.holds(offset, inside):
            self._chain = _Chain(offset, offset, inside, escaped={offset} if inside is State.ESCAPED else set())
        chain = self._chain
        while not chain.reaches(limit):
            try:
                block, start = self._source.window(chain.high)
            except LineTooLongError:
                block, start = b"", 0
            if not block:
                chain.endless = True
                break
            breaks: list[int] = []
            chain.state, at = self._grammar.walk(block, start, [], chain.state, breaks)
            chain.escaped.update(chain.high + place - start for place in breaks)
            chain.end = chain.high + at - start
            chain.high = chain.end if chain.state in (State.OPEN, State.ESCAPED) else chain.end - 1
        return chain
