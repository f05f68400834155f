"""What stands below a table: notes, sources, totals apart from the rows."""

import re
from collections.abc import Sequence

from webapp.intake.dialects import Record
from webapp.intake.shapes import CellShape, shape_of

_TOTALS = ("total", "grand total", "sum", "summe", "gesamt", "subtotal", "totaal", "totale", "somme", "suma", "razem")
_NOTE = re.compile(
    r"(?:(?:notes?|sources?|footnotes?|quelle|stand|hinweis|nota|remarks?|generated|exported|printed|end of|total|"
    r"copyright|disclaimer|seller id|page \d+|rows?|records?|\d+[ ,]+(?:rows?|records?))\b|"
    r"\(?c\)|©|\*|\[?\d+\]|\(\d+\)|\(\d+ rows|-{3,}|={3,}|_{3,})",
    re.IGNORECASE,
)
_LONG = 25


def before_notes(records: Sequence[Record], data: int, end: int, width: int) -> int:
    """The index after the last row of a table whose records are `data` to before `end`.

    Notes are lines of one text below it: apart by a blank line, or too narrow for a row and worded like a note.
    """
    last = end = last_filled(records, data, end)
    if width == 1:
        return end
    loose = True  # whether all that was passed is apart from the rows, should a blank line stand above it
    for at in range(end - 1, data, -1):
        record = records[at]
        if record.blank:
            last = last_filled(records, data, at + 1) if loose else last
            continue
        loose = loose and _is_loose(record, width)
        if not loose and not _is_narrow_note(record):
            break
        if _is_narrow_note(record) and last == at + 1:
            last = last_filled(records, data, at)
    return last


def is_prose(records: Sequence[Record], begin: int, end: int) -> bool:
    """Whether the records are lines of text and no rows that lack their other cells."""
    apart = begin > 0 and records[begin - 1].blank
    filled = [record for record in records[begin:end] if not record.blank]
    return all(_is_narrow_note(record) or (apart and _is_loose(record, len(record.cells))) for record in filled)


def is_total(record: Record) -> bool:
    """Whether a record is a sum of those above it, by what it is called."""
    label = next((cell.strip().lower() for cell in record.cells if cell.strip()), "")
    return any(label.startswith(word) or label.endswith(f" {word}") for word in _TOTALS)


def last_filled(records: Sequence[Record], data: int, end: int) -> int:
    """The index after the last record before `end` that is not blank; `data` if there is none."""
    return next((at + 1 for at in range(end - 1, data - 1, -1) if not records[at].blank), data)


def _is_loose(record: Record, width: int) -> bool:
    """Whether a record, below a blank line, is a text by itself and no row that lacks cells."""
    if record.broken or is_total(record):
        return False
    filled = [cell.strip() for cell in record.cells if cell.strip()]
    if not record.cells[0].strip() or len(filled) * 3 > max(width, 3):
        return False
    text = " ".join(filled)
    worded = bool(_NOTE.match(text)) or len(text) > _LONG or text.endswith(":")
    return worded or (len(filled) == 1 and " " in text and shape_of(text) in {CellShape.WORDS, CellShape.OTHER})


def _is_narrow_note(record: Record) -> bool:
    """Whether a line without any delimiter, or with nothing else in it, is worded like a note."""
    text = record.cells[0].strip() if record.cells else ""
    if record.broken or not text or record.filled > 1 or not _NOTE.match(text):
        return False
    return len(record.cells) == 1 or len(text) > _LONG
