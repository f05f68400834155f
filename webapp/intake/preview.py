"""The first look at a file, for a page: how it is read, its columns, its first rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from webapp.intake.broken import BrokenRecord
from webapp.intake.choices import NO_CHOICES, Choices
from webapp.intake.columns import Column, columns_of, settle_days
from webapp.intake.count import count_rows
from webapp.intake.detect import detect_closely
from webapp.intake.errors import NoRowsError
from webapp.intake.listing import reading_of_files
from webapp.intake.prepare import prepare, transcode
from webapp.intake.reading import READ_IN_PLACE, Position, Reading
from webapp.intake.records import read_slices
from webapp.intake.text_reading import Detected
from webapp.intake.unpack import Unpacked, unpacked

COUNTED_BYTES = 8 * 1024 * 1024
_SAMPLE_ROWS = 2_000
_SAMPLE_CELLS = 100_000
_MOST_BROKEN = 100
# How much larger text is than its archive, where only the beginning was unpacked.
_USUAL_RATIO = 5


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
    `alternative` is another way to read the file that is nearly as likely, `total_line` the line of a last row that
    seems to sum up the others, or 0.
    """

    reading: Reading
    columns: list[Column]
    rows: list[PreviewRow]
    broken: list[BrokenRecord]
    size_bytes: int
    rows_total: int | None
    rows_estimate: int
    confidence: float = 1.0
    alternative: Reading | None = None
    total_line: int = 0


def preview(path: Path, rows: int = 20, copy: Path | None = None, choices: Choices = NO_CHOICES) -> Preview:
    """The first look at a file of any size, within a second; a workbook's sheet is read whole.

    `copy` is where `prepare` puts its copies: a small file is unpacked or transcoded once, here.

    Raises:
        IntakeError: it cannot be read as a table, or has no rows.
    """
    detected = detect_closely(path, choices, copy)
    with _text_of(path, detected.reading, copy) as text:
        return _look(text, detected, rows)


def preview_of_files(path: Path, name: str, copy: Path, rows: int = 20) -> Preview:
    """The first look at the list of the files in an archive, or at one file.

    Raises:
        IntakeError: none of them should be taken out.
    """
    reading = reading_of_files(path, name)
    text = prepare(path, reading, copy)
    size = text.stat().st_size
    return _look(_Text(text, size, size), Detected(reading, 1.0), rows)


@dataclass(frozen=True, slots=True)
class _Text:
    """The text at `path` stands for the first `covered` of the `size` bytes of a file."""

    path: Path
    size: int
    covered: int


@contextmanager
def _text_of(path: Path, reading: Reading, copy: Path | None) -> Iterator[_Text]:
    """The text that records are read from: all of it if that is quickly had, otherwise its beginning."""
    size = path.stat().st_size
    if not reading.container and reading.encoding in READ_IN_PLACE:
        yield _Text(path, size, size)
        return
    with TemporaryDirectory(prefix="batchdesk-") as folder:
        if reading.container == "workbook" or (copy is not None and size <= COUNTED_BYTES):
            text = prepare(path, reading, copy or Path(folder, "text"))
            yield _Text(text, text.stat().st_size, text.stat().st_size)
        else:
            with unpacked(path, Choices(sheet=reading.sheet or None), most=COUNTED_BYTES) as found:
                yield _head_of(found, reading, size, Path(folder, "head"))


def _head_of(found: Unpacked, reading: Reading, size: int, head: Path) -> _Text:
    """The first bytes of a text that is packed, or to be transcoded. How large it is in all may be an estimate."""
    covered = min(found.path.stat().st_size, COUNTED_BYTES)
    if reading.encoding not in READ_IN_PLACE:
        transcode(found.path, reading.encoding, head, limit=covered)
    packed = covered if found.whole else max(covered + 1, size * _USUAL_RATIO)
    return _Text(head if head.exists() else found.path, packed if reading.container else size, covered)


def _look(text: _Text, detected: Detected, rows: int) -> Preview:
    reading = detected.reading
    wanted = max(rows, min(_SAMPLE_ROWS, _SAMPLE_CELLS // max(len(reading.columns), 1)))
    seen = _first_rows(text.path, reading, wanted)
    counted = text.size == text.covered and text.path.stat().st_size <= COUNTED_BYTES
    total = count_rows(text.path, reading).rows if counted else None
    columns = columns_of(reading, [row.cells for row in seen.rows])
    scale = text.covered / max(text.path.stat().st_size, 1)
    return Preview(
        reading=reading,
        columns=settle_days(text.path, reading, columns) if counted else columns,
        rows=seen.rows[:rows],
        broken=seen.broken,
        size_bytes=text.size,
        rows_total=total,
        rows_estimate=_estimate(seen, text.size, scale) if total is None else total,
        confidence=detected.confidence,
        alternative=detected.alternative,
        total_line=detected.total_line,
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
