"""One record at a time, exactly, wherever it is broken: the slow way that the fast one falls back to.

A quote that never closes would swallow the rest of the file, and looking for its end from every line again would take
for ever. So what was found is kept: all records that are inside a quoted cell at the same line share the same end.
"""

from dataclasses import dataclass

from webapp.intake.grammar import Grammar, State
from webapp.intake.source import LONGEST_LINE, LineTooLongError, Source

LONGEST_RECORD = LONGEST_LINE


@dataclass(frozen=True, slots=True)
class Found:
    """One record, or one broken line: `code` is empty for a record whose quotes are right."""

    cells: list[bytes]
    length: int
    lines: int
    code: str = ""


@dataclass(slots=True)
class _Chain:
    """Lines that begin inside a quoted cell, from `low` to `high`, and where that comes to an end."""

    low: int
    high: int
    state: State = State.OPEN
    end: int = 0
    endless: bool = False

    def holds(self, offset: int) -> bool:
        return self.low <= offset <= self.high

    def reaches(self, limit: int) -> bool:
        return self.endless or self.state is not State.OPEN or self.high > limit


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
        return self._long_record(offset, line, cells)

    def _long_record(self, offset: int, line: bytes, cells: list[bytes]) -> Found:
        limit = offset + LONGEST_RECORD
        chain = self._follow(offset + len(line), limit)
        if chain.state is State.DONE and chain.end <= limit:
            found = self._whole(offset, chain.end)
            if len(found.cells) in self._widths or not self._swallowed(offset + len(line), chain.end):
                return found
        return Found(cells, len(line), 1, "unclosed_quote")

    def _whole(self, offset: int, end: int) -> Found:
        data = self._source.bytes_at(offset, end - offset)
        cells: list[bytes] = []
        self._grammar.walk(data, 0, cells)
        return Found(cells, len(data), len(data.splitlines()))

    def _swallowed(self, offset: int, end: int) -> bool:
        """Whether the lines up to `end` are good rows by themselves, which a stray quote before them took in."""
        while offset < end:
            line = self._source.line(offset)
            cells: list[bytes] = []
            state, _ = self._grammar.walk(line, 0, cells)
            if state is not State.DONE or len(cells) not in self._widths:
                return False
            offset += len(line)
        return True

    def _follow(self, offset: int, limit: int) -> _Chain:
        """Where the quoted cell ends that is open at the start of the line at `offset`, as far as `limit`."""
        if not self._chain.holds(offset):
            self._chain = _Chain(offset, offset)
        chain = self._chain
        while not chain.reaches(limit):
            try:
                block, start = self._source.window(chain.high)
            except LineTooLongError:
                block, start = b"", 0
            if not block:
                chain.endless = True
                break
            chain.state, at = self._grammar.walk(block, start, [], inside=True)
            chain.end = chain.high + at - start
            chain.high = chain.end if chain.state is State.OPEN else chain.end - 1
        return chain
