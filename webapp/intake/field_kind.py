"""Which kind of column a field of a row model is meant for, by its type."""

from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from pydantic import (
    AnyUrl,
    AwareDatetime,
    EmailStr,
    FutureDate,
    FutureDatetime,
    NaiveDatetime,
    PastDate,
    PastDatetime,
)
from pydantic.fields import FieldInfo

from webapp.intake.cells import kinds_of
from webapp.intake.values import ColumnType

_KINDS: Final[tuple[tuple[tuple[Any, ...], ColumnType], ...]] = (
    ((bool,), ColumnType.BOOLEAN),
    ((int,), ColumnType.INTEGER),
    ((float, Decimal), ColumnType.DECIMAL),
    ((datetime, AwareDatetime, NaiveDatetime, PastDatetime, FutureDatetime), ColumnType.DATETIME),
    ((date, PastDate, FutureDate), ColumnType.DATE),
    ((time,), ColumnType.TIME),
    ((EmailStr,), ColumnType.EMAIL),
    ((AnyUrl,), ColumnType.URL),
    ((UUID,), ColumnType.CODE),
    ((str,), ColumnType.TEXT),
)


def types_of(field: FieldInfo) -> list[Any]:
    """The types that the field may have, but for None."""
    return [kind for kind in kinds_of(field.annotation) if kind is not type(None)]


def kinds_of_field(field: FieldInfo) -> frozenset[ColumnType | None]:
    """The kind for each type that the field may have; None for literals, enumerations and what is no plain value."""
    return frozenset(_kind(kind) for kind in types_of(field))


def _kind(annotation: Any) -> ColumnType | None:  # noqa: ANN401 (any annotation)
    if not isinstance(annotation, type) or issubclass(annotation, Enum):
        return None
    return next((kind for types, kind in _KINDS if issubclass(annotation, types)), None)
