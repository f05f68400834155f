"""What a column of a data table keeps, and how a Python value is written into it without losing anything."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import Any
from uuid import UUID

Encoder = Callable[[Any], object]

PLAIN = (bool, int, float, Decimal, datetime, date, str)
"""What a table keeps. The order matters to isinstance: a bool is an int, and a datetime is a date."""

MAX_PLACES = 400
"""Digits before or after the point up to which a decimal number is written out in full."""


class MisfitError(ValueError):
    """A value that cannot be kept; the message completes a sentence that begins with the column's name."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of column: its type in SQLite and in PostgreSQL, the words for it, and the Python types that fit."""

    declared: str
    in_postgres: str
    words: str
    encoders: Mapping[type, Encoder | None]  # None: the driver takes the value as it is


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise MisfitError("is not a finite number")
    return number


def _digits(number: Decimal) -> str:
    if not number.is_finite():
        raise MisfitError("is not a finite number")
    text = str(number)
    return f"{number:f}" if "E" in text and abs(number.adjusted()) <= MAX_PLACES else text


def _moment(moment: datetime) -> str:
    try:
        return str(moment.astimezone(UTC) if moment.tzinfo else moment)
    except OverflowError:
        raise MisfitError("is too early or too late a time") from None


INTEGER = Kind("INTEGER", "bigint", "whole numbers", {int: None, bool: int})
REAL = Kind("REAL", "double precision", "numbers", {float: _finite, int: None})
# the word TEXT keeps every digit: in a column of any other type SQLite makes a float of 0.10
DECIMAL = Kind("DECIMAL_TEXT", "numeric", "decimal numbers", {Decimal: _digits, int: str})
TEXT = Kind("TEXT", "text", "text", {str: None})
BOOLEAN = Kind("BOOLEAN", "boolean", "yes or no", {bool: None})
DATE = Kind("DATE", "date", "dates", {date: str})
DATETIME = Kind("DATETIME", "timestamp", "dates with a time", {datetime: _moment})
ANY = Kind(
    "",
    "text",
    "anything",
    {int: None, float: _finite, Decimal: _digits, str: None, bool: None, date: str, datetime: _moment},
)
# for a type of PostgreSQL's that we know nothing of: it reads the text in its own way, or refuses the row
ANY_BY_ITS_TEXT = Kind(
    "",
    "text",
    "anything",
    {**ANY.encoders, int: str, float: lambda number: str(_finite(number)), bool: str},
)

BY_TYPE: dict[type, Kind] = {
    int: INTEGER,
    float: REAL,
    Decimal: DECIMAL,
    str: TEXT,
    bool: BOOLEAN,
    date: DATE,
    datetime: DATETIME,
}

# for tables that somebody else made: the first of these words in the declared type decides, much as in SQLite
_BY_WORD = {
    "BOOL": BOOLEAN,
    "INT": INTEGER,
    "DECIMAL_TEXT": DECIMAL,
    "CHAR": TEXT,
    "CLOB": TEXT,
    "TEXT": TEXT,
    "DATETIME": DATETIME,
    "TIMESTAMP": DATETIME,
    "DATE": DATE,
    "REAL": REAL,
    "FLOA": REAL,
    "DOUB": REAL,
}

_IN_POSTGRES = {
    "smallint": INTEGER,
    "integer": INTEGER,
    "bigint": INTEGER,
    "real": REAL,
    "double precision": REAL,
    "numeric": DECIMAL,
    "text": TEXT,
    "character varying": TEXT,
    "character": TEXT,
    "boolean": BOOLEAN,
    "date": DATE,
    "timestamp without time zone": DATETIME,
    "timestamp with time zone": DATETIME,
}


def kind_in_postgres(declared: str) -> Kind:
    """The kind of a column by the name of its type in PostgreSQL; ANY_BY_ITS_TEXT for a type we do not know."""
    return _IN_POSTGRES.get(declared, ANY_BY_ITS_TEXT)


def kind_of_declared(declared: str) -> Kind:
    """The kind of a column by its type in SQLite; ANY for a type that says nothing to us."""
    return next((kind for word, kind in _BY_WORD.items() if word in declared.upper()), ANY)


def kind_of_value(value: object) -> Kind:
    """The kind of column that keeps this value and its like."""
    simple = plain(value)
    return next((BY_TYPE[python] for python in PLAIN if isinstance(simple, python)), ANY)


def python_type(kind: Kind) -> type:
    """The type of the values a column keeps; `object` if it keeps anything."""
    return next((python for python, own in BY_TYPE.items() if own is kind), object)


def plain(value: object) -> object:
    """The value behind an enum's member or an id; any other value as it is."""
    if isinstance(value, Enum):
        return plain(value.value)
    return str(value) if isinstance(value, UUID) else value


def encoder(kind: Kind, python: type, *, required: bool) -> Encoder | None:
    """How values of the type `python` are written into a column of this kind; None: as they are."""
    if python is NoneType:
        return _missing if required else None
    if python in kind.encoders:
        return kind.encoders[python]
    return _refuser(kind) if python in PLAIN else _unwrapper(kind)


def shown(value: object) -> str:
    """A value as people are shown it, in short."""
    text = str(plain(value))
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"  # noqa: PLR2004 (a line of a page holds as much)


def _missing(_: None) -> object:
    raise MisfitError("is empty, but rows are told apart by it")


def _refuser(kind: Kind) -> Encoder:
    def refuse(value: object) -> object:
        raise MisfitError(f"is {shown(value)}, but the table keeps {kind.words} there")

    return refuse


def _unwrapper(kind: Kind) -> Encoder:
    """For subclasses and enums: what they stand for is written."""

    def unwrap(value: object) -> object:
        simple = plain(value)
        python = next((python for python in PLAIN if isinstance(simple, python)), None)
        if python is None:
            raise MisfitError(f"is something a table cannot keep ({type(value).__name__})")
        encode = encoder(kind, python, required=False)
        return encode(simple) if encode else simple

    return unwrap
