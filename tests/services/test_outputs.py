"""Tables as CSV, XLSX and Parquet: every cell comes back as it was, and the same rows make the same bytes."""

import csv
import io
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import duckdb
import pytest
from openpyxl import load_workbook
from xlsxwriter import Workbook

from webapp.authoring import JobError
from webapp.services.outputs.base import Output
from webapp.services.outputs.csv import CsvOutput
from webapp.services.outputs.parquet import open_parquet
from webapp.services.outputs.xlsx import LONGEST_CELL, MOST_ROWS, open_xlsx

COLUMNS = ["id", "Name", "name", 'we"ird']
ROWS = [
    ["007", "Zoë, A.", "=1+1", 'two\nlines, "quoted"'],
    ["", "", "", ""],
    ["1e5", "https://example.com", "NULL", "\x01 \ttab"],
    ["{=A1}", "'", "\\", " spaces "],
]
MADE_AT = datetime(2026, 1, 31, 12, tzinfo=UTC)


def as_csv(target: BinaryIO, rows: Sequence[Sequence[str]] = ROWS) -> None:
    CsvOutput(target, COLUMNS).write(rows)


def as_xlsx(target: BinaryIO, rows: Sequence[Sequence[str]] = ROWS) -> None:
    with open_xlsx(target, COLUMNS, MADE_AT) as output:
        output.write(rows)


def as_parquet(target: BinaryIO, rows: Sequence[Sequence[str]] = ROWS) -> None:
    with open_parquet(target, COLUMNS) as output:
        output.write(rows)


@pytest.mark.parametrize("write", [as_csv, as_xlsx, as_parquet])
def test_the_same_rows_make_the_same_bytes(write: object) -> None:
    assert callable(write)
    first, second = io.BytesIO(), io.BytesIO()
    write(first)
    write(second)
    assert first.getvalue() == second.getvalue() != b""


def test_csv_comes_back_cell_for_cell() -> None:
    target = io.BytesIO()
    as_csv(target)
    assert list(csv.reader(io.StringIO(target.getvalue().decode(), newline=""))) == [COLUMNS, *ROWS]


def test_a_csv_of_one_empty_column_keeps_its_rows() -> None:
    target = io.BytesIO()
    CsvOutput(target, ["a"]).write([[""], ["x"]])
    assert target.getvalue() == b'a\n""\nx\n'


def test_csv_cells_and_header_are_protected_on_the_way() -> None:
    target = io.BytesIO()
    CsvOutput(target, ["=a", "b"], lambda cell: cell.replace("=", "'=")).write([["=1", "2"]])
    assert target.getvalue() == b"'=a,b\n'=1,2\n"


def test_a_protected_cell_with_another_separator_is_not_parted_by_it() -> None:
    target = io.BytesIO()
    CsvOutput(target, ["a"], str).write([["x;=1+1"], ["x\t=1+1"], ["x|y"]])
    assert target.getvalue() == b'a\n"x;=1+1"\n"x\t=1+1"\n"x|y"\n'


def test_xlsx_keeps_every_cell_as_text() -> None:
    target = io.BytesIO()
    as_xlsx(target)
    sheet = load_workbook(io.BytesIO(target.getvalue())).active
    found = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert found[0] == COLUMNS
    assert found[1] == ROWS[0]
    assert found[2] == [None] * 4
    assert found[3][:3] == ROWS[2][:3]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    assert not any(cell.hyperlink for row in sheet.iter_rows() for cell in row)


def test_xlsx_says_when_a_sheet_is_full() -> None:
    with open_xlsx(io.BytesIO(), ["a"], MADE_AT) as output:
        output.write([[""]] * MOST_ROWS)
        with pytest.raises(JobError, match="An Excel sheet keeps 1,048,575 rows"):
            output.write([["one too many"]])


def test_xlsx_says_when_there_are_too_many_columns() -> None:
    columns = [f"c{i}" for i in range(16_385)]
    with pytest.raises(JobError, match="keeps 16,384 columns"), open_xlsx(io.BytesIO(), columns, MADE_AT):
        pass


def test_xlsx_tells_how_long_a_cell_can_be_and_keeps_one_as_long() -> None:
    target = io.BytesIO()
    with open_xlsx(target, ["a"], MADE_AT) as output:
        assert output.longest_cell == LONGEST_CELL
        output.write([["x" * LONGEST_CELL]])
    assert load_workbook(io.BytesIO(target.getvalue())).active["A2"].value == "x" * LONGEST_CELL


def test_parquet_keeps_every_cell_as_text_and_a_blank_as_no_value(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    with path.open("wb") as target:
        as_parquet(target)
    with duckdb.connect() as connection:
        found = connection.read_parquet(str(path))
        assert found.columns == ["id", "Name", "name 2", 'we"ird']
        assert set(map(str, found.types)) == {"VARCHAR"}
        assert found.fetchall() == [tuple(cell or None for cell in row) for row in ROWS]


def test_parquet_keeps_long_cells_many_rows_and_none_at_all(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    for rows in ([["x" * 10_000_000, "", "", "é"]] * 3, [[str(i), "b", "c", "d"] for i in range(200_000)], []):
        with path.open("wb") as target:
            as_parquet(target, rows)
        with duckdb.connect() as connection:
            expected = [tuple(cell or None for cell in row) for row in rows]
            assert connection.read_parquet(str(path)).fetchall() == expected


@pytest.mark.parametrize("opener", [open_parquet, lambda target, columns: open_xlsx(target, columns, MADE_AT)])
def test_nothing_is_written_when_the_job_breaks_off(
    opener: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert callable(opener)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made: list[str] = []
    monkeypatch.setattr(Workbook, "close", lambda _: made.append("workbook"))
    target = io.BytesIO()
    with pytest.raises(RuntimeError, match="broke"), opener(target, ["a"]) as output:
        _write_and_break(output, tmp_path)
    assert target.getvalue() == b""
    assert made == []
    assert list(tmp_path.iterdir()) == []


def _write_and_break(output: Output, folder: Path) -> None:
    output.write([["1"]])
    assert list(folder.glob("*/*")), "its files stand in the temporary folder"
    raise RuntimeError("broke")
