"""Columns of codes: digits that are no quantity, so that every one of them counts, zeros before them too."""

import re

from webapp.intake.guess.sample import Found, Sample, Style
from webapp.intake.values import ColumnType
from webapp.intake.values.amounts import SPACES

CODE = Style(ColumnType.CODE, "")
_ZEROS = re.compile(r"0[0-9]+\Z")
_ARTICLE_LENGTHS = frozenset({8, 12, 13, 14})
_ARTICLES = 5
_PHONE_DIGITS = 9
_NOT_DIGITS = re.compile(r"[^0-9]")


def find_code(sample: Sample) -> Found | None:
    """Digits with zeros before them, too many digits for a number, or digits in groups as in a telephone number."""
    return Found(CODE) if sample.misfits(CODE) is not None else None


def find_code_among_numbers(sample: Sample, number: Style) -> Found | None:
    """Whether whole numbers are codes all the same.

    Some have zeros before them, or all have the check digit of an article number, or all have nine digits parted
    by spaces, as telephone numbers have.
    """
    if number.kind is not ColumnType.INTEGER:
        return None
    if number.style:
        return Found(CODE) if _are_phones(sample) else None
    misfits = sample.misfits(number) or frozenset()
    has_zeros = any(map(_ZEROS.match, misfits))
    return Found(CODE) if has_zeros or _are_articles(sample) else None


def _are_phones(sample: Sample) -> bool:
    if not all(any(space in text for space in SPACES) for text in sample.texts):
        return False
    lengths = {len(_NOT_DIGITS.sub("", text)) for text in sample.texts}
    return lengths == {_PHONE_DIGITS}


def _are_articles(sample: Sample) -> bool:
    few = len(sample.texts) < _ARTICLES
    return not few and all(len(text) in _ARTICLE_LENGTHS and has_check_digit(text) for text in sample.texts)


def has_check_digit(text: str) -> bool:
    """Whether digits end in the check digit of an article number (EAN, UPC, GTIN)."""
    digits = [int(digit) for digit in reversed(text)] if text.isdecimal() else [1]
    return (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0
