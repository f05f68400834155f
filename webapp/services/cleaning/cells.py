"""Mending the text of cells: spaces, characters that only look alike, and words that mean nothing is there."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import ne

from webapp.services.first_seen import FirstSeen

Change = Callable[[str], str]

BLANK_WORDS = frozenset({"n/a", "#n/a", "null", "nan", "-", "--", "\N{EN DASH}", "\N{EM DASH}"})
EMAIL = re.compile(r"[^\s@]+@(?:[^\s@.]+\.)+[^\s@.]+")
LONGEST_EMAIL = 320
MOST_MARKS = 30
"""Accents on one letter: no language has more, and composing takes time with the square of their number."""
LONG = 1_000
"""Characters up to which that time is nothing, whatever they are."""
LINE_BREAK = re.compile(r"\r\n|\r|\n")

ALIKE = str.maketrans(
    {
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{SINGLE LOW-9 QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{DOUBLE LOW-9 QUOTATION MARK}": '"',
        "\N{NON-BREAKING HYPHEN}": "-",
        "\N{SOFT HYPHEN}": None,
        "\N{ZERO WIDTH SPACE}": None,
        "\N{WORD JOINER}": None,
        "\N{ZERO WIDTH NO-BREAK SPACE}": None,
    }
)


def trim(text: str) -> str:
    """Without white space around it, and with single spaces inside; no-break spaces count, line breaks stay."""
    if "\n" in text or "\r" in text:
        lines = [" ".join(line.split()) for line in LINE_BREAK.split(text)]
        return "\n".join(lines).strip("\n")
    return " ".join(text.split())


def unify(text: str) -> str:
    """Composed letters, plain quotation marks and hyphens, and no invisible characters."""
    return text if text.isascii() else _composed(text.translate(ALIKE))


def _composed(text: str) -> str:
    return text if len(text) > LONG and _has_heap_of_marks(text) else unicodedata.normalize("NFC", text)


def _has_heap_of_marks(text: str) -> bool:
    runs = groupby(text, lambda letter: bool(unicodedata.combining(unicodedata.normalize("NFD", letter)[0])))
    return any(is_mark and len(list(run)) > MOST_MARKS for is_mark, run in runs)


def lower_email(text: str) -> str:
    """An e-mail address in small letters; any other text as it is."""
    return text.lower() if "@" in text and len(text) <= LONGEST_EMAIL and EMAIL.fullmatch(text) else text


def empty_blank_word(text: str) -> str:
    """Nothing instead of a word that stands for nothing, such as n/a or null."""
    return "" if text.strip().casefold() in BLANK_WORDS else text


class Cleaner:
    """Cleans rows one after the other, and tells which of them should be left out."""

    def __init__(
        self, columns: Sequence[str], changes: Sequence[Change], *, drop_empty: bool, unique_by: Sequence[str]
    ) -> None:
        self._changes = tuple(changes)
        self.changed = [0] * len(self._changes)
        """How many cells each change has changed."""
        self._drop_empty = drop_empty
        self._unique_by = ", ".join(unique_by)
        self._key = [columns.index(name) for name in unique_by]
        self._first_seen = FirstSeen()

    def clean(self, cells: Sequence[str]) -> Sequence[str]:
        """The row with every change made to each of its cells."""
        for place, change in enumerate(self._changes):
            before, cells = cells, list(map(change, cells))
            self.changed[place] += sum(map(ne, before, cells))
        return cells

    def why_not(self, row: int, cells: Sequence[str]) -> str | None:
        """Why a cleaned row should be left out; None to keep it. Rows count as seen in the order they are asked for."""
        if self._drop_empty and not any(cells):
            return "every cell is empty"
        key = [cells[position] for position in self._key]
        if not any(key):
            return None  # nothing to compare: rows without an address are not all the same person
        first = self._first_seen.seen("\0".join(key), row)
        return f"repeats row {first} in {self._unique_by}" if first else None
