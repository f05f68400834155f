"""What the kind of a column says for or against its feeding a field."""

from collections.abc import Iterable
from typing import Final

from pydantic.fields import FieldInfo

from webapp.intake.field_kind import kinds_of_field
from webapp.intake.synonyms import meaning_of
from webapp.intake.values import ColumnType

_NUMBERS: Final = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.CODE})
_DAYS: Final = frozenset({ColumnType.DATE, ColumnType.DATETIME})
_EMAILS: Final = frozenset({ColumnType.EMAIL})
_URLS: Final = frozenset({ColumnType.URL})
_TAKEN: Final = {
    ColumnType.INTEGER: _NUMBERS,
    ColumnType.DECIMAL: _NUMBERS,
    ColumnType.DATE: _DAYS,
    ColumnType.DATETIME: _DAYS,
    ColumnType.TIME: frozenset({ColumnType.TIME}),
    ColumnType.BOOLEAN: frozenset({ColumnType.BOOLEAN, ColumnType.INTEGER}),
    ColumnType.EMAIL: _EMAILS,
    ColumnType.URL: _URLS,
    ColumnType.CODE: frozenset({ColumnType.CODE}),
}
_NAMED: Final = {"email": _EMAILS, "url": _URLS, "website": _URLS}


def kinds_taken(names: Iterable[str], field: FieldInfo) -> frozenset[ColumnType]:
    """The kinds of columns that can feed the field; none if it has no opinion.

    Columns of text and those of no known kind are always possible: a few misfits make a column of numbers one of text.
    """
    kinds = kinds_of_field(field)
    if kinds == {ColumnType.TEXT}:
        last_words = {word for name in names for word in meaning_of(name)[-1:]}
        return _together(_NAMED[word] for word in last_words if word in _NAMED)
    return _together(_TAKEN[kind] for kind in kinds if kind) if kinds <= _TAKEN.keys() else frozenset()


def _together(groups: Iterable[frozenset[ColumnType]]) -> frozenset[ColumnType]:
    return frozenset(kind for group in groups for kind in group)
