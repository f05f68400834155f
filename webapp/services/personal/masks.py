"""Masking: what remains shows of which kind and shape the text was, and little else."""

import re
from collections.abc import Callable
from typing import Final

from webapp.services.personal.kinds import Kind

_LAST = 4
_WORD = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"[0-9]")
_SIGN = re.compile(r"[^\W_]")
_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_EMAIL = re.compile(r"\s*([^\s@]+)@([^\s@]+)(\.[^\s@.]+)\s*")


def mask(text: str, kind: Kind) -> str:
    """The text with `*` for what identifies somebody; a blank one stays."""
    return _MASKS.get(kind, _words)(text) if text.strip() else text


def _email(text: str) -> str:
    found = _EMAIL.fullmatch(text)
    return f"{found[1][0]}***@{found[2][0]}***{found[3]}" if found else _words(text)


def _words(text: str) -> str:
    """The first letter of each word, whatever its length; no digits."""
    return _WORD.sub(lambda word: "***" if word[0][0].isdecimal() else f"{word[0][0]}***", text)


def _but_last(pattern: re.Pattern[str], kept: int, begin: int = 0) -> Callable[[str], str]:
    """Signs replaced one by one, but the first `begin` and the last ones; of a short text all."""

    def masked(text: str) -> str:
        places = [found.start() for found in pattern.finditer(text)]
        hidden = {*places[begin : len(places) - kept]} if len(places) >= begin + 2 * kept else {*places}
        return "".join("*" if place in hidden else sign for place, sign in enumerate(text))

    return masked


def _phone(text: str) -> str:
    """Of a short number fewer digits stay; the + goes as well, as a spreadsheet would take it for a formula."""
    digits = len(_DIGIT.findall(text))
    if not digits or re.search(r"[^\W\d_]{3}", text):
        return _words(text)
    kept = min(_LAST, digits // 3) if digits >= 2 * _LAST else 0
    return _but_last(_DIGIT, kept)(text).replace("+", "*")


def _birth_date(text: str) -> str:
    """The year stays, if it has four digits."""
    year = _YEAR.search(text)
    if year is None:
        return _SIGN.sub("*", text)
    return _SIGN.sub("*", text[: year.start()]) + year[0] + _SIGN.sub("*", text[year.end() :])


def _ip(text: str) -> str:
    mark = ":" if ":" in text else "."
    parts = text.split(mark)
    return mark.join([*parts[:2], *("*" for _ in parts[2:])]) if len(parts) > 2 else _words(text)  # noqa: PLR2004


_MASKS: Final[dict[Kind, Callable[[str], str]]] = {
    Kind.EMAIL: _email,
    Kind.PHONE: _phone,
    Kind.IBAN: _but_last(_SIGN, _LAST, 2),
    Kind.CARD: _but_last(_SIGN, _LAST),
    Kind.NATIONAL_ID: _but_last(_SIGN, 2),
    Kind.BIRTH_DATE: _birth_date,
    Kind.IP: _ip,
}
