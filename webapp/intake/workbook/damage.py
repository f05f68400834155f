"""What only a workbook tells of its cells: formulas without results, rounded numbers, what is hidden.

Error values are not found here: their text, `#DIV/0!`, stands in the rows for whoever looks at those.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from webapp.intake.damage import Damage, DamageKind
from webapp.intake.damage_watch import Tally
from webapp.intake.reading import Reading
from webapp.intake.workbook.book import open_workbook
from webapp.intake.workbook.cells import CellTexts
from webapp.intake.workbook.exact import RawCell, letters_of
from webapp.intake.workbook.parts import opened_package
from webapp.intake.workbook.rows import Block, blocks_of, head_of
from webapp.intake.workbook.sheet import Sheet
from webapp.intake.workbook.text import number_text
from webapp.intake.workbook.xlsx import XlsxWorkbook, part_named

_HIDDEN = re.compile(r'\bhidden="(?:1|true)"')
_COLUMNS = re.compile(r"<col ([^<>]*)>")
_RANGE = re.compile(r'\b(min|max)="([0-9]{1,5})"')
_DIGITS_KEPT = 15
_WORK_IT_OUT = "Open the workbook in a spreadsheet program, which works the formulas out, save it, and choose it again."


def workbook_damage(path: Path, reading: Reading) -> list[Damage]:
    """What is damaged or hidden in a workbook, and above all in the sheet that is read; column by column.

    Of XLS, XLSB and ODS hidden sheets only are known.
    """
    workbook = open_workbook(path)
    found = _sheet_damage(path, reading) if isinstance(workbook, XlsxWorkbook) else []
    return found + _hidden_sheets(workbook.sheets(), reading.sheet)


@dataclass(slots=True)
class _Findings:
    """Of one sheet, by columns counted from 0, blank ones before the table as well."""

    first: int  # row of the sheet
    rows: Tally = field(default_factory=Tally)
    formulas: dict[int, Tally] = field(default_factory=dict)
    rounded: dict[int, Tally] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)

    def add(self, block: Block, texts: CellTexts) -> None:
        """Look at the rows of a block."""
        for number, head in zip(block.numbers, block.heads, strict=True):
            if "hidden" in head and _HIDDEN.search(head):
                self._add_hidden(number)
        for index, row in block.exact.items():
            if row.hidden:
                self._add_hidden(block.numbers[index])
        for index, column, cell in _suspects(block, texts, self.used):
            self._judge(block.numbers[index], column, cell)

    def _add_hidden(self, number: int) -> None:
        if number >= self.first:
            self.rows.add(number, "")

    def _judge(self, number: int, column: int, cell: RawCell) -> None:
        if number < self.first:
            return
        if cell.uncached:
            self.formulas.setdefault(column, Tally()).add(number, f"={cell.formula}")
        elif cell.kind == "n" and cell.value and _is_rounded(text := number_text(cell.value)):
            self.rounded.setdefault(column, Tally()).add(number, text)


def _suspects(block: Block, texts: CellTexts, used: set[int]) -> Iterator[tuple[int, int, RawCell]]:
    """Cells that may be damaged, with the index of their row and with their column; notes which columns are used."""
    for place, column in enumerate(block.columns):
        if not any(column.cells):
            continue
        used.add(place)
        plain = bool(column.head)
        if plain and (texts.kind_of(column.head) != "n" or max(map(len, column.cells)) <= _DIGITS_KEPT):
            continue
        for index, cell in enumerate(column.cells):
            if cell and (not plain or len(cell) > _DIGITS_KEPT):
                yield index, place, RawCell("n", "0", cell) if plain else texts.raw(cell)
    for index, row in block.exact.items():
        for place, raw in row.cells.items():
            if raw.value or raw.uncached:
                used.add(place)
                yield index, place, raw


def _is_rounded(number: str) -> bool:
    digits = number.lstrip("-")
    return len(digits) > _DIGITS_KEPT and digits.isdigit()


def _sheet_damage(path: Path, reading: Reading) -> list[Damage]:
    with opened_package(path) as package:
        book = package.book()
        part = part_named(reading.sheet, book)
        texts = CellTexts([], book.shown, since_1904=book.since_1904)
        findings = _Findings(reading.data_line)
        with package.part(part.path) as source:
            for block in blocks_of(source):
                findings.add(block, texts)
        with package.part(part.path) as source:
            hidden = _hidden_columns(head_of(source)) & findings.used
    return _told(findings, hidden, reading.columns)


def _told(findings: _Findings, hidden: set[int], names: Sequence[str]) -> list[Damage]:
    indent = min(findings.used, default=0)

    def name(column: int) -> str:
        place = column - indent
        return names[place] if 0 <= place < len(names) else letters_of(column)

    found: list[Damage] = []
    for column in sorted(findings.used):
        if column in findings.formulas:
            tally = findings.formulas[column]
            found.append(tally.damage(DamageKind.UNCACHED_FORMULAS, name(column), _WORK_IT_OUT))
        if column in findings.rounded:
            found.append(findings.rounded[column].damage(DamageKind.ROUNDED, name(column)))
    columns = Tally()
    for column in sorted(hidden):
        columns.add(0, name(column))
    unseen = [(DamageKind.HIDDEN_ROWS, findings.rows), (DamageKind.HIDDEN_COLUMNS, columns)]
    return found + [tally.damage(kind) for kind, tally in unseen if tally.count]


def _hidden_columns(head: str) -> set[int]:
    hidden: set[int] = set()
    for attributes in _COLUMNS.findall(head):
        if _HIDDEN.search(attributes):
            ends = {name: int(place) for name, place in _RANGE.findall(attributes)}
            hidden.update(range(ends.get("min", 1) - 1, min(ends.get("max", 0), 1 << 14)))
    return hidden


def _hidden_sheets(sheets: Sequence[Sheet], read: str) -> list[Damage]:
    tally = Tally()
    for sheet in sheets:
        if sheet.hidden and sheet.name != read:
            tally.add(0, sheet.name)
    return [tally.damage(DamageKind.HIDDEN_SHEETS)] if tally.count else []
