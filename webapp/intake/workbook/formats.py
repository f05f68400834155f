"""How a workbook shows the numbers of a cell, as far as that changes what they are: dates, times, leading zeros."""

import re
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import lru_cache

_BUILT_IN = {
    **dict.fromkeys(("14", "15", "16", "17"), "yyyy-mm-dd"),
    **dict.fromkeys(("18", "19", "20", "21", "45", "47"), "hh:mm:ss"),
    "22": "yyyy-mm-dd hh:mm",
    "46": "[h]:mm:ss",
    # As East Asian and Thai programs number their dates and times.
    **dict.fromkeys((*map(str, range(27, 32)), "36", *map(str, range(50, 55)), "57", "58"), "yyyy-mm-dd"),
    **dict.fromkeys(("32", "33", "34", "35", "55", "56"), "hh:mm:ss"),
    **dict.fromkeys(("71", "72", "73", "74"), "yyyy-mm-dd"),
    **dict.fromkeys(("75", "76", "78", "79", "80"), "hh:mm:ss"),
    "77": "yyyy-mm-dd hh:mm",
}
# Text in quotes, characters after a backslash or as wide as another one: they stand as they are.
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.')
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_CONDITION = re.compile(r"\[[^\]]*\]")
_CLOCK = re.compile(r"h|s|am/pm|a/p", re.IGNORECASE)
_CALENDAR = re.compile(r"[dyge]", re.IGNORECASE)
_ZEROS = re.compile(r"0(?:[ ()./-]?0)+\Z")


class Kind(StrEnum):
    """What a number stands for."""

    number = auto()
    date = auto()
    datetime = auto()
    time = auto()
    elapsed = auto()
    zeros = auto()  # digits in fixed places, as in a postcode


@dataclass(frozen=True, slots=True)
class Shown:
    """`pattern` is for zeros only: a 0 for each digit, and what stands between them."""

    kind: Kind
    pattern: str = ""


NUMBER = Shown(Kind.number)


@lru_cache(maxsize=4096)
def how_shown(number: str, code: str | None) -> Shown:
    """By the number of a format, and by its code where the workbook has one of its own."""
    code = _BUILT_IN.get(number, "General") if code is None else code
    first = code.partition(";")[0] if '"' not in code else code
    if _ELAPSED.search(_LITERAL.sub("", first)):
        return Shown(Kind.elapsed)
    bare = _CONDITION.sub("", _LITERAL.sub("", first)).partition(";")[0]
    if not bare or "general" in bare.lower() or bare == "@":
        return NUMBER
    day, clock = _CALENDAR.search(_without_exponent(bare)), _CLOCK.search(bare)
    if day or clock or "m" in bare.lower():
        months = "m" in bare.lower()
        if clock:
            return Shown(Kind.datetime if day else Kind.time)
        return Shown(Kind.date if day or months else Kind.number)
    pattern = _CONDITION.sub("", _LITERAL.sub(_as_it_stands, first)).partition(";")[0]
    return Shown(Kind.zeros, pattern) if _ZEROS.match(pattern) and "." not in pattern else NUMBER


def _without_exponent(bare: str) -> str:
    return re.sub(r"[eE][+-]", "", bare)


def _as_it_stands(found: re.Match[str]) -> str:
    return found[1] or found[2] or ""
