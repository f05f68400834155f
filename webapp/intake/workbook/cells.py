"""The cells of an XLSX sheet as text, a column of a piece at a time."""

import re
from collections.abc import Callable, Sequence
from itertools import repeat

from webapp.intake.errors import DamagedFileError
from webapp.intake.workbook.exact import RawCell
from webapp.intake.workbook.formats import NUMBER, Kind, Shown
from webapp.intake.workbook.rows import Block, Column
from webapp.intake.workbook.text import (
    NOT_WORKED_OUT,
    SPACES,
    Texts,
    converter,
    csv_cell,
    csv_cells,
    number_texts,
    unescape,
)
from webapp.intake.workbook.xml import WHAT

# The attributes of a cell, its formula, the tag of its value: what follows is the value.
_HEAD = re.compile(r"([^<>]*+)>(?:<f([^<>]*+)>(?:([^<]*+)</f>)?)?(?:<(?:v|is><t)[^>]*>)")
_TRIMMED = re.compile(r"<t(?![^<>]*\bxml:space=.preserve)[^<>]*>\Z")
_ATTRIBUTE = re.compile(r"\b([st])=[\"']([^\"']*)[\"']")


class CellTexts:
    """Makes text of cells; knows the workbook's texts and styles."""

    def __init__(self, strings: Sequence[str], shown: Sequence[Shown], *, since_1904: bool) -> None:
        self._strings = strings
        self._shown = shown
        self._since_1904 = since_1904
        self._by_attributes: dict[str, tuple[str, str]] = {}
        self._converters: dict[tuple[str, str], Callable[[str], str]] = {}

    def columns(self, block: Block) -> list[Sequence[str]]:
        """The columns of a block as cells of CSV.

        Raises:
            DamagedFileError: a cell has a value that it cannot have.
        """
        try:
            columns: list[Sequence[str]] = [self._column(cells) for cells in block.columns]
            if block.exact:
                self._fill_in(columns, block)
        except (ValueError, IndexError, OverflowError) as error:
            raise DamagedFileError(WHAT) from error
        return columns

    def text(self, cell: RawCell) -> str:
        """One cell as a cell of CSV."""
        if cell.uncached:
            return csv_cell("=" + cell.formula if cell.formula else NOT_WORKED_OUT)
        return self._converter(cell.kind, cell.style)(cell.value) if cell.value else ""

    def raw(self, cell: str) -> RawCell:
        """A cell of a block, with its head, as it is stored."""
        head = _HEAD.match(cell)
        if not head:
            raise DamagedFileError(WHAT)
        kind, style = self._kind_and_style(head[1])
        formula = None if head[2] is None else unescape(head[3] or "")
        value = cell[head.end() :]
        return RawCell(kind, style, unescape(value.strip(SPACES) if _TRIMMED.search(head[0]) else value), formula)

    def kind_of(self, head: str) -> str:
        """The type of the cells that begin so."""
        return self._kind_and_style(head)[0]

    def _fill_in(self, columns: list[Sequence[str]], block: Block) -> None:
        width = 1 + max((column for row in block.exact.values() for column in row.cells), default=0)
        columns += [[""] * len(block.numbers) for _ in range(width - len(columns))]
        filled = [list(column) for column in columns]
        for index, row in block.exact.items():
            for column, cell in row.cells.items():
                filled[column][index] = self.text(cell)
        columns[:] = filled

    def _column(self, column: Column) -> Sequence[str]:
        cells = column.cells
        present = cells if "" not in cells else list(filter(None, cells))
        if not present:
            return cells
        texts = self._alike(column.head, present) if column.head else self._mixed(present)
        if len(present) == len(cells):
            return texts
        rest = iter(texts)
        return [next(rest) if cell else "" for cell in cells]

    def _mixed(self, cells: Sequence[str]) -> Sequence[str]:
        """The texts of cells with their heads."""
        first = _HEAD.match(cells[0])
        if first and first[2] is None and all(map(str.startswith, cells, repeat(first[0]))):
            return self._alike(first[0], [cell[first.end() :] for cell in cells])
        return [self.text(self.raw(cell)) for cell in cells]

    def _alike(self, head: str, values: Sequence[str]) -> Sequence[str]:
        """The texts of cells of one type and style, from what follows their head."""
        kind, style = self._kind_and_style(head)
        if "" in values:
            return [self.text(self.raw(head + value)) for value in values]
        if kind == "s":
            places = list(map(int, values))
            if min(places) < 0:
                raise DamagedFileError(WHAT)
            return list(map(self._strings.__getitem__, places))
        if kind == "n" and self._shown_by(style).kind is Kind.number:
            return number_texts(values)
        if kind in {"str", "inlineStr"}:
            if _TRIMMED.search(head):
                values = [value.strip(SPACES) for value in values]
            return csv_cells(map(unescape, values))
        return list(map(self._converter(kind, style), values))

    def _kind_and_style(self, attributes: str) -> tuple[str, str]:
        known = self._by_attributes.get(attributes)
        if known is None:
            found = dict(_ATTRIBUTE.findall(attributes))
            known = self._by_attributes[attributes] = found.get("t") or "n", found.get("s") or "0"
        return known

    def _shown_by(self, style: str) -> Shown:
        place = int(style)
        return self._shown[place] if 0 <= place < len(self._shown) else NUMBER

    def _converter(self, kind: str, style: str) -> Callable[[str], str]:
        known = self._converters.get((kind, style))
        if known is None:
            known = self._converters[kind, style] = self._new_converter(kind, style)
        return known

    def _new_converter(self, kind: str, style: str) -> Callable[[str], str]:
        if kind == "n":
            return Texts(converter(self._shown_by(style), since_1904=self._since_1904)).__getitem__
        if kind == "s":
            return self._shared
        if kind == "b":
            return Texts(lambda value: "FALSE" if value == "0" else "TRUE").__getitem__
        if kind == "d":
            return lambda value: csv_cell(value.removesuffix("Z").removesuffix("T00:00:00").replace("T", " "))
        return csv_cell

    def _shared(self, value: str) -> str:
        place = int(value)
        if place < 0:
            raise DamagedFileError(WHAT)
        return self._strings[place]
