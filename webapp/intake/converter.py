"""Cells made into values by the style of their column, before a row model sees them."""

from collections.abc import Collection
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from webapp.intake.guess import Guess
from webapp.intake.values import ColumnType, fits, parse_cell
from webapp.intake.values.booleans import CLEAR_WORDS

REMEMBERED: Final = 10_000
_DAYS = frozenset({date, datetime})
_NUMBERS = frozenset({int, float, Decimal})
_AMOUNTS = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL})
_TAKEN_BY: Final[dict[ColumnType, frozenset[type]]] = {
    ColumnType.INTEGER: _NUMBERS,
    ColumnType.DECIMAL: _NUMBERS,
    ColumnType.DATE: _DAYS,
    ColumnType.DATETIME: _DAYS,
    ColumnType.TIME: frozenset({time}),
    ColumnType.BOOLEAN: frozenset({bool}),
}
_PLAIN: Final = frozenset(
    {
        (ColumnType.INTEGER, ""),
        (ColumnType.DECIMAL, "."),
        (ColumnType.DATE, "iso"),
        (ColumnType.DATETIME, "iso"),
        (ColumnType.BOOLEAN, ""),
    },
)
"""What models read by themselves, most of the time and faster."""


OTHERWISE: Final = "is not written as the numbers of its column are"
EITHER_WAY: Final = (
    "could mean thousands or decimals: write it without the mark, as 1234, or with one more zero, as 1.2340"
)
STAND_INS: Final = (OTHERWISE, EITHER_WAY)
"""What a model gets for a number that it would take for what it may not be: the sentence to say of it."""


class Converter(dict[str, object]):
    """The value of each text of a column that fits its style; a text that does not stays as it is.

    Among numbers with decimal commas 1.234 is a thousand and more, or a slip of the pen: it is no number there. Nor is
    a number that the column's other way of writing makes another.
    """

    def __init__(self, guess: Guess, kinds: Collection[Any]) -> None:
        super().__init__()
        self.is_plain = guess.other is None and (guess.kind, guess.style) in _PLAIN
        self._guess = guess
        self._kinds = kinds

    def __missing__(self, text: str) -> object:
        value = self._value(text)
        if len(self) < REMEMBERED:
            self[text] = value
        return value

    def _value(self, text: str) -> object:
        guess = self._guess
        try:
            value = parse_cell(text, guess.kind, guess.style)
        except ValueError:
            if guess.kind is ColumnType.BOOLEAN:
                return CLEAR_WORDS.get(text.lower(), text)
            is_other_number = guess.kind in _AMOUNTS and not self.is_plain and fits(text, ColumnType.DECIMAL, ".")
            return OTHERWISE if is_other_number else text
        if value is None:
            return text
        if guess.other and fits(text, *guess.other) and parse_cell(text, *guess.other) != value:
            return EITHER_WAY
        return self._as_the_field_is(value)

    def _as_the_field_is(self, value: object) -> object:
        """A strict field takes no decimal for a whole number."""
        if isinstance(value, Decimal) and Decimal not in self._kinds:
            if int in self._kinds and value == value.to_integral_value():
                return int(value)
            return float(value) if float in self._kinds else value
        return value


class YesNo(dict[str, object]):
    """Yes or no for each word that says it whatever the language; any other text stays as it is."""

    is_plain: Final = False

    def __missing__(self, text: str) -> object:
        return CLEAR_WORDS.get(text.lower(), text)


def converter_of(guess: Guess | None, kinds: Collection[Any]) -> Converter | YesNo | None:
    """The converter of a field with these types; None where the style of its column says nothing about them.

    Yes and no are understood without a style: a column of nothing but "ja" has none.
    """
    if str in kinds:
        return None
    if guess is not None and _TAKEN_BY.get(guess.kind, frozenset()) & set(kinds):
        return Converter(guess, kinds)
    return YesNo(CLEAR_WORDS) if bool in kinds else None
