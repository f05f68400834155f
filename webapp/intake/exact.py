"""One record at a time, exactly, wherever it is broken: the slow way that the fast one falls back to.

A quote that never closes would swallow the rest of the file, and looking for its end from every line again would take
for ever. So what was found is kept: all records that are inside a quoted cell at the same line share the same end.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from webapp.intake.grammar import Grammar, State
from webapp.intake.source import LONGEST_LINE, LineTooLongError, Source

LONGEST_RECORD = LONGEST_LINE
# Where line breaks can be escaped, each of them is kept in mind; and lines that all end with the escape prove nothing.
LONGEST_WITH_ESCAPES = 1024 * 1024
LONGEST_ESCAPED_CELL = 256 * 1024
# The lines that are tried as the rest of a broken one.
LONGEST_REST = 32 * 1024


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
            return self._with_its_lines(offset, line, Found(cells[:-1], len(line), 1, "stray_quote"))
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
        return self._with_its_lines(offset, line, Found(cells, len(line), 1, "unclosed_quote"))

    def _with_its_lines(self, offset: int, line: bytes, broken: Found) -> Found:
        """A broken line and those below it that belong to it: its last cell has line breaks in quotes that are right.

        They belong to it if that makes the right number of cells, and none of them is a good row.
        """
        start = self._grammar.last_opening(line)
        if start < 0 or self._grammar.walk(line, start, [])[0] is not State.OPEN:
            return broken
        limit = offset + len(line) + LONGEST_REST
        chain = self._follow(offset + len(line), limit, State.OPEN)
        if chain.state is not State.DONE or chain.end > limit or any(self._are_good(offset + len(line), chain.end)):
            return broken
        rest = self._whole(offset + start, chain.end)
        before = self._grammar.count_delimiters(line[:start])
        if before + len(rest.cells) not in self._widths:
            return broken
        return Found(broken.cells, start + rest.length, rest.lines, broken.code)

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
        good = False
        for good in self._are_good(offset, end):
            if not good:
                return False
        return good

    def _are_good(self, offset: int, end: int) -> Iterator[bool]:
        """Of each line up to `end` that is neither blank nor a comment, whether it is a good row by itself."""
        while offset < end:
            line = self._source.line(offset)
            if line.strip(b"\r\n") and not (self._grammar.comment and line.startswith(self._grammar.comment)):
                cells: list[bytes] = []
                state, _ = self._grammar.walk(line, 0, cells)
                yield state is State.DONE and len(cells) in self._widths
            offset += len(line)

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
