"""What stands below a table: notes, sources, totals apart from the rows."""

import re
from collections.abc import Sequence

from webapp.intake.dialects import Record
from webapp.intake.shapes import Shape, shape_of

_TOTALS = ("total", "grand total", "sum", "summe", "gesamt", "subtotal", "totaal", "totale", "somme", "suma", "razem")
_NOTE = re.compile(
    r"(?:notes?|sources?|footnotes?|quelle|stand|hinweis|nota|remarks?|generated|exported|printed|end of|total|"
    r"\(?c\)|©|copyright|disclaimer|\*|\[?\d+\]|\(\d+\)|-{3,}|={3,}|_{3,}|rows?\b|records?\b|\(\d+ rows)",
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
    for at in range(end - 1, data, -1):
        record = records[at]
        if record.blank:
            last = last_filled(records, data, at + 1) if _all_loose(records, at + 1, end, width) else last
            continue
        if not (_is_loose(record, width) or _is_narrow_note(record)):
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


def _all_loose(records: Sequence[Record], begin: int, end: int, width: int) -> bool:
    """Whether nothing below a blank line is a row."""
    return all(record.blank or _is_loose(record, width) for record in records[begin:end])


def _is_loose(record: Record, width: int) -> bool:
    """Whether a record is one text by itself, or a few words in the first cells of a wide table."""
    if record.broken or is_total(record):
        return False
    filled = [cell for cell in record.cells if cell.strip()]
    if len(filled) == 1 and record.cells[0].strip():
        return shape_of(filled[0]) in {Shape.WORDS, Shape.OTHER} or len(filled[0]) > _LONG
    return len(filled) * 3 <= width and bool(record.cells[0].strip())


def _is_narrow_note(record: Record) -> bool:
    """Whether a line without any delimiter, or with nothing else in it, is worded like a note."""
    text = record.cells[0].strip() if record.cells else ""
    if record.broken or not text or record.filled > 1:
        return False
    worded = bool(_NOTE.match(text))
    return worded and len(text) > _LONG if len(record.cells) > 1 else worded or (len(text) > _LONG and " " in text)
