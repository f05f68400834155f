"""Values out of cells: which types a text fits, and the typed value of it."""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,14})\Z")
# Sixteen digits and more without a fraction are a code: a card, an account.
_WHOLE = r"(?:0|[1-9][0-9]{0,14}(?![0-9])|[1-9][0-9]*(?=[.,]))"
_DECIMAL = {
    ".": re.compile(rf"[+-]?(?:{_WHOLE}|(?=\.))(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{{1,3}})?\Z"),
    ",": re.compile(rf"[+-]?{_WHOLE}(?:,[0-9]+)?\Z"),
}
_DATE_STYLES = {
    "ymd": re.compile(r"(?P<y>[0-9]{4})(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P=s)(?P<d>[0-9]{1,2})"),
    "dmy": re.compile(r"(?P<d>[0-9]{1,2})(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P=s)(?P<y>[0-9]{4})"),
    "mdy": re.compile(r"(?P<m>[0-9]{1,2})(?P<s>[-/.])(?P<d>[0-9]{1,2})(?P=s)(?P<y>[0-9]{4})"),
}
_TIME = re.compile(r"[T ](?P<t>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)(?P<z>Z|[+-][0-9]{2}:?[0-9]{2})?\Z")
_EMAIL = re.compile(r"[^\s@,;\"<>()]+@[^\s@,;\"<>()]+\.[^\s@.,;\"<>()]{2,}\Z")
_YES = frozenset({"yes", "true", "y", "t", "on"})
_NO = frozenset({"no", "false", "n", "f", "off"})


class ColumnType(StrEnum):
    """What the cells of a column are."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    EMAIL = "email"
    TEXT = "text"

    @property
    def label(self) -> str:
        """The type in an operator's words."""
        return _LABELS[self]


_LABELS = {
    ColumnType.INTEGER: "whole number",
    ColumnType.DECIMAL: "decimal",
    ColumnType.DATE: "date",
    ColumnType.DATETIME: "date and time",
    ColumnType.BOOLEAN: "yes/no",
    ColumnType.EMAIL: "e-mail",
    ColumnType.TEXT: "text",
}


def parse_cell(text: str, kind: ColumnType, style: str = "") -> object:
    """The value of a cell; a blank one is None.

    `style` is the column's way of writing: "." or "," for decimals, "ymd", "dmy" or "mdy" for dates.

    Raises:
        ValueError: the sentence says what the text is not.
    """
    stripped = text.strip()
    return _PARSERS[kind](stripped, style) if stripped else None


def fits(text: str, kind: ColumnType, style: str = "") -> bool:
    """Whether the text, which is not blank, is a value of the type."""
    try:
        parse_cell(text, kind, style)
    except ValueError:
        return False
    return True


def _integer(text: str, _: str) -> int:
    if not _INTEGER.match(text):
        raise ValueError("is not a whole number")
    return int(text)


def _decimal(text: str, style: str) -> Decimal:
    if not _DECIMAL[style or "."].match(text):
        raise ValueError("is not a number")
    return Decimal(text.replace(",", "."))


def _date(text: str, style: str) -> date:
    found = _DATE_STYLES[style or "ymd"].fullmatch(text)
    try:
        return _calendar_day(found) if found else _refuse_date(text)
    except ValueError:
        return _refuse_date(text)


def _datetime(text: str, style: str) -> datetime:
    found = _DATE_STYLES[style or "ymd"].match(text)
    clock = _TIME.match(text, found.end()) if found else None
    try:
        if not found or not clock:
            return _refuse_datetime(text)
        zone = (clock["z"] or "").replace("Z", "+00:00")
        return datetime.combine(_calendar_day(found), time.fromisoformat(clock["t"] + zone))
    except ValueError:
        return _refuse_datetime(text)


def _calendar_day(found: re.Match[str]) -> date:
    return date(int(found["y"]), int(found["m"]), int(found["d"]))


def _refuse_date(_: str) -> date:
    raise ValueError("is not a date: write it as 2026-01-31")


def _refuse_datetime(_: str) -> datetime:
    raise ValueError("is not a date and time: write it as 2026-01-31 14:30")


def _boolean(text: str, _: str) -> bool:
    word = text.lower()
    if word not in _YES and word not in _NO:
        raise ValueError("is neither yes nor no")
    return word in _YES


def _email(text: str, _: str) -> str:
    if "@" not in text:
        raise ValueError("is not an e-mail address: an @ is missing")
    if not _EMAIL.match(text):
        raise ValueError("is not an e-mail address")
    return text


def _text(text: str, _: str) -> str:
    return text


_PARSERS: dict[ColumnType, Callable[[str, str], object]] = {
    ColumnType.INTEGER: _integer,
    ColumnType.DECIMAL: _decimal,
    ColumnType.DATE: _date,
    ColumnType.DATETIME: _datetime,
    ColumnType.BOOLEAN: _boolean,
    ColumnType.EMAIL: _email,
    ColumnType.TEXT: _text,
}
