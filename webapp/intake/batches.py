"""The records of a file, a block at a time: the csv module where all is well, the exact reader where it is not."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice, repeat
from operator import add, gt, sub
from typing import BinaryIO

from webapp.intake.broken import RAW_CHARACTERS, Fault, count_fault, quote_fault, text_fault
from webapp.intake.exact import ExactReader, Found
from webapp.intake.fast import FastReader, Run
from webapp.intake.gaps import Gaps
from webapp.intake.grammar import Grammar
from webapp.intake.lines import Lines, split_lines
from webapp.intake.reading import Position, Reading
from webapp.intake.source import LineTooLongError, Source
from webapp.intake.workbook.text import LINE_BREAK, with_line_breaks

_LINE_BREAK = LINE_BREAK.encode()


# So often is the rest of a block tried again the fast way; then a file full of broken quotes is read exactly.
_MOST_TRIES = 16


class MiscountError(Exception):
    """Records were lost or made up between two positions of a file. It is the reader that is wrong, not the file."""

    def __init__(self, start: Position, end: Position) -> None:
        super().__init__(f"the records from row {start.row} (byte {start.offset}) to row {end.row} do not add up")


@dataclass(slots=True)
class Batch:
    """Records in the order of the file. A broken one has no cells and stands in `faults` by its index."""

    start: Position
    offsets: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    faults: dict[int, tuple[Fault, str]] = field(default_factory=dict)
    end: Position = field(init=False)

    def add(self, line: int, offset: int, length: int, cells: list[str]) -> None:
        self.lines.append(line)
        self.offsets.append(offset)
        self.lengths.append(length)
        self.cells.append(cells)

    def verify(self) -> None:
        """Each record has its place, all of them lie in order between `start` and `end`, and none shares a byte.

        Raises:
            MiscountError: that is not so.
        """
        count = len(self.cells)
        if not count == len(self.lines) == len(self.offsets) == len(self.lengths) == self.end.row - self.start.row:
            raise MiscountError(self.start, self.end)
        if not count:
            return
        starts = chain(islice(self.offsets, 1, None), [self.end.offset])
        shared = any(map(gt, map(add, self.offsets, self.lengths), starts))
        early = self.offsets[0] < self.start.offset or self.lines[0] < self.start.line
        if shared or early or self.lines[-1] >= self.end.line:
            raise MiscountError(self.start, self.end)

    def add_run(self, run: Run, first: int, after: int) -> None:
        """Adds the records of a run from `first` to before `after`."""
        first_line, after_line = run.end_of(first - 1), run.end_of(after - 1)
        line, bounds = run.at.line, run.lines.bounds
        self.cells += run.cells[first:after]
        if after_line - first_line == after - first:
            offsets = bounds[first_line : after_line + 1]
            self.lines += range(line + first_line, line + after_line)
        else:
            ends = run.ends[first:after]
            offsets = [bounds[first_line], *map(bounds.__getitem__, ends)]
            self.lines.append(line + first_line)
            self.lines += map(add, ends, repeat(line))
            self.lines.pop()
        self.lengths += map(sub, islice(offsets, 1, None), offsets)
        offsets.pop()
        self.offsets += offsets


class BatchReader:
    """Reads an open file by one reading."""

    def __init__(self, file: BinaryIO, reading: Reading) -> None:
        self.source = Source(file, reading.end_offset)
        self._reading = reading
        self._width = len(reading.columns)
        self._widths = range(self._width - reading.missing_cells, self._width + reading.trailing_cells + 1)
        self._gaps = Gaps(reading, self.source)
        self._grammar = Grammar(reading)
        self._exact = ExactReader(self.source, self._grammar, self._widths)
        self._fast = FastReader(reading)

    def batches(self, start: Position) -> Iterator[Batch]:
        """All records from `start` on."""
        at = start
        while batch := self.batch(at):
            yield batch
            at = batch.end

    def batch(self, at: Position) -> Batch | None:
        """The records of one block, or none at the end of the file."""
        batch = Batch(at)
        try:
            block = self.source.block(at.offset)
        except LineTooLongError:
            line, offset = self._read_exactly(batch, at.line, at.offset)
        else:
            if not block:
                return None
            lines = split_lines(block, self._reading.text_encoding, at.offset)
            lines.doubtful.extend(self._gaps.lines_in(block, lines.texts))
            lines.doubtful.sort()
            line, offset = self._read_block(batch, at, lines)
            if self._reading.container == "workbook" and _LINE_BREAK in block:
                batch.cells = [[with_line_breaks(cell) for cell in cells] for cells in batch.cells]
        batch.end = Position(at.row + len(batch.cells), line, offset)
        return batch

    def record(self, at: Position) -> Batch:
        """The one record at a position, which lies before the end of the file; none where its line is a gap."""
        batch = Batch(at)
        line, offset = self._read_exactly(batch, at.line, at.offset)
        batch.end = Position(at.row + len(batch.cells), line, offset)
        return batch

    def _read_block(self, batch: Batch, at: Position, lines: Lines) -> tuple[int, int]:
        """Adds the block's records; gives the line and the offset after the last, which may lie beyond the block."""
        index, count, tries = 0, len(lines.texts), _MOST_TRIES
        comments = [*self._comments(lines), count]
        line, offset = at.line, at.offset
        while index < count:
            stop = comments[bisect_left(comments, index)]
            exact_until = index + 1
            if index < stop:
                line, offset, exact_until = self._read_quickly(batch, at, lines, index, stop)
                tries -= line - at.line < stop
            index = line - at.line
            while index < (exact_until if tries else stop):
                line, offset = self._read_exactly(batch, line, offset)
                index = line - at.line
        return line, offset

    def _comments(self, lines: Lines) -> list[int]:
        """The lines of the block that are comments, unless they lie within a quoted cell."""
        comment = self._reading.comment
        return [index for index, text in enumerate(lines.texts) if text.startswith(comment)] if comment else []

    def _read_quickly(self, batch: Batch, at: Position, lines: Lines, first: int, stop: int) -> tuple[int, int, int]:
        """Adds records from line `first` of the block to before `stop` while they are read rightly.

        Gives the line and the offset reached, and the line of the block up to which the exact reader should go on:
        that is as far as the csv module was led astray.
        """
        run, astray = self._fast.read(at, lines, first, stop)
        done = 0
        for index in run.misfits(self._width):
            if done < index:
                batch.add_run(run, done, index)
            line, offset = self._read_exactly(batch, run.line(index), run.offset(index))
            if line != run.line(index + 1):
                return line, offset, astray
            done = index + 1
        if done < len(run.cells):
            batch.add_run(run, done, len(run.cells))
        return at.line + run.end, lines.bounds[run.end], astray

    def _read_exactly(self, batch: Batch, line: int, offset: int) -> tuple[int, int]:
        """Adds the record at `offset` unless its line is blank or a comment; gives the line and the offset after it."""
        comment = self._grammar.comment
        found = self._exact.record(offset)
        if comment and self.source.bytes_at(offset, len(comment)) == comment and not self._is_row(found):
            return line + 1, self.source.end_of_line(offset)
        if found.code or not self._is_blank(found, offset):
            self._add_found(batch, line, offset, found)
        return line + found.lines, offset + found.length

    def _is_row(self, found: Found) -> bool:
        """Whether a record has as many cells as there are columns, though it begins like a comment."""
        return self._width > 1 and not found.code and len(found.cells) in self._widths

    def _is_blank(self, found: Found, offset: int) -> bool:
        """An empty line, or one that is no row for another reason."""
        return found.lines == 1 and self._gaps.is_gap(self.source.bytes_at(offset, found.length))

    def _add_found(self, batch: Batch, line: int, offset: int, found: Found) -> None:
        fault = self._fault(found)
        if fault:
            data = self.source.bytes_at(offset, min(found.length, 4 * RAW_CHARACTERS))
            raw = data.decode(self._reading.text_encoding, "replace").rstrip("\r\n")[:RAW_CHARACTERS]
            batch.faults[len(batch.cells)] = (fault, raw)
        cells = [] if fault else [cell.decode(self._reading.text_encoding) for cell in found.cells[: self._width]]
        if cells:
            cells += [""] * (self._width - len(cells))
        batch.add(line, offset, found.length, cells)

    def _fault(self, found: Found) -> Fault | None:
        if found.code:
            return quote_fault(found.code, self._reading, len(found.cells))
        if fault := text_fault(found.cells, self._reading):
            return fault
        if len(found.cells) not in self._widths or any(map(bytes.strip, found.cells[self._width :])):
            return count_fault(len(found.cells), self._reading)
        return None
