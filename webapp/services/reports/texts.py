"""Values and texts as a report shows them, the same in every format."""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Final

LONGEST: Final = 200
BREAKS: Final = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
UNSEEN: Final = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
"""Signs that turn the direction of what stands behind them."""


def tidy(text: str, longest: int = LONGEST) -> str:
    """A text of one line that every format can hold: nothing that ends a line, turns it round or is no character."""
    plain = "".join(_plain(letter) for letter in text[: longest * 4])
    line = " ".join(plain.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _plain(letter: str) -> str:
    if letter.isspace():
        return " "
    return "" if letter in UNSEEN else "�" if unicodedata.category(letter) in BREAKS else letter


def shown(value: str | int | Decimal | None) -> str:
    """A value as people read it: 1,234.50."""
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"


def plain(value: str | int | Decimal | None) -> str:
    """A value as programs read it: 1234.50."""
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def day_words(day: date) -> str:
    """A day as people read it."""
    return f"{day.day} {day:%b} {day.year}"


def file_stem(title: str) -> str:
    """What files of a report are called, after its title."""
    words = re.sub(r"[^\w]+", "-", unicodedata.normalize("NFC", title).lower()).strip("-_")
    return words[:60].strip("-_") or "report"
