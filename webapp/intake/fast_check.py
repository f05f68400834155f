"""All rows of a file checked against the types of their columns, most of them without being taken apart.

A pattern of a whole row, with the types of its cells, goes over a block in one call and knows the good rows that are
plainly good. Every other line is read exactly, and judged cell by cell.
"""

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from webapp.intake.batches import Batch, BatchReader
from webapp.intake.gaps import Gaps
from webapp.intake.reading import Position, Reading
from webapp.intake.records import first_position
from webapp.intake.source import LineTooLongError
from webapp.intake.values import ColumnType, parse_cell

# A 29 February is looked at closely.
_MONTH_AND_DAY = rb"(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31"
_PLAIN = {
    (ColumnType.INTEGER, ""): rb"(?:0|[1-9][0-9]{0,14}+)",
    (ColumnType.DECIMAL, "."): rb"-?(?:0|[1-9][0-9]{0,14}+)(?:\.[0-9]++)?+",
    (ColumnType.DATE, "ymd"): rb"(?!0000)[0-9]{4}-(?:%b)" % _MONTH_AND_DAY,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What the cells of a column must be; a `unique` one has no value twice, and is filled."""

    kind: ColumnType = ColumnType.TEXT
    style: str = ""
    required: bool = False
    unique: bool = False


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A record that is no good row: broken, or the first cell of it that breaks a rule."""

    row: int
    line: int
    code: str
    column: str | None
    reason: str


@dataclass(slots=True)
class Checked:
    """The count of all records, good and bad, once the checker is through."""

    rows: int = 0
    problems: int = 0


class RuleChecker:
    """Checks one file."""

    def __init__(self, path: Path, reading: Reading, rules: Sequence[Rule]) -> None:
        """Prepare; `path` is what `prepare` gave, and one rule at most may be unique."""
        self.checked = Checked()
        self._path, self._reading, self._rules = path, reading, rules
        self._key = next((place for place, rule in enumerate(rules) if rule.unique), None)
        self._seen: set[bytes] = set()
        self._line, self._record = _row_patterns(reading, rules)

    def problems(self) -> Iterator[CellProblem]:
        """All records that break a rule, in their order."""
        at = first_position(self._path, self._reading)
        with self._path.open("rb") as file:
            reader = BatchReader(file, self._reading)
            gaps = Gaps(self._reading, reader.source)
            while True:
                try:
                    block = reader.source.block(at.offset)
                except LineTooLongError:
                    block = b"\0"
                if not block:
                    break
                if self._is_plain(block) and not gaps.may_be_in(block):
                    at = yield from self._check_block(reader, at, block)
                elif batch := reader.batch(at):
                    yield from self._check_batch(batch)
                    at = batch.end
        self.checked.rows = at.row - 1

    def _is_plain(self, block: bytes) -> bool:
        return self._line is not None and (b"\r" not in block or block.count(b"\r") == block.count(b"\r\n"))

    def _check_block(self, reader: BatchReader, at: Position, block: bytes) -> Generator[CellProblem, None, Position]:
        """The problems of a block; returns the position after it, or after its last record."""
        keys = self._line.findall(block) if self._line else []
        no_text = set(_lines_that_are_no_text(block, self._reading.text_encoding))
        for line in no_text:
            keys[line] = b""
        offset = at.offset
        bounds: list[int] = []
        row, line, done = at.row, at.line, 0
        while (bad := _next_bad(keys, done)) >= 0:
            yield from self._take_keys(keys, done, bad, row, at.line)
            bounds = bounds or list(accumulate(map((1).__add__, map(len, block.split(b"\n"))), initial=at.offset))
            row, line, offset = row + bad - done, at.line + bad, bounds[bad]
            found = self._record.match(block, offset - at.offset) if self._record else None
            lines = block.count(b"\n", *found.span()) if found else 0
            if found and no_text.isdisjoint(range(bad, bad + lines)):
                yield from self._take_keys([found[1]], 0, 1, row, line)
                row, line, offset = row + 1, line + lines, at.offset + found.end()
            else:
                batch = reader.record(Position(row, line, offset))
                yield from self._check_batch(batch)
                row, line, offset = batch.end.row, batch.end.line, batch.end.offset
            done = line - at.line
        if done < len(keys):
            yield from self._take_keys(keys, done, len(keys), row, at.line)
            return Position(row + len(keys) - done, at.line + len(keys), at.offset + len(block))
        return Position(row, line, offset)

    def _take_keys(self, keys: Sequence[bytes], first: int, after: int, row: int, line: int) -> Iterator[CellProblem]:
        """Notes the keys of the good rows from `first` to before `after`, of which the first has number `row`."""
        if self._key is None or first == after:
            return
        segment = keys[first:after]
        new = set(segment)
        if len(new) == len(segment) and self._seen.isdisjoint(new):
            self._seen |= new
            return
        for index, key in enumerate(segment):
            if key in self._seen:
                yield self._problem(row + index, line + first + index, self._key, "duplicate", "is there twice")
            self._seen.add(key)

    def _check_batch(self, batch: Batch) -> Iterator[CellProblem]:
        for index, cells in enumerate(batch.cells):
            row, line = batch.start.row + index, batch.lines[index]
            if index in batch.faults:
                fault, _ = batch.faults[index]
                self.checked.problems += 1
                yield CellProblem(row, line, fault.code, fault.column, fault.reason)
            elif found := self._first_problem(cells):
                yield self._problem(row, line, *found)

    def _first_problem(self, cells: Sequence[str]) -> tuple[int, str, str] | None:
        for place, (cell, rule) in enumerate(zip(cells, self._rules, strict=True)):
            if not cell.strip():
                if rule.required or rule.unique:
                    return place, "empty", "is empty"
                continue
            try:
                parse_cell(cell, rule.kind, rule.style)
            except ValueError as error:
                return place, f"no_{rule.kind.value}", str(error)
        if self._key is not None:
            key = cells[self._key].strip().encode(self._reading.text_encoding)
            if key in self._seen:
                return self._key, "duplicate", "is there twice"
            self._seen.add(key)
        return None

    def _problem(self, row: int, line: int, place: int, code: str, reason: str) -> CellProblem:
        self.checked.problems += 1
        return CellProblem(row, line, code, self._reading.columns[place], reason)


def _next_bad(keys: list[bytes], start: int) -> int:
    """The index of the next line that is no plain row, or -1."""
    try:
        return keys.index(b"", start)
    except ValueError:
        return -1


def _lines_that_are_no_text(block: bytes, encoding: str) -> Iterator[int]:
    start = line = 0
    while True:
        try:
            block[start:].decode(encoding)
        except UnicodeDecodeError as error:
            bad = start + error.start
            line += block.count(b"\n", start, bad)
            yield line
            start = block.find(b"\n", bad) + 1
            line += 1
            if not start:
                return
        else:
            return


_Pattern = re.Pattern[bytes] | None


def _row_patterns(reading: Reading, rules: Sequence[Rule]) -> tuple[_Pattern, _Pattern]:
    """Patterns of a plain row that give its key, or a delimiter where there is none, if the reading allows for them.

    The first takes one line, and any other line too, of which it gives nothing. The second takes a record whose
    quoted cells have line breaks.
    """
    plain = len(reading.delimiter) == 1 and reading.delimiter.isascii() and reading.quote in {'"', ""}
    if not plain or len(rules) < 2 or reading.escape or reading.comment or reading.trailing_cells:  # noqa: PLR2004
        return None, None
    line, record = (_row(reading, rules, breaks) for breaks in (rb"\r\n", b""))
    return (re.compile(line + rb"(?:\r?\n|\Z)|[^\n]++\n?|\n"), re.compile(record + rb"\r?\n")) if line else (None, None)


def _row(reading: Reading, rules: Sequence[Rule], breaks: bytes) -> bytes:
    cells = [_cell_pattern(reading, rule, breaks) for rule in rules]
    if not all(cells):
        return b""
    delimiter = re.escape(reading.delimiter.encode())
    parts = [b"(%b)" % cell if rule.unique else cell for cell, rule in zip(cells, rules, strict=True)]
    key = any(rule.unique for rule in rules)
    return delimiter.join(parts) if key else parts[0] + b"(%b)" % delimiter + delimiter.join(parts[1:])


def _cell_pattern(reading: Reading, rule: Rule, breaks: bytes) -> bytes:
    """Cells that are surely right, without `breaks` in quotes; empty for a kind that has no pattern."""
    delimiter = re.escape(reading.delimiter.encode())
    if rule.kind is ColumnType.TEXT and not rule.unique:
        cell = rb'(?:[^"%b\r\n\0 ][^"%b\r\n\0]*+' % (delimiter, delimiter)
        if reading.quote:
            cell += rb'|"[^"\r\n\0 ][^"%b\0]*+(?:""[^"%b\0]*+)*+"' % (breaks, breaks)
        cell += b")"
    else:
        cell = _PLAIN.get((rule.kind, rule.style), b"")
    return cell if rule.required or rule.unique or not cell else b"(?:%b)?+" % cell
