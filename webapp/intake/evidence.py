"""What the kind of a column says for or against its feeding a field."""

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from pydantic import AnyUrl, EmailStr
from pydantic.fields import FieldInfo

from webapp.intake.cells import kinds_of
from webapp.intake.synonyms import meaning_of

# the values of ColumnType, as a preview keeps them
_NUMBERS: Final = frozenset({"integer", "decimal", "code"})
_DAYS: Final = frozenset({"date", "datetime"})
_EMAILS: Final = frozenset({"email"})
_URLS: Final = frozenset({"url"})
_TAKEN: Final[dict[Any, frozenset[str]]] = {
    int: _NUMBERS,
    float: _NUMBERS,
    Decimal: _NUMBERS,
    date: _DAYS,
    datetime: _DAYS,
    time: frozenset({"time"}),
    bool: frozenset({"boolean", "integer"}),
    UUID: frozenset({"code"}),
    EmailStr: _EMAILS,
    AnyUrl: _URLS,
}
_NAMED: Final = {"email": _EMAILS, "url": _URLS, "website": _URLS}


def kinds_taken(names: Iterable[str], field: FieldInfo) -> frozenset[str]:
    """The kinds of columns that can feed the field; none if it has no opinion.

    Columns of text and those of no known kind are always possible: a few misfits make a column of numbers one of text.
    """
    kinds = [kind for kind in kinds_of(field.annotation) if kind is not type(None)]
    if kinds == [str]:
        last_words = {word for name in names for word in meaning_of(name)[-1:]}
        return _together(_NAMED[word] for word in last_words if word in _NAMED)
    return _together(_TAKEN[kind] for kind in kinds) if all(kind in _TAKEN for kind in kinds) else frozenset()


def _together(groups: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset(kind for group in groups for kind in group)
