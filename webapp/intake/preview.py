"""The first look at a file, for a page: how it is read, its columns, its first rows."""

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from webapp.intake.broken import BrokenRecord
from webapp.intake.choices import NO_CHOICES, Choices
from webapp.intake.columns import Column, columns_of
from webapp.intake.count import count_rows
from webapp.intake.detect import detect
from webapp.intake.errors import NoRowsError
from webapp.intake.prepare import prepare, transcode
from webapp.intake.reading import READ_IN_PLACE, Position, Reading
from webapp.intake.records import read_slices

COUNTED_BYTES = 8 * 1024 * 1024
_SAMPLE_ROWS = 2_000
_SAMPLE_CELLS = 100_000
_MOST_BROKEN = 100


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One good row."""

    row: int
    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a page shows of a file.

    `broken` are the broken records among the rows looked at for types, a hundred at most. `rows_total` counts all
    records, broken ones too, and is None for a file of more than 8 MiB; `rows_estimate` goes by the bytes.
    """

    reading: Reading
    columns: list[Column]
    rows: list[PreviewRow]
    broken: list[BrokenRecord]
    size_bytes: int
    rows_total: int | None
    rows_estimate: int


def preview(path: Path, rows: int = 20, copy: Path | None = None, choices: Choices = NO_CHOICES) -> Preview:
    """The first look at a file of any size, within a second. `copy` is where `prepare` may put a small file's text.

    Raises:
        IntakeError: it cannot be read as a table, or has no rows.
    """
    reading = detect(path, choices)
    size = path.stat().st_size
    if reading.encoding in READ_IN_PLACE:
        return _look(path, reading, rows, size, size)
    if copy is not None and size <= COUNTED_BYTES:
        return _look(prepare(path, reading, copy), reading, rows, size, size)
    with TemporaryDirectory(prefix="batchdesk-") as folder:
        head, covered = Path(folder, "head"), min(size, COUNTED_BYTES)
        transcode(path, reading.encoding, head, limit=covered)
        return _look(head, reading, rows, size, covered)


def _look(path: Path, reading: Reading, rows: int, size: int, covered: int) -> Preview:
    """The preview of a file of `size` bytes, of which the text at `path` is the first `covered`."""
    seen = _first_rows(path, reading, max(rows, min(_SAMPLE_ROWS, _SAMPLE_CELLS // max(len(reading.columns), 1))))
    total = count_rows(path, reading).rows if size <= COUNTED_BYTES else None
    scale = covered / path.stat().st_size
    return Preview(
        reading=reading,
        columns=columns_of(reading, [row.cells for row in seen.rows]),
        rows=seen.rows[:rows],
        broken=seen.broken,
        size_bytes=size,
        rows_total=total,
        rows_estimate=_estimate(seen, size, scale) if total is None else total,
    )


@dataclass(slots=True)
class _Seen:
    """The first rows, and how many records in how many bytes they are taken from, beginning at `offset`."""

    rows: list[PreviewRow] = field(default_factory=list)
    broken: list[BrokenRecord] = field(default_factory=list)
    records: int = 0
    bytes: int = 0
    offset: int = 0


def _estimate(seen: _Seen, size: int, scale: float) -> int:
    """The number of records, if the rest is like the first ones; `scale` is bytes of the file per byte of text."""
    return round((size - seen.offset * scale) / (seen.bytes * scale) * seen.records)


def _first_rows(path: Path, reading: Reading, most: int) -> _Seen:
    seen = _Seen()
    first: Position | None = None
    for slice_ in read_slices(path, reading, size=most):
        first = first or slice_.first
        pairs = zip(slice_.rows, slice_.lines, slice_.cells, strict=True)
        seen.rows += [PreviewRow(row, line, cells) for row, line, cells in pairs]
        seen.broken += slice_.broken[: _MOST_BROKEN - len(seen.broken)]
        seen.records = slice_.end.row - first.row
        seen.offset = first.offset
        seen.bytes = slice_.end.offset - first.offset
        if seen.records >= most or seen.bytes > COUNTED_BYTES:
            break
    if first is None:
        raise NoRowsError
    return seen
