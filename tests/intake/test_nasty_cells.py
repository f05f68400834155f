"""A cell of a megabyte, made to keep a pattern busy, is judged as fast as any other."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from webapp.intake import RowChecker, TooWideError, defuse, detect, match_columns, preview, profile, read_slices
from webapp.intake.header import column_names

NASTY = {
    "labels": "x@" + "a." * 500_000 + " b",
    "dots": "x@" + "." * 1_000_000 + " ",
    "signs": "a@" * 500_000,
    "spaces": "+" + " " * 1_000_000 + "x",
    "digits": "+" + "1" * 1_000_000 + "x",
    "groups": "111." * 250_000 + "x",
    "exponents": "1" + "e1" * 500_000,
    "words": "a-" * 500_000 + "\u20ac",
    "phone": "+1" + " (" * 500_000 + "x",
    "apostrophes": "'" * 1_000_000 + "=",
}


class Line(BaseModel):
    """One column of each kind."""

    whole: int
    price: Decimal
    day: date
    size: Literal["s", "m"]
    flag: bool


@contextmanager
def within(seconds: float) -> Iterator[None]:
    begin = time.process_time()
    yield
    assert time.process_time() - begin < seconds


@pytest.mark.parametrize("cell", NASTY.values(), ids=NASTY)
@pytest.mark.parametrize("file", ["a,b\n{},1\n", "a,b\n1,2\n{},1\n", "{},b\n1,2\n", "a\n{}\n"], ids=repr)
def test_a_nasty_cell_is_looked_at_in_time(cell: str, file: str, write: Any) -> None:
    path = write(file.format(cell).encode())
    with within(2), suppress(TooWideError):
        detect(path)
    with within(4), suppress(TooWideError):
        profile(path, preview(path).reading)


@pytest.mark.parametrize("cell", NASTY.values(), ids=NASTY)
def test_a_nasty_cell_is_checked_and_defused_in_time(cell: str, write: Any) -> None:
    path = write(("whole,price,day,size,flag\n1,2,2026-01-31,s,yes\n" + ",".join([cell] * 5) + "\n").encode())
    reading = detect(path)
    checker = RowChecker(Line, reading, match_columns(reading.columns, Line))
    with within(2):
        problems = [problem for slice_ in read_slices(path, reading) for problem in checker.check(slice_)[1]]
        defuse(cell)
    assert [problem.row for problem in problems] == [2]


def test_addresses_are_still_known_for_what_they_are(write: Any) -> None:
    lines = "".join(f"ada{number}@mail.example.co.uk 2026-01-{number:02} 12:30\n" for number in range(10, 29))
    assert detect(write(lines.encode())).delimiter == " "


def test_columns_that_are_all_called_alike_are_named_in_time() -> None:
    with within(1):
        names = column_names(["a"] * 16_384, 16_384)
    assert len(set(names)) == 16_384
    assert (names[0], names[1], names[-1]) == ("a", "a 2", "a 16384")


def test_a_number_that_is_given_already_is_passed_over() -> None:
    assert column_names(["a", "a 2", "a", "a", "a 4", "", ""], 7) == (
        *("a", "a 2", "a 3", "a 5", "a 4"),
        *("Column 6", "Column 7"),
    )
