"""The type of one column, from its cells alone."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from webapp.intake.guess.amounts import find_amount
from webapp.intake.guess.codes import find_code
from webapp.intake.guess.days import find_date, find_datetime
from webapp.intake.guess.pairs import find_pair
from webapp.intake.guess.sample import ENOUGH, Found, Sample, Style
from webapp.intake.values import ColumnType, is_placeholder


@dataclass(frozen=True, slots=True)
class Guess:
    """A type, its style (see `parse_cell`), and the share of the cells with a value that fit it.

    `placeholders` counts the cells that only say that there is no value, such as n/a: they are tolerated. `other` is
    how the cells could be read as well, with other values: day and month, or thousands and decimals, the other way
    round. `mark` is the decimal mark that the cells prove, or where it could be both, the one they hold.
    """

    kind: ColumnType
    style: str
    share: float
    placeholders: int = 0
    other: Style | None = None
    mark: str = ""


TEXT: Final = Guess(ColumnType.TEXT, "", 1.0)


def guess_type(cells: Iterable[str], enough: float = ENOUGH) -> Guess:
    """The first type that enough of the cells with a value fit, 98 in 100 or so, the narrower before the wider."""
    every = Counter(map(str.strip, cells))
    blanks = every.pop("", 0)
    texts = {text: count for text, count in every.items() if not is_placeholder(text)}
    placeholders = every.total() - sum(texts.values())
    found = _find(Sample(texts, blanks, enough)) if texts else TEXT
    return replace(found, placeholders=placeholders) if placeholders else found


def _find(sample: Sample) -> Guess:
    finders = _WITH_DIGITS if sample.has_digits else _WITHOUT_DIGITS
    found = next((found for find in finders if (found := find(sample))), None)
    return Guess(*found.style, sample.share(found.style), 0, found.other, found.mark) if found else TEXT


def _only(kind: ColumnType, sign: str) -> Callable[[Sample], Found | None]:
    """A finder of a type with one style, whose cells all hold one of these characters."""

    def find(sample: Sample) -> Found | None:
        style = Style(kind, "")
        likely = any(each in text for text in sample.first() for each in sign)
        return Found(style) if likely and sample.misfits(style) is not None else None

    return find


_find_time = _only(ColumnType.TIME, ":hHmM")
_find_email = _only(ColumnType.EMAIL, "@")
_find_url = _only(ColumnType.URL, ":.")
_WITH_DIGITS = (find_amount, find_date, find_datetime, _find_time, find_pair, _find_email, _find_url, find_code)
_WITHOUT_DIGITS = (find_pair, _find_email, _find_url)
