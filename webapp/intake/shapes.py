"""What a cell looks like at a glance, whatever its column: enough to tell a table from a text cut at random."""

import re
from enum import IntEnum

_NUMBER = re.compile(
    r"\(?[+\u2212-]?\s?[$€£¥]?\s?[+-]?(?:\d{1,3}(?:[ .,'\u00a0]\d{2,3})+|\d+)?(?:[.,]\d+)?(?:[eE][+-]?\d+)?"
    r"\s?[%$€£¥]?[-)]?\Z"
)
_MOMENT = re.compile(
    r"(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\.?|\d{1,2}[- ][A-Za-z]{3,9}\.?[- ]\d{2,4}|\d{8})?"
    r"[T ]{0,2}(?:\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s?(?:[AaPp][Mm])?(?:Z|[+-]\d{2}:?\d{2})?)?\Z",
)
_WORDS = re.compile(r"(?:\w|(?<=\w)[ .'\u2019/&()+%#!?-]+|, )*\Z")
_ADDRESS = re.compile(r"(?:https?://\S+|[^\s@,;|]+@(?:[^\s@,;|.]+\.)+[^\s@,;|.]+)\Z")
_CODE = re.compile(r"[\w.:/+#-]*\d[\w.:/+#-]*\Z")
_NUMBER_WORDS = frozenset({"inf", "-inf", "+inf", "infinity", "-infinity", "nan"})
_BLANK_WORDS = frozenset({"-", "n/a", "na", "null", "none", "\\n", ".", "?", "--", "#n/a", "nil"})
_LONGEST = 300


class CellShape(IntEnum):
    """The kinds of cells, the most telling first."""

    NUMBER = 1
    MOMENT = 2
    ADDRESS = 3
    CODE = 4
    WORDS = 5
    OTHER = 6
    EMPTY = 7


def shape_of(cell: str) -> CellShape:
    """The kind of a cell; blanks and words for "nothing" are empty."""
    text = cell.strip()
    if not text or text.lower() in _BLANK_WORDS:
        return CellShape.EMPTY
    if len(text) <= _LONGEST:
        if (text[-1] in "0123456789.%)$€£¥-" and _NUMBER.match(text)) or text.lower() in _NUMBER_WORDS:
            return CellShape.NUMBER
        if _MOMENT.match(text):
            return CellShape.MOMENT
        if _ADDRESS.match(text):
            return CellShape.ADDRESS
        if _CODE.match(text):
            return CellShape.CODE
    return CellShape.WORDS if _WORDS.match(text[:200]) else CellShape.OTHER


def is_exact(cell: str) -> bool:
    """Whether the cell is a number, a date or time, or an address."""
    return shape_of(cell) <= CellShape.ADDRESS
