"""Damage that shows against the other cells of a column: codes that a spreadsheet took for something else."""

import re
from collections.abc import Iterator
from typing import Final

from webapp.intake.code_names import is_code_name
from webapp.intake.damage import Damage, DamageKind
from webapp.intake.damage_digits import DigitCells
from webapp.intake.damage_marks import Mark, MarkedCells
from webapp.intake.damage_watch import Cells, Pattern, Tally, Watch
from webapp.intake.values import ColumnType
from webapp.intake.values.months import MONTHS

_FEW: Final = 0.3
"""The share of a column up to which cells can be the damaged ones: a column of nothing but `Mar-01` is meant so."""
_SCIENTIFIC = re.compile(r"[1-9](?:[.,][0-9]+)?E\+(?P<zeros>[0-9]{2})\Z")
_LONG = 9
_PARTED = re.compile(r"\n(?:[0-9]{1,2}[-. ]{1,2}[^\W\d_]|[^\W\d_]{3,4}[-. ]{1,2}[0-9]{2}\n)")
_DATED = re.compile(r"(?:[0-9]{1,2}[-. ]{1,2}(?P<last>[^\W\d_]{3,4})|(?P<first>[^\W\d_]{3,4})[-. ]{1,2}[0-9]{2})\.?\Z")
_TRUTH = frozenset({"TRUE", "FALSE"})


class ScientificCells:
    """Long numbers in a spreadsheet's short form. Programs write a small e; numbers with decimals are meant so."""

    def __init__(self, column: Pattern) -> None:
        self._column = column
        self._tally = Tally()
        self._long = self._others = 0

    def look(self, cells: Cells) -> None:
        if "+" not in cells.joined or "E+" not in cells.joined:
            return
        for line, text in zip(cells.lines, cells.texts, strict=True):
            found = _SCIENTIFIC.match(text)
            if found and int(found["zeros"]) >= _LONG - 1:
                self._tally.add(line, text)
            elif text.isdecimal() and len(text) >= _LONG:
                self._long += 1
            elif text:
                self._others += 1

    def found(self) -> Iterator[Damage]:
        among_long = self._long > self._others
        count, column = self._tally.count, self._column
        is_text = column.kind in {ColumnType.TEXT, ColumnType.CODE}
        among_codes = is_text and column.has_codes and count <= _FEW * (self._long + self._others)
        if count and (among_long or among_codes or is_code_name(column.name)):
            yield self._tally.damage(DamageKind.SCIENTIFIC, column.name)


def _may_be_dated(joined: str) -> object:
    return any(sign in joined for sign in "-. ") and _PARTED.search(joined)


def _is_dated(text: str) -> bool:
    """`Mar-01` for the gene MARCH1, `5-Mar` for the size 3-5. Spreadsheets write no month in capitals alone."""
    found = _DATED.match(text)
    month = (found["first"] or found["last"]) if found else ""
    return month.lower() in MONTHS and not month.isupper()


def _may_be_truth(joined: str) -> bool:
    return "TRUE\n" in joined or "FALSE\n" in joined


_DATED_CODE = Mark(DamageKind.DATED, _may_be_dated, _is_dated, at_most=_FEW)
_TRUE_CODE = Mark(DamageKind.TRUTH_WORDS, _may_be_truth, _TRUTH.__contains__, at_most=_FEW)


def codes_of(column: Pattern) -> list[Watch]:
    """What is looked out for in a column of numbers or codes."""
    is_text = column.kind in {ColumnType.TEXT, ColumnType.CODE}
    watches: list[Watch] = []
    if is_text or column.kind in {ColumnType.INTEGER, ColumnType.DECIMAL}:
        watches.append(ScientificCells(column))
    if column.kind is ColumnType.CODE or (column.kind is ColumnType.INTEGER and is_code_name(column.name)):
        watches.append(DigitCells(column))
    if is_text and column.has_codes:
        watches.append(MarkedCells(column.name, _DATED_CODE))
    if column.kind is ColumnType.INTEGER or (is_text and column.has_codes):
        watches.append(MarkedCells(column.name, _TRUE_CODE))
    return watches
