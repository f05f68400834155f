"""What must hold for any table and for any bytes."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.intake import (
    BrokenRecord,
    Count,
    IntakeError,
    Position,
    Reading,
    count_rows,
    detect,
    first_position,
    prepare,
    preview,
    profile,
    read_slices,
    read_to,
    record_at,
)
from webapp.intake import fast as fast_module
from webapp.intake import source as source_module
from webapp.intake.batches import Batch, BatchReader
from webapp.intake.lines import Lines

UNHURRIED = settings(deadline=None)
Record = tuple[int, int, int, int, list[str]]

DIALECTS = st.tuples(st.sampled_from([",", ";", "\t", "|", ":", "^", "~", " "]), st.sampled_from(['"', "'"]))
CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8) | st.text(
    st.sampled_from("a,;\t|\"' \r\n\u2028\x85é"), max_size=8
)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width).filter(any), min_size=1, max_size=8)
)
# Bytes that mean something to the reader, close together.
MESSY = st.lists(
    st.sampled_from(
        [
            *(b'"', b'""', b",", b"\n", b"\r", b"\r\n", b"a", b" ", b"\0", b"\xff", b"\xc3\xa9", b'","', b'"\n"'),
            *(b"\\", b"\\\n", b'\\"', b"#", b"\n#", b"||", b"|"),
        ]
    ),
    max_size=40,
).map(b"".join)
READINGS = st.builds(
    Reading,
    encoding=st.sampled_from(["utf-8", "cp1252", "latin-1"]),
    delimiter=st.sampled_from([",", "", " ", ", ", "||"]),
    quote=st.sampled_from(['"', ""]),
    header_line=st.just(0),
    data_line=st.just(1),
    columns=st.integers(1, 3).map(lambda width: tuple("abc"[:width])),
    trailing_cells=st.integers(0, 1),
    escape=st.sampled_from(["", "", "\\"]),
    comment=st.sampled_from(["", "", "#"]),
    end_offset=st.sampled_from([0, 0, 1, 5, 12]),
)


@contextmanager
def file_of(data: bytes) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "file.csv")
        path.write_bytes(data)
        yield path


def everything(
    path: Path, reading: Reading, start: Position | None = None, size: int = 3
) -> list[Record | BrokenRecord]:
    """All records in the order of the file, good ones and broken ones."""
    found: list[Record | BrokenRecord] = []
    for cut in read_slices(path, reading, start, size):
        found += zip(cut.rows, cut.lines, cut.offsets, cut.lengths, cut.cells, strict=True)
        found += cut.broken
    return sorted(found, key=_row)


def _row(record: Record | BrokenRecord) -> int:
    return record.row if isinstance(record, BrokenRecord) else record[0]


@UNHURRIED
@given(
    table=TABLES,
    dialect=DIALECTS,
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-16-le", "utf-32-be"]),
)
def test_any_table_in_any_dialect_comes_back_cell_for_cell(
    table: list[list[str]], dialect: tuple[str, str], ending: str, encoding: str
) -> None:
    delimiter, quote = dialect
    out = io.StringIO(newline="")
    lines = []
    for row in table:
        lines.append(len(out.getvalue().encode().splitlines()) + 1)
        # csv.writer leaves spaces unquoted, and line breaks that are not its own.
        plain = all(cell.strip() == cell and not {"\r", "\n"}.intersection(cell) for cell in row)
        quoting: Literal[0, 1] = csv.QUOTE_MINIMAL if plain else csv.QUOTE_ALL
        writer = csv.writer(out, delimiter=delimiter, quotechar=quote, lineterminator=ending, quoting=quoting)
        writer.writerow(row)
    reading = Reading(encoding, delimiter, quote, 0, 1, tuple("abcd"[: len(table[0])]))
    with file_of(out.getvalue().encode(encoding)) as path:
        prepared = prepare(path, reading, path.with_name("copy"))
        slices = list(read_slices(prepared, reading))
    assert [cells for cut in slices for cells in cut.cells] == _without_mark(table)
    assert [line for cut in slices for line in cut.lines] == lines
    assert not any(cut.broken for cut in slices)


def _without_mark(table: list[list[str]]) -> list[list[str]]:
    """A U+FEFF at the very beginning of a file is its byte order mark, not text."""
    first = table[0][0]
    return [[first.removeprefix("\ufeff"), *table[0][1:]], *table[1:]]


@UNHURRIED
@given(data=MESSY, reading=READINGS, size=st.integers(1, 4))
def test_reading_on_from_any_record_equals_reading_through(data: bytes, reading: Reading, size: int) -> None:
    with file_of(data) as path:
        whole = everything(path, reading)
        for cut in read_slices(path, reading, size=size):
            for position in (cut.first, cut.end):
                assert everything(path, reading, position) == [r for r in whole if _row(r) >= position.row]


@UNHURRIED
@given(data=MESSY, reading=READINGS, block=st.sampled_from([1, 2, 5, 64]))
def test_the_size_of_a_block_changes_nothing(data: bytes, reading: Reading, block: int) -> None:
    with file_of(data) as path:
        whole = everything(path, reading), count_rows(path, reading)
        with patch.object(source_module, "BLOCK_BYTES", block):
            assert (everything(path, reading), count_rows(path, reading)) == whole


@UNHURRIED
@given(data=MESSY, reading=READINGS, few=st.sampled_from([0, 4]))
def test_the_quick_ways_read_what_the_exact_way_reads(data: bytes, reading: Reading, few: int) -> None:
    with file_of(data) as path:
        with patch.object(fast_module, "_FEW_QUOTED", few):
            quick = everything(path, reading)
        with patch.object(BatchReader, "_read_quickly", _not_at_all):
            assert everything(path, reading) == quick


def _not_at_all(
    _reader: BatchReader, _batch: Batch, at: Position, lines: Lines, first: int, stop: int
) -> tuple[int, int, int]:
    return at.line + first, lines.bounds[first], stop


@UNHURRIED
@given(data=MESSY, reading=READINGS)
def test_records_are_numbered_without_a_gap_and_counted_alike(data: bytes, reading: Reading) -> None:
    with file_of(data) as path:
        records = everything(path, reading)
        broken = sum(isinstance(record, BrokenRecord) for record in records)
        assert [_row(record) for record in records] == list(range(1, len(records) + 1))
        skipped = b"\xef\xbb\xbf" if reading.encoding == "utf-8" and data.startswith(b"\xef\xbb\xbf") else b""
        lines = len(data[: reading.end_offset or None].removeprefix(skipped).splitlines())
        assert count_rows(path, reading) == Count(len(records), broken, lines)


@UNHURRIED
@given(data=MESSY, reading=READINGS)
def test_each_record_is_read_again_as_it_was(data: bytes, reading: Reading) -> None:
    with file_of(data) as path:
        for record in everything(path, reading):
            if isinstance(record, BrokenRecord):
                assert record_at(path, reading, record.offset, record.length) is not None
            else:
                _, _, offset, length, cells = record
                assert record_at(path, reading, offset, length)[: len(cells)] == cells


@UNHURRIED
@given(data=st.binary(max_size=300) | MESSY | MESSY.map(lambda data: data.decode("latin-1").encode("utf-16")))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    with file_of(data) as path:
        refusal = _read_in_every_way(path)
    assert refusal is None or (refusal.code and str(refusal).endswith("."))


def _read_in_every_way(path: Path) -> IntakeError | None:
    copy = path.with_name("copy")
    try:
        reading = detect(path)
        prepared = prepare(path, reading, copy)
        records = everything(prepared, reading)
        assert count_rows(prepared, reading).rows == len(records)
        assert first_position(prepared, reading).row == 1
        assert len(profile(prepared, reading)) == len(reading.columns)
        assert Reading.from_json(reading.to_json()) == reading
        assert read_to(path, path.with_name("out")).rows <= len(records)
        assert preview(path, copy=copy).rows_total == len(records)
    except IntakeError as error:
        return error
    return None
