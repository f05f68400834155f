"""The rows of a file in slices, each row with its number, its physical line and its place in bytes."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from webapp.intake.batches import Batch, BatchReader, MiscountError
from webapp.intake.broken import BrokenRecord
from webapp.intake.gaps import Gaps
from webapp.intake.grammar import Grammar, State
from webapp.intake.reading import Position, Reading
from webapp.intake.repair import Repair
from webapp.intake.repair_records import PART, Mender, Repairs
from webapp.intake.source import Source
from webapp.intake.workbook.text import with_line_breaks

BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Slice:
    """Some records in the order of the file: the good ones in parallel lists, the broken ones apart.

    `rows` are row numbers counted from 1 over good and broken records, `lines` the physical lines they begin on,
    `offsets` and `lengths` their bytes, line break included. Reading goes on at `end`. Where repairs are made, `mended`
    has the broken records that became rows, and those that the row before them took in.
    """

    first: Position
    end: Position
    rows: Sequence[int]
    lines: list[int]
    offsets: list[int]
    lengths: list[int]
    cells: list[list[str]]
    broken: list[BrokenRecord]
    mended: list[BrokenRecord] = field(default_factory=list)

    def verify(self) -> None:
        """Every record from `first` to before `end` is accounted for.

        Raises:
            MiscountError: it is not, and nothing read may be trusted.
        """
        parts = sum(record.code == PART for record in self.mended)
        counts = {len(self.lines), len(self.offsets), len(self.lengths), len(self.cells), len(self.rows)}
        if len(counts) > 1 or len(self.rows) + len(self.broken) + parts != self.end.row - self.first.row:
            raise MiscountError(self.first, self.end)


def first_position(path: Path, reading: Reading) -> Position:
    """Where the rows begin. `path` is what `prepare` gave, as in all functions here."""
    with path.open("rb") as file:
        return Position(1, reading.data_line, _start_of_line(Source(file), reading, reading.data_line))


def header_cells(path: Path, reading: Reading) -> list[str]:
    """The header as it stands in the file, one cell for each column; empty cells if it has none.

    The cells of a header of several records are joined, see `join_header`.
    """
    width = len(reading.columns)
    if not reading.header_line:
        return [""] * width
    with path.open("rb") as file:
        source = Source(file)
        start = _start_of_line(source, reading, reading.header_line)
        data = source.bytes_at(start, _start_of_line(source, reading, reading.data_line) - start)
    records = list(_records_of(data, reading, reading.header_rows))
    return join_header(records, width)


def join_header(records: Sequence[Sequence[str]], width: int) -> list[str]:
    """One cell for each of `width` columns out of the records of a header, joined with a space from top to bottom.

    A cell stands for the empty ones to its right too, as far as there are names below it and them: "2020,,2021," over
    "In,Out,In,Out". A title, which stands alone at the beginning of its record, does not.
    """
    if len(records) == 1:
        return [*records[0][:width], *[""] * (width - len(records[0]))]
    rows = [[*record[:width], *[""] * (width - len(record))] for record in records]
    filled = [[bool(cell.strip()) for cell in row] for row in rows]
    for number, row in enumerate(rows[:-1]):
        if any(filled[number][1:]):
            for place in range(1, width):
                above = any(flags[place] for flags in filled[: number + 1])
                below = all(any(flags[place - back] for flags in filled[number + 1 :]) for back in (0, 1))
                if below and not above:
                    row[place] = row[place - 1]
    return [_joined([row[place] for row in rows]) for place in range(width)]


def _joined(cells: Sequence[str]) -> str:
    names = [cell for cell in cells if cell.strip()]
    return names[0] if len(names) == 1 else " ".join(name.strip() for name in names)


def read_slices(
    path: Path,
    reading: Reading,
    start: Position | None = None,
    size: int = 256,
    repairs: Repairs = Repairs.NONE,
) -> Iterator[Slice]:
    """The records from `start` on (from the first, if not given), at most `size` in a slice.

    `path` is what `prepare` gave. Reading on from the `end` of any slice gives the same records as reading through,
    if no repairs are made: those may take in the next records.

    Raises:
        MiscountError: a record was lost or made up, which no file may cause.
    """
    at = start or first_position(path, reading)
    with path.open("rb") as file:
        reader, mender = BatchReader(file, reading), None
        for batch in reader.batches(at):
            batch.verify()
            if batch.faults and repairs is not Repairs.NONE:
                mender = mender or Mender(path, reading, first_position(path, reading), reader.source)
            for first in range(0, len(batch.cells), size):
                cut = _cut(batch, first, min(first + size, len(batch.cells)), mender, made=repairs is Repairs.MADE)
                cut.verify()
                yield cut


def repair_at(path: Path, reading: Reading, record: BrokenRecord) -> Repair | None:
    """The repair of one broken record that was read before without, or none."""
    with path.open("rb") as file:
        source = Source(file, reading.end_offset)
        return Mender(path, reading, first_position(path, reading), source).repair_at(record)


def record_at(path: Path, reading: Reading, offset: int, length: int) -> list[str]:
    """The cells of one record, read again. Of a broken one what can be told apart, never an error."""
    with path.open("rb") as file:
        data = Source(file).bytes_at(offset, length)
    return _cells_of(data, reading, Grammar(reading))


def _records_of(data: bytes, reading: Reading, most: int) -> Iterator[list[str]]:
    """The first records of a piece of the file that are neither blank nor a comment."""
    grammar, gaps = Grammar(reading), Gaps(reading)
    while data and most:
        state, at = grammar.walk(data, 0, [])
        if state is not State.DONE:
            at = len(data.splitlines(keepends=True)[0])
        record, data = data[:at], data[at:]
        if not gaps.is_gap(record) and not (grammar.comment and record.startswith(grammar.comment)):
            yield _cells_of(record, reading, grammar)
            most -= 1


def _cells_of(data: bytes, reading: Reading, grammar: Grammar) -> list[str]:
    cells: list[bytes] = []
    state, _ = grammar.walk(data, 0, cells)
    if state is State.ESCAPED:  # a line by itself, see `ExactReader`
        cells = []
        state, _ = grammar.walk(data.rstrip(b"\r\n"), 0, cells)
    if state is not State.DONE:
        cells = data.rstrip(b"\r\n").split(reading.delimiter.encode(reading.text_encoding) or b"\0")
    texts = [cell.decode(reading.text_encoding, "replace") for cell in cells]
    return list(map(with_line_breaks, texts)) if reading.container == "workbook" else texts


def _start_of_line(source: Source, reading: Reading, line: int) -> int:
    marked = reading.text_encoding == "utf-8" and source.bytes_at(0, len(BOM)) == BOM
    return source.start_of_line(line, len(BOM) if marked else 0)


def _cut(batch: Batch, first: int, after: int, mender: Mender | None, *, made: bool) -> Slice:
    row = batch.start.row
    places = slice(first, after)
    cut = Slice(
        first=_position(batch, first),
        end=_position(batch, after),
        rows=range(row + first, row + after),
        lines=batch.lines[places],
        offsets=batch.offsets[places],
        lengths=batch.lengths[places],
        cells=batch.cells[places],
        broken=[],
    )
    if batch.faults:
        _set_apart(cut, batch, first, after, mender, made=made)
    return cut


def _position(batch: Batch, index: int) -> Position:
    if index == len(batch.cells):
        return batch.end
    return Position(batch.start.row + index, batch.lines[index], batch.offsets[index])


def _set_apart(cut: Slice, batch: Batch, first: int, after: int, mender: Mender | None, *, made: bool) -> None:  # noqa: PLR0913
    """Moves the broken records out of the lists of good ones, unless their repair is made."""
    faulty = list(batch.faults)
    for index in faulty[bisect_left(faulty, first) : bisect_left(faulty, after)]:
        record, repair = _broken(batch, index), None
        if mender:
            record, repair = mender.mended(record)
        if made and repair and repair.safe:
            cut.cells[index - first] = list(repair.literal)
        if made and (record.repair_safe or record.code == PART):
            cut.mended.append(record)
        else:
            cut.broken.append(record)
    good = [place for place, cells in enumerate(cut.cells) if cells]
    cut.rows = [cut.rows[place] for place in good]
    for values in (cut.lines, cut.offsets, cut.lengths):
        values[:] = [values[place] for place in good]
    cut.cells = [cut.cells[place] for place in good]


def _broken(batch: Batch, index: int) -> BrokenRecord:
    fault, raw = batch.faults[index]
    return BrokenRecord(
        batch.start.row + index,
        batch.lines[index],
        batch.offsets[index],
        batch.lengths[index],
        fault.code,
        fault.reason,
        raw,
        fault.column,
        fault.found,
    )
