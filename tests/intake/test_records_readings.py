"""What a reading can say beyond delimiter and quote: escapes, comments, an end, headers of several rows."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest

from webapp.intake import Reading, count_rows, header_cells, record_at
from webapp.intake.exact import ExactReader
from webapp.intake.records import join_header

Make = Callable[..., Reading]


@pytest.mark.parametrize(
    ("data", "cells"),
    [
        (rb'"say \"hi\"",2', ['say "hi"', "2"]),
        (rb'"say ""hi""",2', ['say "hi"', "2"]),
        (rb"a\,b,2", ["a,b", "2"]),
        (rb'"a\\","b"', ["a\\", "b"]),
        (rb"\"a\",2", ['"a"', "2"]),
        (b'"a\\\nb",2', ["a\nb", "2"]),
        (b"a\\\nb,2", ["a\nb", "2"]),
        (b"a\\\r\nb,2", ["a\r\nb", "2"]),
        (b"\\N,\\\xc3\xa9", ["\\N", "\\é"]),
        (b"C:\\new\\table,\\u00e9\\n", ["C:\\new\\table", "\\u00e9\\n"]),
        (b'"C:\\new \\"x\\"",2', ['C:\\new "x"', "2"]),
        (b'"\\\\\\"",2', ['\\"', "2"]),
    ],
    ids=repr,
)
@pytest.mark.parametrize("after", [b"3,4\n", b'"3",4\n', b""])
def test_an_escape_escapes_what_would_mean_something_and_is_text_otherwise(  # noqa: PLR0913, PLR0917 - a table of cases
    data: bytes, cells: list[str], after: bytes, write: Any, read_all: Any, reading: Make
) -> None:
    path, by = write(b"a,b\n" + data + b"\n" + after), reading(2, escape="\\")
    seen = read_all(path, by)
    assert (seen.cells, seen.broken) == ([cells, *([["3", "4"]] if after else [])], [])
    _, _, offset, length, _ = seen.rows[0]
    assert record_at(path, by, offset, length) == cells
    assert count_rows(path, by).rows == len(seen.cells)


@pytest.mark.parametrize(
    ("last", "cells"),
    [
        (b"a,b\\\nc\n", [["1", "2"], ["a", "b\nc"]]),
        (b"a,b\\\n3,4\n", [["1", "2"], ["a", "b\\"], ["3", "4"]]),
        (b"a,b\\\n", [["1", "2"], ["a", "b\\"]]),
        (b"a,b\\", [["1", "2"], ["a", "b\\"]]),
    ],
    ids=repr,
)
def test_an_escape_at_the_end_of_a_line_goes_on_only_where_a_good_row_comes_of_it(
    last: bytes, cells: list[list[str]], write: Any, read_all: Any, reading: Make
) -> None:
    seen = read_all(write(b"a,b\n1,2\n" + last), reading(2, escape="\\"))
    assert (seen.cells, seen.broken) == (cells, [])


def test_a_file_of_lines_that_all_end_with_the_escape_is_read_line_by_line(
    write: Any, read_all: Any, reading: Make
) -> None:
    seen = read_all(write(b"a,b\n" + b"C:\\,D:\\\\\n" * 2_000 + b"x,C:\\dir\\\n" * 2_000), reading(2, escape="\\"))
    assert len(seen.rows) + len(seen.broken) == 2_000 + 2_000
    assert seen.cells[-1] == ["x", "C:\\dir\\"]


def test_without_quotes_an_escape_still_counts(write: Any, read_all: Any, reading: Make) -> None:
    path = write(b'a\tb\n"x\\\ty\tz"\n')
    assert read_all(path, reading(2, quote="", escape="\\", delimiter="\t")).cells == [['"x\ty', 'z"']]


def test_an_escape_that_is_the_quote_says_that_quotes_are_doubled(write: Any, read_all: Any, reading: Make) -> None:
    path = write(b'a,b\n"say ""hi""",2\n')
    assert read_all(path, reading(2, escape='"')).cells == [['say "hi"', "2"]]


def test_comment_lines_are_no_records_and_count_as_lines(write: Any, read_all: Any, reading: Make) -> None:
    path = write(b'#made today\na,b\n# one\n1,2\n#,,\n3,"x\n# text\ny"\n#"\n"#4",5\n 6,#7\n#end')
    by = reading(2, comment="#", header_line=2, data_line=3)
    seen = read_all(path, by)
    assert seen.cells == [["1", "2"], ["3", "x\n# text\ny"], ["#4", "5"], [" 6", "#7"]]
    assert (seen.lines, seen.broken) == ([4, 6, 10, 11], [])
    assert count_rows(path, by).rows == 4


def test_a_comment_may_be_of_several_characters_and_of_any_length(write: Any, read_all: Any, reading: Make) -> None:
    path = write(b"a,b\n//" + b"x" * 200_000 + b"\n1,2\n/,3\n//\n")
    assert read_all(path, reading(2, comment="//")).cells == [["1", "2"], ["/", "3"]]


def test_a_broken_record_ends_before_the_comment_below_it(write: Any, read_all: Any, reading: Make) -> None:
    path = write(b'a,b,c\n1,"open,2\n# note\n3,4,5\n')
    seen = read_all(path, reading(3, comment="#"))
    assert (seen.cells, seen.faults) == ([["3", "4", "5"]], [(2, "unclosed_quote")])


def test_the_table_ends_where_the_reading_says(write: Any, read_all: Any, reading: Make) -> None:
    table = b'a,b\n1,2\n3,"open\n'
    path = write(table + b'5,6"\ntotal,9\n')
    by = reading(2, end_offset=len(table))
    seen = read_all(path, by)
    assert (seen.cells, seen.faults) == ([["1", "2"]], [(3, "unclosed_quote")])
    assert seen.positions[-1].offset == seen.broken[0].offset + seen.broken[0].length == len(table)
    count = count_rows(path, by)
    assert (count.rows, count.broken, count.lines) == (2, 1, 3)


def test_a_long_table_ends_where_the_reading_says(write: Any, read_all: Any, reading: Make) -> None:
    rows = b"1,2\n" * 50_000
    path = write(b"a,b\n" + rows + b"total;100000\n" * 50_000)
    by = reading(2, end_offset=4 + len(rows))
    assert len(read_all(path, by).rows) == count_rows(path, by).rows == 50_000


@pytest.mark.parametrize("delimiter", ["||", "::", ", ", "<>"])
def test_a_delimiter_of_two_characters_is_read_the_fast_way(
    delimiter: str, write: Any, read_all: Any, reading: Make
) -> None:
    half = delimiter[0]
    rows = [["1", "x"], ["2", f"x{delimiter}y"], ["3", f"{half}z"], ["\x1f", "\x1e"]]
    lines = [f"{first}{delimiter}" + (f'"{last}"' if delimiter in last else last) for first, last in rows]
    path = write("\n".join(["a" + delimiter + "b", *lines, ""]).encode())
    with patch.object(ExactReader, "record", side_effect=AssertionError):
        seen = read_all(path, reading(2, delimiter=delimiter))
    assert seen.cells == rows
    assert seen.rows[1][2:4] == (5 + len(lines[0]) + 1, len(lines[1]) + 1)


def test_what_stands_for_the_delimiter_is_never_taken_from_the_file(write: Any, read_all: Any, reading: Make) -> None:
    marks = "\x1f\x1e\x1d\ue000\uf8ff\U0010fffd"
    path = write(f'a||b\n{marks}||"x||{marks}"\n'.encode())
    assert read_all(path, reading(2, delimiter="||")).cells == [[marks, f"x||{marks}"]]


@pytest.mark.parametrize(
    ("records", "names"),
    [
        ([["a ", "b"]], ["a ", "b", ""]),
        ([["a", "b", "c"], ["d ", "", " e"]], ["a d", "b", "c e"]),
        ([["Soil", "", ""], ["X", "Y", "Z"]], ["Soil X", "Y", "Z"]),
        ([["id", "Soil", ""], ["", "X", "Y"]], ["id", "Soil X", "Soil Y"]),
        ([["Soil", "", "Air"], ["X", "Y", "Z"]], ["Soil X", "Soil Y", "Air Z"]),
        ([["id", "Soil", ""], ["", "X", ""]], ["id", "Soil X", ""]),
        ([["id", "Soil", ""], ["", "", "Y"]], ["id", "Soil", "Y"]),
        ([["", "Soil", ""], ["", "2020", ""], ["id", "X", "Y"]], ["id", "Soil 2020 X", "Soil 2020 Y"]),
        ([["Soil", "", "Air"], ["2020", "", ""], ["X", "Y", "Z"]], ["Soil 2020 X", "Soil Y", "Air Z"]),
        ([["Soil", "Air"], ["X"], ["", "", "m"]], ["Soil X", "Air", "m"]),
    ],
)
def test_header_rows_are_joined_and_groups_named_in_each_of_their_columns(
    records: list[list[str]], names: list[str]
) -> None:
    assert join_header(records, 3) == names


def test_a_header_of_several_records_is_read_without_blank_lines_and_comments(write: Any, reading: Make) -> None:
    path = write(b'title\nSoil,,Air\n\n# units\n"X\n",Y,Z\n1,2,3\n')
    by = reading(3, header_line=2, data_line=7, header_rows=2, comment="#")
    assert header_cells(path, by) == ["Soil X", "Soil Y", "Air Z"]
