"""Numbers in the world's ways of writing.

A column's style begins with its decimal mark, "." or ",". What follows says how far the column is adorned:

- nothing: digits, sign and mark only, the plain way that programs write
- "+": thousands parted by the other mark, a space or an apostrophe (Indian lakhs too), parentheses or a minus behind
  the number for negatives, a typographic minus
- "%": the same, and each cell has a percent sign: "12.5 %" is 0.125
- a currency, such as "€" or "CHF": the same, and the currency may stand before or behind the number

Whole numbers have no style, or one that ends in "+".
"""

import re
from decimal import Decimal
from functools import lru_cache

_LONGEST = 60
_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,14})\Z")
# Sixteen digits and more without a fraction are a code: a card, an account.
_WHOLE = r"(?:0|[1-9][0-9]{0,14}(?![0-9])|[1-9][0-9]*(?=[.,]))"
_PLAIN = {
    ".": re.compile(rf"[+-]?(?:{_WHOLE}|(?=\.))(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{{1,3}})?\Z"),
    ",": re.compile(rf"[+-]?{_WHOLE}(?:,[0-9]+)?\Z"),
}
SPACES = " \u00a0\u2007\u2009\u202f"
_SIGN = "[-+\u2212\u2013]"
_GROUPING = {".": rf"[,'\u2019{SPACES}]", ",": rf"[.'\u2019{SPACES}]"}
_OTHER = {".": ",", ",": "."}
_GROUPS = ("number", "part", "first", "second", "last", "around", "inside")


def parse_integer(text: str, style: str = "") -> int:
    if style:
        digits = _adorned(text, style)
        if digits is None or not digits.lstrip("-").isdecimal():
            raise ValueError("is not a whole number")
        return int(digits)
    if not _INTEGER.match(text):
        raise ValueError("is not a whole number")
    return int(text)


def parse_decimal(text: str, style: str = ".") -> Decimal:
    plain = _PLAIN.get(style or ".")
    if plain is None:
        digits = _adorned(text, style)
        if digits is None:
            raise ValueError("is not a number")
        return Decimal(digits)
    if not plain.match(text):
        raise ValueError("is not a number")
    return Decimal(text.replace(",", "."))


def _adorned(text: str, style: str) -> str | None:
    """The number as Python writes it, or None where the text is none of this style."""
    found = _pattern(style).match(text) if len(text) <= _LONGEST else None
    if not found:
        return None
    number, part, first, second, last, around, inside = found.group(*_GROUPS)
    digits = number.replace(part or _OTHER[style[0]], "").replace(",", ".")
    percent = "e-2" if style[1:] == "%" else ""
    if not (first or second or last or around or inside):
        return digits + percent
    signs = [sign for sign in (first, second, last) if sign]
    if len(signs) + bool(around or inside) > 1:
        return None
    return f"{'' if '+' in signs else '-'}{digits}{percent}"


@lru_cache(maxsize=256)
def _pattern(style: str) -> re.Pattern[str]:
    mark, unit = style[0], style[1:]
    number = rf"(?P<number>{_grouped(mark)}(?:{re.escape(mark)}[0-9]+)?|{re.escape(mark)}[0-9]+)"
    if unit == "+":
        before = after = ""
    elif unit == "%":
        before = rf"(?P<ahead>[%\uff05])?[{SPACES}]?"
        after = rf"(?(ahead)|[{SPACES}]?[%\uff05])"
    else:
        before = rf"(?:{re.escape(unit)}[{SPACES}]?)?"
        after = rf"(?:{re.escape(mark)}[-\u2013\u2014]{{1,2}})?(?:[{SPACES}]?{re.escape(unit)})?"
    blank = f"[{SPACES}]?"
    return re.compile(
        rf"(?P<around>\({blank})?(?P<first>{_SIGN})?{blank}{before}(?P<inside>\({blank})?(?P<second>{_SIGN})?{blank}"
        rf"{number}(?(inside){blank}\)){after}(?(around){blank}\))(?:{blank}(?P<last>{_SIGN}))?\Z"
    )


def _grouped(mark: str) -> str:
    """Whole digits, with or without thousands parted; the first group begins with no zero."""
    thousands = rf"[1-9][0-9]{{0,2}}(?P<part>{_GROUPING[mark]})[0-9]{{3}}(?:(?P=part)[0-9]{{3}})*"
    lakhs = r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}|" if mark == "." else ""
    return rf"(?:{thousands}(?![0-9])|{lakhs}0|[1-9][0-9]{{0,14}}(?![0-9])|[1-9][0-9]*(?={re.escape(mark)}))"
