"""The broken records of one read and their repairs, each found when it is asked for."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from webapp.intake.broken import BrokenRecord
from webapp.intake.reading import Position, Reading
from webapp.intake.repair import LONGEST_REPAIRED, Repair, joined, repair_of
from webapp.intake.repair_shapes import ColumnShape, learn_shapes
from webapp.intake.source import LineTooLongError, Source

MOST_LINES_JOINED = 20
PART = "part_of_record"


class Repairs(StrEnum):
    """What becomes of broken records: nothing, a suggestion in each, or rows where the repair is safe."""

    NONE = "none"
    SUGGESTED = "suggested"
    MADE = "made"


@dataclass(slots=True)
class Mender:
    """Finds repairs by the shapes of the columns, which it learns when the first is asked for."""

    path: Path
    reading: Reading
    start: Position
    source: Source
    _shapes: tuple[ColumnShape, ...] | None = None
    _taken_until: int = 0
    _taken_by: int = field(default=0)

    def mended(self, record: BrokenRecord) -> tuple[BrokenRecord, Repair | None]:
        """The record with its suggestion. One whose lines an earlier record's repair takes in says so."""
        if record.offset < self._taken_until:
            note = f"This line was put together with the record on line {self._taken_by}."
            return replace(record, code=PART, repair_note=note), None
        repair = self.repair_at(record)
        if repair is None:
            return record, None
        return replace(record, repair=repair.cells, repair_note=repair.note, repair_safe=repair.safe), repair

    def repair_at(self, record: BrokenRecord) -> Repair | None:
        """The repair of a broken record, or none."""
        if not 0 < record.length <= LONGEST_REPAIRED:
            return None
        data = self.source.bytes_at(record.offset, record.length)
        if record.code == "missing_cells" and (repair := self._joined(record, data)):
            return repair
        return repair_of(data, self.reading, self.shapes)

    @property
    def shapes(self) -> tuple[ColumnShape, ...]:
        """The shapes of the columns."""
        if self._shapes is None:
            self._shapes = learn_shapes(self.path, self.reading, self.start)
        return self._shapes

    def _joined(self, record: BrokenRecord, data: bytes) -> Repair | None:
        """The record with the lines after it, as far as they have too few cells themselves."""
        delimiter = self.reading.delimiter.encode(self.reading.text_encoding)
        wanted = len(self.shapes) - 1
        found, end = data.count(delimiter) if delimiter else wanted, record.offset + record.length
        lines = [data]
        while found < wanted and len(lines) < MOST_LINES_JOINED and end - record.offset < LONGEST_REPAIRED:
            line = self._line(end)
            more = line.count(delimiter)
            if not line or more >= wanted:
                return None
            lines.append(line)
            found, end = found + more, end + len(line)
        if found < wanted or len(lines) == 1:
            return None
        repair = joined(lines, self.reading, self.shapes)
        if repair:
            self._taken_until, self._taken_by = end, record.line
        return repair

    def _line(self, offset: int) -> bytes:
        try:
            return self.source.line(offset)
        except LineTooLongError:
            return b""
