"""What columns hold is found from their cells, and cells become values."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from webapp.intake import ColumnType, detect, parse_cell, preview, profile
from webapp.intake.styles import styles_of


@pytest.mark.parametrize(
    ("cells", "kind", "style"),
    [
        (["1", "-20", "3000"], "integer", ""),
        (["007", "012"], "code", ""),
        (["1234567890123456", "1"], "code", ""),
        (["1.5", "2", "-0.25"], "decimal", "."),
        (["1,5", "2,25", "3"], "decimal", ","),
        (["1.10", "12345678901234567.89"], "decimal", "."),
        (["2024-01-31", "2024-02-29"], "date", "iso"),
        (["2024-01-31", "2024/2/29"], "date", "ymd"),
        (["31.01.2024", "01.02.2024"], "date", "dmy"),
        (["01/31/2024", "02/01/2024"], "date", "mdy"),
        (["2024-01-31 14:30", "2024-01-31T14:30:15"], "datetime", "iso"),
        (["yes", "No"], "boolean", ""),
        (["a@example.org", "b@example.com"], "email", ""),
        (["a", "1", "2"], "text", ""),
        (["", " "], "text", ""),
    ],
)
def test_the_type_of_a_column_is_found(cells: list[str], kind: str, style: str, write: Any) -> None:
    path = write(("value;x\n" + "".join(f"{cell};a\n" for cell in cells)).encode())
    column = profile(path, detect(path))[0]
    assert (column.name, column.kind.value, column.style) == ("value", kind, style)


def test_two_misfits_in_a_hundred_do_not_change_a_type_and_are_counted(write: Any) -> None:
    path = write(b"id,x\n" + b"1,a\n" * 98 + b"one,a\n" * 2)
    assert (profile(path, detect(path))[0].kind, profile(path, detect(path))[0].misfits) == (ColumnType.INTEGER, 2)
    path = write(b"id,x\n" + b"1,a\n" * 97 + b"one,a\n" * 3)
    assert profile(path, detect(path))[0].kind is ColumnType.TEXT


def test_blanks_and_examples_are_kept(write: Any) -> None:
    path = write(b"id,x\n5,a\n,b\n5,c\n6,d\n")
    column = profile(path, detect(path))[0]
    assert (column.examples, column.blanks, column.kind.label) == (("5", "6"), 1, "whole number")


def test_a_date_that_may_be_read_both_ways_is_half_as_sure(write: Any) -> None:
    path = write(b"d,x\n01/02/2024,a\n03/04/2024,b\n")
    assert profile(path, detect(path))[0].confidence == 0.5


def test_the_sample_reaches_the_end_of_the_file(write: Any) -> None:
    path = write(b"id,x\n" + b"1,a\n" * 60_000 + b"word,a\n" * 60_000)
    assert profile(path, detect(path), sample_rows=2_000)[0].kind is ColumnType.TEXT


@pytest.mark.parametrize(
    ("text", "kind", "style", "value"),
    [
        (" 5 ", "integer", "", 5),
        ("", "integer", "", None),
        ("1.50", "decimal", ".", Decimal("1.50")),
        ("1,50", "decimal", ",", Decimal("1.50")),
        ("31.01.2024", "date", "dmy", date(2024, 1, 31)),
        ("01/31/2024", "date", "mdy", date(2024, 1, 31)),
        ("2024-01-31 14:30", "datetime", "ymd", datetime(2024, 1, 31, 14, 30)),  # noqa: DTZ001 - as written
        ("Yes", "boolean", "", True),
        ("off", "boolean", "", False),
        (" x ", "text", "", "x"),
    ],
)
def test_a_cell_becomes_a_value(text: str, kind: str, style: str, value: object) -> None:
    assert parse_cell(text, ColumnType(kind), style) == value


@pytest.mark.parametrize(
    ("text", "kind", "sentence"),
    [
        ("x", "integer", "is not a whole number"),
        ("1,5", "decimal", "is not a number"),
        ("2024-02-30", "date", "is not a date: there is no 30 February"),
        ("2024-01-31 25:00", "datetime", "is not a date and time: write it as 2026-01-31 14:30"),
        ("maybe", "boolean", "is neither yes nor no"),
        ("a.b", "email", "is not an e-mail address: an @ is missing"),
    ],
)
def test_a_cell_that_does_not_fit_says_what_it_is_not(text: str, kind: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse_cell(text, ColumnType(kind))


def test_a_preview_shows_the_first_rows_and_counts_a_small_file(write: Any) -> None:
    path = write(b"id,x\n1,a\nbroken\n" + b"2,b\n" * 100)
    seen = preview(path, rows=3)
    assert [(row.row, row.line, row.cells) for row in seen.rows] == [
        (1, 2, ["1", "a"]),
        (3, 4, ["2", "b"]),
        (4, 5, ["2", "b"]),
    ]
    assert [(record.row, record.line) for record in seen.broken] == [(2, 3)]
    assert (seen.rows_total, seen.rows_estimate, seen.size_bytes) == (102, 102, path.stat().st_size)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_rows_of_a_large_file_are_estimated(encoding: str, write: Any) -> None:
    path = write(("id,text\n" + "1,some text that is always alike\n" * 400_000).encode(encoding))
    seen = preview(path)
    assert seen.rows_total is None
    assert abs(seen.rows_estimate - 400_000) < 4_000


def test_a_column_of_text_says_what_most_of_its_cells_are(write: Any) -> None:
    seen = preview(write(b"day;name\n28.01.1980;Ann\n03.02.1981;Bo\n30.02.1984;Cy\n05.04.1983;Di\n"))
    day, name = seen.columns
    assert (day.kind, name.likely) == (ColumnType.TEXT, None)
    assert day.likely is not None
    assert (day.likely.kind, day.likely.style) == (ColumnType.DATE, "dmy")
    assert styles_of(seen.columns) == {"day": day.likely}


def test_days_and_months_are_told_by_the_whole_of_a_small_file(write: Any) -> None:
    open_days = "".join(f"0{day}/0{month}/2026\n" for day in range(1, 10) for month in range(1, 10) if day != month)
    path = write(("day\n" + open_days * 40 + "28/01/2026\n").encode())
    (column,) = preview(path).columns
    assert (column.style, column.other, column.doubt) == ("dmy", None, "")


def test_dates_that_contradict_each_other_settle_nothing(write: Any) -> None:
    cells = ["01/31/2026"] * 5 + ["31/03/2026"] * 5 + ["05/06/2026"] * 3
    seen = preview(write(("day;n\n" + "".join(f"{cell};1\n" for cell in cells)).encode()))
    assert "day" not in styles_of(seen.columns)


@pytest.mark.parametrize(("delimiter", "is_open"), [(",", False), ("\t", True), ("|", True), (";", True)])
def test_a_comma_in_a_number_needs_proof(delimiter: str, *, is_open: bool, write: Any) -> None:
    rows = "".join(f'"{number},234"{delimiter}x{number}\n' for number in range(1, 9))
    (amount, _) = preview(write(f"amount{delimiter}name\n{rows}".encode())).columns
    assert (amount.other is not None) == is_open
