"""What is suggested for a broken record, and when it is the only way to read it."""

from typing import Any

import pytest

from webapp.intake import Reading
from webapp.intake.repair import Repair, joined, repair_of
from webapp.intake.repair_shapes import ANYTHING, ColumnShape, shapes_of

READING = Reading("utf-8", ",", '"', 1, 2, ("id", "name", "joined", "qty", "note"))
ROWS = [[str(number), f"Ann{'a' * (number % 7)} Lee", "2024-01-31", str(number * 7 % 100), ""] for number in range(60)]
ROWS[7][4] = "asked twice"
SHAPES = shapes_of(ROWS, 5)
UNKNOWN = (ANYTHING,) * 5


def repair(record: str | bytes, shapes: Any = SHAPES, **changes: Any) -> Repair | None:
    data = record if isinstance(record, bytes) else record.encode()
    reading = Reading(**{**READING.to_json(), "columns": READING.columns, **changes})
    return repair_of(data + b"\n", reading, shapes)


@pytest.mark.parametrize("shapes", [SHAPES, UNKNOWN], ids=["known", "unknown"])
@pytest.mark.parametrize(
    ("record", "cells", "literal", "note"),
    [
        ('1,"12" pipe",2024-01-31,5,', ["1", '12" pipe', "2024-01-31", "5", ""], None, 'inside “12" pipe” was taken'),
        (
            '1,"Ann,2024-01-31,5,',
            ["1", "Ann", "2024-01-31", "5", ""],
            ["1", '"Ann', "2024-01-31", "5", ""],
            "before “Ann” was taken away",
        ),
        ('1,"Ann, Bo,2024-01-31,5,"', None, None, None),
        (
            '1,"Ann,2024-01-31,5,"two, three"',
            ["1", "Ann", "2024-01-31", "5", "two, three"],
            ["1", '"Ann', "2024-01-31", "5", "two, three"],
            "Ann",
        ),
        (
            '1,Ann,2024-01-31,5,"open',
            ["1", "Ann", "2024-01-31", "5", "open"],
            ["1", "Ann", "2024-01-31", "5", '"open'],
            "before “open”",
        ),
        (
            '"1,Ann,2024-01-31,5,',
            ["1", "Ann", "2024-01-31", "5", ""],
            ['"1', "Ann", "2024-01-31", "5", ""],
            "before “1”",
        ),
        ('1,"Ann" ,2024-01-31,5,', ["1", "Ann", "2024-01-31", "5", ""], None, "The blanks after “Ann” were left out"),
        ('1,"a "b" c, d",2024-01-31,5,', ["1", 'a "b" c, d', "2024-01-31", "5", ""], None, "taken as text"),
        ("1,Ann,2024-01-31,5,,", ["1", "Ann", "2024-01-31", "5", ""], None, "The empty cell at the end was left out"),
        ("1,Ann,2024-01-31,5,,,,", ["1", "Ann", "2024-01-31", "5", ""], None, "The 3 empty cells at the end were"),
        ("1,Ann,2024-01-31,5", ["1", "Ann", "2024-01-31", "5", ""], None, "The cell missing at the end was left empty"),
        ("1,Ann", ["1", "Ann", "", "", ""], None, "The 3 cells missing at the end were left empty"),
        ("1,An\0n,2024-01-31,5,", ["1", "Ann", "2024-01-31", "5", ""], None, "The NUL character was taken out"),
    ],
)
def test_what_can_be_read_in_one_way_only_is_safe(
    record: str, cells: list[str] | None, literal: list[str] | None, note: str, shapes: Any
) -> None:
    found = repair(record, shapes)
    if cells is None:
        assert found is None or not found.safe
        return
    assert found is not None
    assert found.safe
    assert list(found.cells) == cells
    assert note in found.note
    assert list(found.literal) == (literal or cells)


def test_a_mark_that_the_column_has_nowhere_else_is_taken_away() -> None:
    found = repair('1,Ann,2024-01-31,""5",')
    assert found is not None
    assert (found.cells[3], found.literal[3]) == ("5", '"5')
    found = repair('1,Ann,2024-01-31,""5",', UNKNOWN)
    assert found is not None
    assert (found.cells[3], found.literal[3]) == ('"5', '"5')


@pytest.mark.parametrize(
    ("record", "cells", "note"),
    [
        ("1,Lee, Ann,2024-01-31,5,", ["1", "Lee, Ann", "2024-01-31", "5", ""], "“Lee, Ann” was put together"),
        ("1,Ann,2024-01-31,5,one, two, three", ["1", "Ann", "2024-01-31", "5", "one, two, three"], "was put together"),
        ("1,Lee,Ann,2024-01-31,5,x,y", ["1", "Lee,Ann", "2024-01-31", "5", "x,y"], "“Lee,Ann” and “x,y” were each put"),
        (",1,Ann,2024-01-31,5,", ["1", "Ann", "2024-01-31", "5", ""], "The empty cell before “1” was left out"),
        ("1,Ann,,2024-01-31,5,x", ["1", "Ann", "2024-01-31", "5", "x"], "The empty cell before “2024-01-31”"),
        (
            "1,Ann,2024-01-315,",
            ["1", "Ann", "2024-01-31", "5", ""],
            "“2024-01-315” was parted into “2024-01-31” and “5”",
        ),
        ("1;Ann;2024-01-31;5;a, b", ["1", "Ann", "2024-01-31", "5", "a, b"], "parted by semicolons"),
        ("1\tAnn\t2024-01-31\t5\t", ["1", "Ann", "2024-01-31", "5", ""], "parted by tabs"),
        ("1 Ann Lee 2024-01-31 5 ", ["1", "Ann Lee", "2024-01-31", "5", ""], "parted by spaces"),
    ],
)
def test_the_shapes_of_the_columns_tell_where_cells_belong(record: str, cells: list[str], note: str) -> None:
    found = repair(record)
    assert found is not None
    assert (list(found.cells), found.literal, found.safe) == (cells, found.cells, True)
    assert note in found.note
    assert repair(record, UNKNOWN) is None or ";" in record or "\t" in record or repair(record, UNKNOWN) != found


@pytest.mark.parametrize(
    "record",
    [
        "1,Ann,31 January,5,",
        "1,Ann,no,5,x,y",
        "total,,,",
        "-----",
        "",
    ],
)
def test_nothing_is_suggested_where_several_ways_or_none_are_right(record: str) -> None:
    assert repair(record) is None


def test_two_columns_of_text_leave_a_surplus_cell_undecided() -> None:
    rows = [[f"Ann {'x' * (number % 9)}", f"Lee {'y' * (number % 11)}"] for number in range(60)]
    reading = Reading("utf-8", ",", '"', 1, 2, ("a", "b"))
    assert repair_of(b"Ann,Bo,Lee\n", reading, shapes_of(rows, 2)) is None


@pytest.mark.parametrize(
    ("name", "expected", "safe"),
    [
        (b"Zo\xeb", "Zoë", True),
        (b"it\x92s", "it\u2019s", True),
        (b"caf\xc3\xa9 \xfc", "café ü", True),
        (b"\xc3\xc3", "ÃÃ", False),
    ],
)
def test_bytes_that_are_no_utf_8_are_read_as_windows_1252(name: bytes, expected: str, safe: bool) -> None:  # noqa: FBT001
    found = repair(b"1,A " + name + b",2024-01-31,5,")
    assert found is not None
    assert (found.cells[1], found.safe) == (f"A {expected}", safe)
    assert "Windows-1252" in found.note


def test_only_one_thing_is_mended_at_a_time() -> None:
    assert repair(b'1,"Zo\xeb,2024-01-31') is None


def test_a_line_break_without_quotes_is_joined() -> None:
    found = joined([b"1,Ann\n", b"Lee,2024-01-31,5,\n"], READING, SHAPES)
    assert found is not None
    assert (found.cells, found.safe) == (("1", "Ann\nLee", "2024-01-31", "5", ""), True)
    assert "2 lines were put together" in found.note
    assert joined([b"1,Ann\n", b"2,Bo,2024-01-31,5,\n"], READING, SHAPES) is None


def test_a_short_row_below_a_short_row_is_not_surely_its_rest() -> None:
    rows = [["x" * (number % 9 + 1)] * 3 for number in range(40)]
    reading = Reading("utf-8", ",", '"', 1, 2, ("a", "b", "c"))
    found = joined([b"one,two\n", b"three,four\n"], reading, shapes_of(rows, 3))
    assert found is not None
    assert not found.safe


def test_a_record_that_is_too_long_is_left_alone() -> None:
    assert repair("1,Ann,2024-01-31,5," + "," * 70_000) is None


@pytest.mark.parametrize(
    ("cells", "fits", "fits_not"),
    [
        (["RI-8070", "MG-1234"] * 20, ["AB-0000"], ["RI-80701", "RI-807", "RI8070", ""]),
        ([f"${number}.50" for number in range(40)], ["$1", "$1234.5", "$0.99"], ["1", "x", "$"]),
        (["DE", "FR", "IT"] * 20, ["DE"], ["XX", "de"]),
        ([""] * 40, ["", " "], ["x"]),
        (
            ["some text", "Other, words"] * 3 + [f"word {'x' * number}" for number in range(60)],
            ["so, what", "O"],
            [" x", "?"],
        ),
    ],
)
def test_a_shape_knows_the_cells_of_its_column(cells: list[str], fits: list[str], fits_not: list[str]) -> None:
    shape: ColumnShape = shapes_of([[cell] for cell in cells], 1)[0]
    assert [cell for cell in fits if not shape.fits(cell)] == []
    assert [cell for cell in fits_not if shape.fits(cell)] == []


def test_a_few_rows_prove_only_what_is_alike_in_all_of_them() -> None:
    assert shapes_of([["1", "2"]] * 2, 2) == (ANYTHING, ANYTHING)
    number, text = shapes_of([["1", "a"], ["22", "b"], ["3", "4"]], 2)
    assert [number.fits(cell) for cell in ("7", "", "x")] == [True, False, False]
    assert text == ANYTHING


def test_two_lines_of_a_short_file_are_joined_where_the_second_is_no_row() -> None:
    shapes = shapes_of([[str(number), "fine", "Ann", "2024-01-01"] for number in (1, 3, 4)], 4)
    reading = Reading("utf-8", ",", '"', 1, 2, ("id", "comment", "by", "on"))
    found = joined([b"2,first half\n", b"second half,Bo,2024-01-02\n"], reading, shapes)
    assert found is not None
    assert (found.cells, found.safe) == (("2", "first half\nsecond half", "Bo", "2024-01-02"), True)


def test_a_number_is_never_parted_into_two() -> None:
    rows = [[f"Nut {'a' * (number % 7)}", str(number), f"{number}.5"] for number in range(60)]
    reading = Reading("utf-8", ",", '"', 1, 2, ("name", "qty", "price"))
    found = repair_of(b"Bolt,17\n", reading, shapes_of(rows, 3))
    assert found is not None
    assert found.cells == ("Bolt", "17", "")
