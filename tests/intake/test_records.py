"""Records are read exactly, and a broken one takes nothing but itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from webapp.intake import Position, Reading, count_rows, record_at

Make = Callable[..., Reading]


@pytest.mark.parametrize(
    ("data", "cells", "lines"),
    [
        (b"h,h\n1,2\n3,4\n", [["1", "2"], ["3", "4"]], [2, 3]),
        (b"h,h\n1,2\n3,4", [["1", "2"], ["3", "4"]], [2, 3]),
        (b"h,h\r\n1,2\r\n3,4\r\n", [["1", "2"], ["3", "4"]], [2, 3]),
        (b"h,h\r1,2\r3,4\r", [["1", "2"], ["3", "4"]], [2, 3]),
        (b"h,h\n1,2\r3,4\r\n5,6\n", [["1", "2"], ["3", "4"], ["5", "6"]], [2, 3, 4]),
        (b"\xef\xbb\xbfh,h\n1,2\n", [["1", "2"]], [2]),
        (b"h,h\n\n1,2\n\r\n   \n3,4\n\n", [["1", "2"], ["3", "4"]], [3, 6]),
        (b'h,h\n"a\nb",2\n3,4\n', [["a\nb", "2"], ["3", "4"]], [2, 4]),
        (b'h,h\n"a\r\nb\rc\nd",2\n3,4\n', [["a\r\nb\rc\nd", "2"], ["3", "4"]], [2, 6]),
        (b'h,h\n"say ""hi""",""\n', [['say "hi"', ""]], [2]),
        (b'h,h\n12,5" pipe\n', [["12", '5" pipe']], [2]),
        (b'h,h\n"",""\n', [["", ""]], [2]),
        (b"h,h\n,\n1,2\n , \n,,,\n3,4\n,\n", [["1", "2"], [" ", " "], ["3", "4"]], [3, 4, 6]),
        (b'h,h\n"a\n,\nb",2\n', [["a\n,\nb", "2"]], [2]),
        ("h,h\né,\u2028x\x85\n1,2\n".encode(), [["é", "\u2028x\x85"], ["1", "2"]], [2, 3]),
        (b"h,h\na\x0bb,c\x1cd\x0c\n1,2\n", [["a\x0bb", "c\x1cd\x0c"], ["1", "2"]], [2, 3]),
        (b"h,h\n", [], []),
        (b"h,h", [], []),
    ],
)
def test_good_records_come_cell_for_cell_with_their_lines(  # noqa: PLR0913, PLR0917 - a table of cases
    data: bytes, cells: list[list[str]], lines: list[int], write: Any, read_all: Any, reading: Make
) -> None:
    seen = read_all(write(data), reading(2))
    assert (seen.cells, seen.lines, seen.broken) == (cells, lines, [])


@pytest.mark.parametrize(
    ("bad", "code", "column", "reason"),
    [
        (b'x,"st"ray,z', "stray_quote", "c2", "has a quotation mark inside a quoted cell"),
        (b'x,"open,z', "unclosed_quote", "c2", "has a quotation mark that opens a cell and never closes it"),
        (b"x,y", "missing_cells", None, "has 2 cells where the header has 3"),
        (b"x", "missing_cells", None, "has 1 cell where the header has 3"),
        (b"x,y,z,w", "surplus_cells", None, "has 4 cells where the header has 3"),
        (b"x,y,z,", "surplus_cells", None, "has 4 cells where the header has 3"),
        (b"x,\0,z", "nul_byte", "c2", "holds a NUL character"),
        (b"x,y,\xff\xfe", "bad_bytes", "c3", "holds characters that are not UTF-8 text"),
        (b'x,"a\xff\nb",z', "bad_bytes", "c2", "holds characters that are not UTF-8 text"),
        (b'x,"a\nb"', "missing_cells", None, "has 2 cells where the header has 3"),
    ],
)
@pytest.mark.parametrize("after", [b"4,5,6\n", b'4,"5\n5",6\n'])
def test_a_broken_record_is_named_and_its_neighbours_stay_whole(  # noqa: PLR0913, PLR0917 - a table of cases
    bad: bytes,
    code: str,
    column: str | None,
    reason: str,
    after: bytes,
    write: Any,
    read_all: Any,
    reading: Make,
) -> None:
    path = write(b"a,b,c\n1,2,3\n" + bad + b"\n" + after)
    seen = read_all(path, reading(3))
    assert seen.cells[0] == ["1", "2", "3"]
    assert seen.cells[1:] == [["4", "5" if after[2:3] == b"5" else "5\n5", "6"]]
    assert [row[0] for row in seen.rows] == [1, 3]
    broken = seen.broken[0]
    assert (broken.row, broken.line, broken.code, broken.column) == (2, 3, code, column)
    assert broken.reason.startswith(reason)
    assert path.read_bytes()[broken.offset : broken.offset + broken.length] == bad + b"\n"
    assert broken.raw == bad.decode("utf-8", "replace")


def test_a_quote_left_open_rejects_its_own_line_though_good_rows_with_quotes_follow(
    write: Any, read_all: Any, reading: Make
) -> None:
    path = write(b'a,b,c\n1,"open,x\n2,"two, three",y\n3,4,5\n6,"",7\n')
    seen = read_all(path, reading(3))
    assert seen.cells == [["2", "two, three", "y"], ["3", "4", "5"], ["6", "", "7"]]
    assert seen.faults == [(2, "unclosed_quote")]


@pytest.mark.parametrize("bad", [b'"open', b'"st"ray"'])
def test_a_broken_record_keeps_the_lines_of_its_last_quoted_cell(
    bad: bytes, write: Any, read_all: Any, reading: Make
) -> None:
    path = write(b"a,b,c\n1," + bad + b',"two\n\nlines"\n2,"and\nmore",y\n3,4,5\n')
    seen = read_all(path, reading(3))
    assert seen.cells == [["2", "and\nmore", "y"], ["3", "4", "5"]]
    assert [(record.line, record.length) for record in seen.broken] == [(2, len(bad) + 16)]
    path = write(b"a,b,c\n1," + bad + b',"two\n2,3,4\nlines"\n')
    assert read_all(path, reading(3)).cells == [["2", "3", "4"]], "a good row is no one's line"


def test_good_rows_that_a_stray_quote_took_in_are_given_back(write: Any, read_all: Any, reading: Make) -> None:
    path = write(b'a,b,c\n1,2,"open\n4,5,6\n7,8,9"\n10,11,12\n')
    seen = read_all(path, reading(3))
    assert seen.cells == [["1", "2", "open\n4,5,6\n7,8,9"], ["10", "11", "12"]], "three cells: it may be meant so"
    path = write(b'a,b,c\n1,"open\n4,5,6\n7,8,9"\n10,11,12\n')
    seen = read_all(path, reading(3))
    assert seen.cells == [["4", "5", "6"], ["7", "8", '9"'], ["10", "11", "12"]]
    assert seen.faults == [(2, "unclosed_quote")]


def test_records_are_accepted_and_broken_ones_together(write: Any, read_all: Any, reading: Make) -> None:
    path = write(b'a,b\n1,2\nx\n"y"z,1\n3,4\n"open,5\n')
    seen = read_all(path, reading(2))
    count = count_rows(path, reading(2))
    assert (count.rows, count.broken, count.lines) == (len(seen.rows) + len(seen.broken), len(seen.broken), 6)
    assert sorted([row[0] for row in seen.rows] + [record.row for record in seen.broken]) == [1, 2, 3, 4, 5]


def test_empty_cells_at_the_end_of_each_row_are_dropped_only_where_the_reading_says_so(
    write: Any, read_all: Any, reading: Make
) -> None:
    path = write(b"a,b\n1,2,\n3,4\n5,6,7\n")
    seen = read_all(path, reading(2, trailing_cells=1))
    assert seen.cells == [["1", "2"], ["3", "4"]]
    assert seen.faults == [(4, "surplus_cells")]


def test_spaces_before_a_quote_are_skipped_where_the_reading_says_so(write: Any, read_all: Any, reading: Make) -> None:
    path = write(b'a,b\n1, "x, y"\n 2,  z\n')
    assert read_all(path, reading(2, skipinitialspace=True)).cells == [["1", "x, y"], ["2", "z"]]


def test_a_file_without_quoting_takes_quotes_as_text(write: Any, read_all: Any, reading: Make) -> None:
    path = write(b'a\tb\n"1\t2"\n')
    assert read_all(path, reading(2, quote="", delimiter="\t")).cells == [['"1', '2"']]


def test_one_column_needs_no_delimiter(write: Any, read_all: Any, reading: Make) -> None:
    path = write(b'a\nSmith, John\n"Miller\nJane"\n\n  \n""\n')
    seen = read_all(path, reading(1, delimiter=""))
    assert seen.cells == [["Smith, John"], ["Miller\nJane"], ["  "], [""]]
    assert seen.lines == [2, 3, 6, 7]


def test_a_record_can_be_read_again_by_its_place(write: Any, read_all: Any, reading: Make) -> None:
    path = write(b'a,b\n"x\ny",2\nonly\nst"ray,"q"z,9\nb\xff,1\n')
    seen = read_all(path, reading(2))
    _, _, offset, length, cells = seen.rows[0]
    assert record_at(path, reading(2), offset, length) == cells
    again = [record_at(path, reading(2), record.offset, record.length) for record in seen.broken]
    assert again == [["only"], ['st"ray', '"q"z', "9"], ["b\ufffd", "1"]]


def test_a_position_survives_json() -> None:
    position = Position(row=7, line=9, offset=123)
    assert Position.from_json(position.to_json()) == position


def test_the_raw_text_of_a_broken_record_is_bounded(write: Any, read_all: Any, reading: Make, tmp_path: Path) -> None:
    del tmp_path
    seen = read_all(write(b"a,b\n" + b"x" * 10_000 + b"\n"), reading(2))
    assert len(seen.broken[0].raw) == 2_000
