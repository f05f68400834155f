"""Cells made into typed values, a column at a time."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from webapp.intake import ColumnType, parse_cell
from webapp.intake.values import is_placeholder

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
    """

    def __init__(self, name: str, kind: ColumnType, style: str = "", *, blank_words: bool = False) -> None:
        super().__init__()
        self.name = name
        self._kind = kind
        self._style = style
        self._blank_words = blank_words
        self._misfits = 0
        self._common = COMMON.get((kind, style))

    def __missing__(self, text: str) -> object:
        try:
            is_nothing = self._blank_words and is_placeholder(text.strip())
            value = None if is_nothing else parse_cell(text, self._kind, self._style)
        except ValueError as error:
            self._misfits += 1
            return Misfit(str(error))
        if len(self) < REMEMBERED:
            self[text] = value
        return value

    def values_of(self, cells: Sequence[str], misfits: dict[int, tuple[str, Misfit]]) -> Sequence[object]:
        """The values of the cells; for those that do not fit, `misfits` gets the column and the reason by index."""
        if self._kind in AS_TEXT:
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
