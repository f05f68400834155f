"""What can be read in two ways is decided by the whole column, then by the file, and said where it stays open."""

import json
from pathlib import Path
from typing import Any

import pytest

from webapp.intake import ColumnType, UnknownReadingError, detect, profile
from webapp.intake.columns import Column
from webapp.intake.guess import Guess, guess_type, settle_together
from webapp.intake.styles import styles_from_json, styles_of, styles_to_json


def column(path: Path, name: str) -> Column:
    return next(column for column in profile(path, detect(path)) if column.name == name)


def settled(*columns: list[str], delimiter: str = ",") -> list[tuple[str, str, bool]]:
    """The kind, style and openness of columns of one file."""
    guesses = settle_together(list(map(guess_type, columns)), delimiter)
    return [(guess.kind.value, guess.style, guess.other is not None) for guess in guesses]


def test_one_day_beyond_twelve_settles_a_column(write: Any) -> None:
    both = b"01/02/2026,a\n" * 500
    assert column(write(b"paid,x\n" + both + b"31/01/2026,a\n"), "paid").style == "dmy"
    settled_last = column(write(b"paid,x\n" + both + b"01/31/2026,a\n"), "paid")
    assert (settled_last.style, settled_last.doubt, settled_last.confidence) == ("mdy", "", 1.0)


def test_the_day_that_settles_may_stand_anywhere_in_a_large_file(write: Any) -> None:
    path = write(b"paid,x\n" + b"01/02/2026,a\n" * 30_000 + b"01/31/2026,a\n" + b"01/02/2026,a\n" * 30_000)
    found = profile(path, detect(path), sample_rows=1_000)[0]
    assert (found.style, found.other, found.doubt, found.confidence) == ("mdy", None, "", 1.0)


def test_a_column_that_nothing_settles_says_so_with_an_example(write: Any) -> None:
    found = column(write(b"paid,x\n05/05/2026,a\n03/04/2026,b\n"), "paid")
    assert found.doubt == "“03/04/2026” could be day/month or month/day"
    assert (found.style, found.other, found.confidence) == ("dmy", (ColumnType.DATE, "mdy"), 0.5)


def test_it_is_likelier_to_be_as_the_other_dates_of_the_file_are() -> None:
    open_, american = ["03/04/2026"], ["12/31/2025 08:00"]
    assert settled(open_, american) == [("date", "mdy", True), ("datetime", "mdy", False)]
    assert settled(open_, ["31/12/2025"])[0] == ("date", "dmy", True)
    assert settled(open_, american, ["31/12/2025"])[0] == ("date", "dmy", True)


def test_days_in_a_row_are_likelier_than_the_same_day_of_months_but_the_first() -> None:
    assert settled(["04/01/2024", "04/02/2024", "04/03/2024"]) == [("date", "mdy", True)]
    assert settled(["01/04/2024", "02/04/2024", "03/04/2024"]) == [("date", "dmy", True)]
    assert settled(["01/01/2024", "01/02/2024", "01/03/2024"]) == [("date", "dmy", True)]


def test_dots_are_never_written_month_first() -> None:
    assert settled(["03.04.2026", "05.06.2026"]) == [("date", "dmy", False)]
    assert settled(["03.14.2026", "05.06.2026"]) == [("date", "mdy", False)]


def test_years_of_two_digits_are_told_from_days_by_how_alike_they_are() -> None:
    assert settled(["24/03/15", "24/03/16", "24/04/01"]) == [("date", "ymd2", False)]
    assert settled(["15/03/24", "16/03/24", "01/04/24"]) == [("date", "dmy2", False)]
    assert settled(["01/02/24", "03/04/24"]) == [("date", "dmy2", True)]


@pytest.mark.parametrize(
    ("cells", "others", "delimiter", "expected"),
    [
        (["1,234", "2,500"], [], ",", ("integer", ".+", False)),
        (["1,234", "2,500"], ["0.5"], ";", ("integer", ".+", False)),
        (["1,234", "2,500"], ["0,5"], ";", ("decimal", ",", True)),
        (["1,234", "2,500"], [], ";", ("decimal", ",", True)),
        (["1.234", "2.500"], [], ",", ("decimal", ".", False)),
        (["1.234", "2.500"], ["0.5"], ",", ("decimal", ".", False)),
        (["1.234", "2.500"], ["0,5"], ";", ("integer", ",+", False)),
        (["1.234", "2.500"], [], ";", ("decimal", ".", True)),
        (["1.234", "987"], [], ",", ("decimal", ".", True)),
        (["1.234", "987"], ["0,5"], ";", ("integer", ",+", False)),
        (["1.234 €", "2.500 €"], [], ",", ("decimal", ",€", True)),
        (["1.234 €", "2.500 €"], ["0.5"], ",", ("decimal", ".€", False)),
        (["$1,234", "$2,500"], [], ",", ("decimal", ".$", False)),
        (["1,234", "2500"], [], ",", ("decimal", ",", False)),
        (["1,234,567", "2"], ["0,5"], ";", ("integer", ".+", False)),
    ],
)
def test_thousands_and_decimals_are_told_apart_by_the_file(
    cells: list[str], others: list[str], delimiter: str, expected: tuple[str, str, bool]
) -> None:
    assert settled(cells, others, delimiter=delimiter)[0] == expected


def test_open_thousands_are_said_too(write: Any) -> None:
    found = column(write(b"weight;x\n1,250;a\n2,500;b\n"), "weight")
    assert found.doubt == "the “,” in “1,250” could part thousands or decimals"


def test_styles_are_kept_of_what_is_settled_and_come_back_from_json(write: Any) -> None:
    path = write(b'paid,sent,amount,note\n31/01/2026,01/02/2026,"1.234,50 EUR",a\n01/02/2026,03/04/2026,"2,00 EUR",b\n')
    styles = styles_of(profile(path, detect(path)))
    assert {name: guess.style for name, guess in styles.items()} == {"paid": "dmy", "amount": ",EUR"}
    assert styles_from_json(json.loads(json.dumps(styles_to_json(styles)))) == styles


@pytest.mark.parametrize("stored", [{"a": ["colour", "", 1.0]}, {"a": ["date"]}, {"a": 5}])
def test_styles_stored_otherwise_are_refused(stored: Any) -> None:
    with pytest.raises(UnknownReadingError):
        styles_from_json(stored)


def test_words_for_nothing_are_tolerated_and_counted(write: Any) -> None:
    found = column(write(b"amount,x\n1.50,a\nn/a,b\n-,c\nNULL,d\n,e\n2.75,f\n"), "amount")
    assert (found.kind, found.placeholders, found.blanks, found.misfits) == (ColumnType.DECIMAL, 3, 1, 0)
    assert found.blank_words
    odd = column(write(b"amount,x\n" + b"1.50,a\n" * 99 + b"n/a,b\n"), "amount")
    assert (odd.placeholders, odd.blank_words) == (1, False)
    nothing = column(write(b"amount,x\nn/a,a\n-,b\n"), "amount")
    assert (nothing.kind, nothing.placeholders, nothing.confidence) == (ColumnType.TEXT, 2, 0.0)


@pytest.mark.parametrize(("name", "kind"), [("Phone", "code"), ("customerZip", "code"), ("Account balance", "integer")])
def test_digits_that_are_called_a_code_are_one(name: str, kind: str, write: Any) -> None:
    assert column(write(f"{name},x\n12345,a\n54321,b\n".encode()), name).kind == kind


def test_the_misfits_of_a_type_are_those_cells_that_have_a_value() -> None:
    assert guess_type(["1"] * 98 + ["one", "two"] + ["n/a"] * 50) == Guess(ColumnType.INTEGER, "", 0.98, 50)
