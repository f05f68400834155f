"""A record that cannot be read, and why, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.intake.reading import Reading

RAW_CHARACTERS = 2_000
FOUND_CHARACTERS = 200

_REASONS = {
    "stray_quote": "has a quotation mark inside a quoted cell: write it twice, or remove it",
    "unclosed_quote": "has a quotation mark that opens a cell and never closes it: remove it, or close the cell",
    "nul_byte": "holds a NUL character, which text never has: the file may be damaged here",
    "line_too_long": "is on a line of more than 32 MB: a line break may be missing",
}


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A record that is no row. `raw` is its text (the first 2,000 characters), `column` the column it breaks in.

    `repair` is the row it would be, `repair_note` what would be done for that; it is `repair_safe` where there is no
    other way to read the record (see `repair`). They are there only where repairs were asked for.
    """

    row: int
    line: int
    offset: int
    length: int
    code: str
    reason: str
    raw: str
    column: str | None = None
    found: str | None = None
    repair: tuple[str, ...] | None = None
    repair_note: str | None = None
    repair_safe: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a record, whichever it is."""

    code: str
    reason: str
    column: str | None = None
    found: str | None = None


def quote_fault(code: str, reading: Reading, cells_before: int) -> Fault:
    """A fault of quoting or length; `cells_before` cells of the record were whole."""
    names = reading.columns
    column = names[cells_before] if code != "line_too_long" and cells_before < len(names) else None
    return Fault(code, _REASONS[code], column)


def text_fault(cells: Sequence[bytes], reading: Reading) -> Fault | None:
    """The first cell that holds a NUL or is not text in the file's encoding."""
    for index, cell in enumerate(cells):
        code = _text_code(cell, reading.text_encoding)
        if code:
            reason = _REASONS.get(code, f"holds characters that are not {reading.encoding.upper()} text")
            column = reading.columns[index] if index < len(reading.columns) else None
            found = cell[: 4 * FOUND_CHARACTERS].decode(reading.text_encoding, "replace")[:FOUND_CHARACTERS]
            return Fault(code, reason, column, found)
    return None


def _text_code(cell: bytes, encoding: str) -> str:
    if b"\0" in cell:
        return "nul_byte"
    try:
        cell.decode(encoding)
    except UnicodeDecodeError:
        return "bad_bytes"
    return ""


def count_fault(found: int, reading: Reading) -> Fault:
    """Another number of cells than there are columns."""
    expected = len(reading.columns)
    cells = "1 cell" if found == 1 else f"{found:,} cells"
    where = f"the header has {expected:,}" if reading.header_line else f"the other rows have {expected:,}"
    code = "missing_cells" if found < expected else "surplus_cells"
    return Fault(code, f"has {cells} where {where}", None, str(found))
