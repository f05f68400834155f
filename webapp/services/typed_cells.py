"""Cells made into typed values, a column at a time."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from webapp.intake import Column, ColumnType, converter, parse_cell
from webapp.intake.guess import Style
from webapp.intake.values import fits, is_placeholder

REMEMBERED = 10_000
"""Different texts of a column whose values are kept: dates, codes and small numbers come again and again."""

PYTHON_TYPES: dict[ColumnType, type] = {
    ColumnType.INTEGER: int,
    ColumnType.DECIMAL: Decimal,
    ColumnType.DATE: date,
    ColumnType.DATETIME: datetime,
    ColumnType.BOOLEAN: bool,
    ColumnType.TIME: str,
    ColumnType.EMAIL: str,
    ColumnType.URL: str,
    ColumnType.CODE: str,
    ColumnType.TEXT: str,
}

AS_TEXT = frozenset({ColumnType.TEXT, ColumnType.CODE, ColumnType.URL, ColumnType.TIME})
"""Kinds that are kept as the text they are: a table has no column for them, and every character may matter."""

KINDS: dict[type, ColumnType] = {
    int: ColumnType.INTEGER,
    float: ColumnType.DECIMAL,
    Decimal: ColumnType.DECIMAL,
    date: ColumnType.DATE,
    datetime: ColumnType.DATETIME,
    bool: ColumnType.BOOLEAN,
    str: ColumnType.TEXT,
    object: ColumnType.TEXT,
}
"""How a cell is read for a column that keeps values of a type."""

THOUSANDS = Style(ColumnType.DECIMAL, ",+")
"""What a point may part instead of decimals."""

MARK_IS_OPEN = converter.EITHER_WAY
EITHER_WAY: dict[ColumnType, str] = {
    ColumnType.INTEGER: MARK_IS_OPEN,
    ColumnType.DECIMAL: MARK_IS_OPEN,
    ColumnType.DATE: "could be day/month or month/day: write it as 2026-01-31",
    ColumnType.DATETIME: "could be day/month or month/day: write it as 2026-01-31 14:30",
}
"""What is said of a cell that means one thing in one way of writing and another in the other."""

COMMON: dict[tuple[ColumnType, str], tuple[re.Pattern[str], Callable[[str], object]]] = {
    (ColumnType.INTEGER, ""): (re.compile(r"-?[1-9][0-9]{0,14}\Z"), int),
    (ColumnType.DECIMAL, "."): (re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?\Z"), Decimal),
    (ColumnType.EMAIL, ""): (re.compile(r"[A-Za-z0-9._+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}\Z"), str),
}
"""The plain way of writing what hardly ever comes twice; a text that matches has the value `parse_cell` would give."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """What stands in for the value of a cell that does not fit its column."""

    reason: str


class TypedColumn(dict[str, object]):
    """The value of each text of a column. One that was seen before is a look-up, which is what makes it fast.

    `blank_words` says that n/a and its like are how the column writes an empty cell; they are misfits otherwise.
    Where the column may be written in an `other` way too, cells that mean something else in it are misfits.
    `as_float` gives numbers with decimals as floats.
    """

    def __init__(  # noqa: PLR0913 (what is known of a column)
        self,
        name: str,
        kind: ColumnType,
        style: str = "",
        *,
        blank_words: bool = False,
        other: Style | None = None,
        as_float: bool = False,
    ) -> None:
        super().__init__()
        self.name = name
        self.is_text = kind in AS_TEXT
        self._kind = kind
        self._style = style
        self._blank_words = blank_words
        self._other = other
        self._as_float = as_float
        self._misfits = 0
        self._common = None if other or as_float else COMMON.get((kind, style))

    def __missing__(self, text: str) -> object:
        try:
            value = self._read(text)
        except ValueError as error:
            self._misfits += 1
            return Misfit(str(error))
        if len(self) < REMEMBERED:
            self[text] = value
        return value

    def _read(self, text: str) -> object:
        if self._blank_words and is_placeholder(text.strip()):
            return None
        value = parse_cell(text, self._kind, self._style)
        other = self._other
        if other and value is not None and fits(text, *other) and parse_cell(text, *other) != value:
            raise ValueError(EITHER_WAY[self._kind])
        return float(value) if self._as_float and isinstance(value, Decimal) else value

    def values_of(self, cells: Sequence[str], misfits: dict[int, tuple[str, Misfit]]) -> Sequence[object]:
        """The values of the cells; for those that do not fit, `misfits` gets the column and the reason by index."""
        if self.is_text:
            return [cell if cell and not cell.isspace() else None for cell in cells]
        before = self._misfits
        if self._common:
            match, value_of = self._common[0].match, self._common[1]
            values = [value_of(cell) if match(cell) else self[cell] for cell in cells]
        else:
            values = [self[cell] for cell in cells]
        if self._misfits > before:
            for index, value in enumerate(values):
                if isinstance(value, Misfit):
                    misfits.setdefault(index, (self.name, value))
        return values


def type_for(column: Column) -> type:
    """What a table should keep of a column. One that can be read in two ways is kept as the text it is."""
    return str if column.doubt else PYTHON_TYPES[column.kind]


def column_for(name: str, column: Column | None, kept: type) -> TypedColumn:
    """How a column of a file is read for a table that keeps values of a type.

    Args:
        name: the column's.
        column: what is known of it; None reads it as programs write.
        kept: the type of the table's column; `object` if it keeps anything.
    """
    kind, as_float = KINDS[kept], kept is float
    if column is None:
        return TypedColumn(name, kind, as_float=as_float)
    if column.likely and kind not in AS_TEXT:  # the few cells that are something else do not hide how it is written
        column = replace(column, kind=column.likely.kind, style=column.likely.style, likely=None)
    if column.kind is kind or (kept in {type_for(column), object} and not column.doubt):
        kind, style, other = column.kind, column.style, column.other
    elif kind is ColumnType.DECIMAL:
        style = column.style if column.kind is ColumnType.INTEGER else ""
        other = column.other or (None if style else THOUSANDS)
    else:
        style, other = "", None
    return TypedColumn(name, kind, style, blank_words=column.blank_words, other=other, as_float=as_float)
