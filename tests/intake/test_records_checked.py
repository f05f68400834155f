"""The quick check of all rows against the types of their columns finds what reading each row finds."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.intake import ColumnType, Reading
from webapp.intake import fast_check as module
from webapp.intake import source as source_module
from webapp.intake.batches import BatchReader
from webapp.intake.fast_check import CellProblem, Rule, RuleChecker

Make = Callable[..., Reading]
RULES = (
    Rule(ColumnType.INTEGER, unique=True),
    Rule(required=True),
    Rule(ColumnType.DECIMAL, "."),
    Rule(ColumnType.DATE, "ymd", required=True),
    Rule(),
)
HEAD = b"id,name,price,day,note\n"
GOOD = b"1,Ann,1.50,2024-01-31,x\n2,Bo,,2024-02-29,\n"
ROW = st.tuples(
    st.sampled_from([b"1", b"2", b"3", b"77", b"", b" 4", b"x", b'"5"', b'"6']),
    st.sampled_from(
        [b"Ann", b'"B, C"', b'"two\nlines"', b" ", b"", b'say "hi"', b'"st"ray"', b"Zo\xeb", b"Zo\xc3\xab"]
    ),
    st.sampled_from([b"1.5", b"-3", b"", b"1,5", b"1e3", b"n/a", b"01"]),
    st.sampled_from(
        [
            b"2024-01-01",
            b"2024-02-30",
            b"2024-12-31",
            b"2024-11-31",
            b"2024-02-29",
            b"2023-02-29",
            b"0000-01-01",
            b"",
            b"1.2.2024",
            b'"2024-01-02"',
        ]
    ),
    st.sampled_from([b"", b"x", b'"a\r\nb"', b'"', b"y,z", b"\0", b'""']),
).map(b",".join)
FILES = st.tuples(
    st.lists(ROW | st.sampled_from([b"", b"a,b", b",,,,"]), max_size=12), st.sampled_from([b"\n", b"\r\n", b"\r"])
)


def problems(path: Any, reading: Reading) -> tuple[int, list[CellProblem]]:
    checker = RuleChecker(path, reading, RULES)
    found = list(checker.problems())
    assert checker.checked.problems == len(found)
    return checker.checked.rows, found


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (b"x,Cy,1,2024-01-31,", "no_integer", "c1"),
        (b",Cy,1,2024-01-31,", "empty", "c1"),
        (b"3, ,1,2024-01-31,", "empty", "c2"),
        (b"3,Cy,one,2024-01-31,", "no_decimal", "c3"),
        (b"3,Cy,1,2024-02-30,", "no_date", "c4"),
        (b"2,Cy,1,2024-01-31,", "duplicate", "c1"),
        (b"3,Cy,1,2024-01-31", "missing_cells", None),
        (b"3,Cy,1,2024-01-31,,", "surplus_cells", None),
        (b'3,"Cy,1,2024-01-31,', "unclosed_quote", "c2"),
        (b'3,"C"y",1,2024-01-31,', "stray_quote", "c2"),
        (b"3,C\xffy,1,2024-01-31,", "bad_bytes", "c2"),
    ],
)
def test_a_bad_row_is_found_on_its_line(row: bytes, code: str, column: str | None, write: Any, reading: Make) -> None:
    path = write(HEAD + GOOD + b'9,"two\nlines",1,2024-01-31,\n' + row + b"\n10,Di,1,2024-01-31,z\n")
    rows, found = problems(path, reading(5))
    assert (rows, [(one.row, one.line, one.code, one.column) for one in found]) == (5, [(4, 6, code, column)])


def test_good_rows_are_not_taken_apart(write: Any, reading: Make) -> None:
    path = write(HEAD + b"".join(b'%d,"A, ""B""",1.5,2024-01-31,x\n' % number for number in range(20_000)))
    with patch.object(BatchReader, "record", side_effect=AssertionError):
        assert problems(path, reading(5)) == (20_000, [])


@settings(deadline=None)
@given(file=FILES, block=st.sampled_from([7, 60, 65_536]), delimiter=st.sampled_from([b",", b";"]))
def test_the_quick_check_finds_what_reading_each_row_finds(
    tmp_path_factory: pytest.TempPathFactory, file: tuple[list[bytes], bytes], block: int, delimiter: bytes
) -> None:
    rows, ending = file
    path = tmp_path_factory.mktemp("check") / "file.csv"
    path.write_bytes((HEAD.rstrip() + ending + ending.join(rows)).replace(b",", delimiter))
    reading = Reading("utf-8", delimiter.decode(), '"', 1, 2, tuple("abcde"))
    with patch.object(source_module, "BLOCK_BYTES", block):
        quick = problems(path, reading)
    with patch.object(module, "_row_patterns", return_value=(None, None)):
        assert problems(path, reading) == quick


def test_a_file_that_has_no_pattern_is_checked_row_by_row(write: Any, reading: Make) -> None:
    path = write((HEAD + GOOD + b"x,Cy,1,2024-01-31,\n").replace(b",", b"||"))
    assert [one.line for one in problems(path, reading(5, delimiter="||"))[1]] == [4]
