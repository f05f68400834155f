"""The rows of a sheet as an XML parser sees them: the slow way that the fast one falls back to."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from webapp.intake.errors import DamagedFileError
from webapp.intake.workbook.text import SPACES
from webapp.intake.workbook.xml import WHAT, feed, local, new_parser

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384


@dataclass(slots=True)
class RawCell:
    """A cell as it is stored: its type, style and value; `formula` is None where it has none."""

    kind: str
    style: str
    value: str | None = None
    formula: str | None = None

    @property
    def uncached(self) -> bool:
        """Whether it has a formula whose result was not saved; the result may be an empty text."""
        return self.formula is not None and not self.value and self.kind != "str"


@dataclass(slots=True)
class RawRow:
    """A row by its number in the sheet; its cells by their column, counted from 0."""

    number: int
    hidden: bool
    cells: dict[int, RawCell] = field(default_factory=dict)


def exact_rows(xml: str, number: int) -> Iterator[RawRow]:
    """The rows of a piece of a sheet; a row that does not say its number follows the one before it.

    Raises:
        DamagedFileError: this is no sheet.
    """
    reader = _Reader(number)
    feed(reader.parser, f"<sheetData>{xml}</sheetData>".encode(), final=True)
    yield from reader.rows


def column_of(reference: str) -> int:
    """The column, counted from 0, of a cell named like "AB12".

    Raises:
        DamagedFileError: it names no column that a sheet can have.
    """
    column = 0
    for letter in reference.rstrip("0123456789"):
        if not "A" <= letter <= "Z" or column > MOST_COLUMNS:
            raise DamagedFileError(WHAT)
        column = column * 26 + ord(letter) - 64
    if not 0 < column <= MOST_COLUMNS:
        raise DamagedFileError(WHAT)
    return column - 1


def letters_of(column: int) -> str:
    """The name of a column: the other way round."""
    letters, left = "", column + 1
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


class _Reader:
    def __init__(self, number: int) -> None:
        self.rows: list[RawRow] = []
        self._number = number
        self._column = 0
        self._text, self._kept = "", False
        self._cell: RawCell | None = None
        self._within: list[str] = []
        self.parser = new_parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        self._within.append(name)
        if name == "row":
            self._number = _row_number(attributes.get("r"), self._number)
            self.rows.append(RawRow(self._number, attributes.get("hidden") in {"1", "true"}))
            self._number += 1
            self._column = 0
        elif name == "c" and self.rows:
            reference = attributes.get("r")
            column = column_of(reference) if reference else self._column
            self._cell = RawCell(attributes.get("t") or "n", attributes.get("s") or "0")
            self.rows[-1].cells[column] = self._cell
            self._column = column + 1
        elif self._cell and name == "v":
            self._cell.value = ""
        elif name == "t":
            self._text, self._kept = "", attributes.get("xml:space") == "preserve"
        elif self._cell and name == "f":
            self._cell.formula = ""

    def _end(self, name: str) -> None:
        self._within.pop()
        if local(name) == "c":
            self._cell = None
        elif local(name) == "t" and self._cell and "rPh" not in self._within:
            self._cell.value = (self._cell.value or "") + (self._text if self._kept else self._text.strip(SPACES))

    def _data(self, text: str) -> None:
        if not self._cell:
            return
        within = self._within[-1]
        if within == "v" and self._cell.kind != "inlineStr":
            self._cell.value = (self._cell.value or "") + text
        elif within == "t":
            self._text += text
        elif within == "f":
            self._cell.formula = (self._cell.formula or "") + text


def _row_number(said: str | None, expected: int) -> int:
    try:
        number = int(said) if said else expected
    except ValueError:
        number = 0
    if not expected <= number <= MOST_ROWS:
        raise DamagedFileError(WHAT)
    return number
