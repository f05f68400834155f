"""Mending the text of cells."""

import time

import pytest

from webapp.services.cleaning import Cleaner, empty_blank_word, lower_email, trim, unify


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("", ""),
        ("  ", ""),
        (" a  b ", "a b"),
        ("\u00a0Ada\u00a0\u2003Lovelace\t", "Ada Lovelace"),
        (" first  line \n\n  second ", "first line\n\nsecond"),
        ("\r\n one\r\ntwo \r", "one\ntwo"),
        ("as it is", "as it is"),
    ],
)
def test_trim_takes_spaces_away_and_keeps_line_breaks(text: str, tidy: str) -> None:
    assert trim(text) == tidy
    assert trim(tidy) == tidy


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Zoe\u0308", "Zo\u00eb"),
        ("\u201eso\u201c \u2018is\u2019 it", "\"so\" 'is' it"),
        ("a\u200bb\ufeffc\u00ad", "abc"),
        ('ascii\'s "own"', 'ascii\'s "own"'),
        ("\u03a9 \u6570", "\u03a9 \u6570"),
    ],
)
def test_unify_makes_alike_what_looks_alike(text: str, plain: str) -> None:
    assert unify(text) == plain


@pytest.mark.parametrize(
    ("text", "lower"),
    [("Ada@Example.COM", "ada@example.com"), ("Ask @ the DESK", "Ask @ the DESK"), ("A@B", "A@B"), ("Ada", "Ada")],
)
def test_only_an_email_address_becomes_small_letters(text: str, lower: str) -> None:
    assert lower_email(text) == lower


@pytest.mark.parametrize("word", ["n/a", "N/A", " null ", "-", "--", "NaN", "\u2014", "#N/A"])
def test_a_word_for_nothing_becomes_nothing(word: str) -> None:
    assert empty_blank_word(word) == ""


@pytest.mark.parametrize("word", ["NA", "None", "0", "-5", "no", "a - b"])
def test_a_word_that_may_mean_something_stays(word: str) -> None:
    assert empty_blank_word(word) == word


def test_the_cleaner_tells_which_rows_to_leave_out_and_why() -> None:
    cleaner = Cleaner(["id", "email"], [trim, lower_email], drop_empty=True, unique_by=["email"])
    rows = [["1", "Ada@example.com "], ["2", ""], ["3", "ada@example.com"], [" ", ""], ["5", ""]]
    cleaned = [cleaner.clean(cells) for cells in rows]
    assert cleaned[0] == ["1", "ada@example.com"]
    assert [cleaner.why_not(number, cells) for number, cells in enumerate(cleaned, 1)] == [
        None,
        None,
        "repeats row 1 in email",
        "every cell is empty",
        None,
    ]


def test_values_do_not_run_into_each_other_when_rows_are_compared() -> None:
    cleaner = Cleaner(["a", "b"], [], drop_empty=False, unique_by=["a", "b"])
    assert cleaner.why_not(1, ["x", "yz"]) is None
    assert cleaner.why_not(2, ["xy", "z"]) is None
    assert cleaner.why_not(3, ["x", "yz"]) == "repeats row 1 in a, b"


NASTY = {
    "labels": "x@" + "a." * 500_000 + " b",
    "dots": "x@" + "." * 1_000_000 + " ",
    "accents": "a" + "\u0300\u0323" * 500_000,
    "tibetan": "\u0f40" + "\u0f73" * 500_000,
    "spaces": "a" + " \u00a0" * 500_000 + "b",
    "breaks": "a\r\n" * 300_000,
}


@pytest.mark.parametrize("cell", NASTY.values(), ids=NASTY)
def test_a_nasty_cell_of_a_megabyte_is_cleaned_in_time(cell: str) -> None:
    cleaner = Cleaner(["a"], [unify, trim, lower_email, empty_blank_word], drop_empty=True, unique_by=["a"])
    begin = time.process_time()
    assert cleaner.why_not(1, cleaner.clean([cell])) is None
    assert time.process_time() - begin < 2


def test_a_long_text_is_composed_as_a_short_one() -> None:
    assert unify("Zoe\u0308 " * 1_000) == "Zo\u00eb " * 1_000
