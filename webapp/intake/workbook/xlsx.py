"""Workbooks as Excel writes them today: XLSX and XLSM."""

from collections.abc import Iterator
from pathlib import Path

from webapp.intake.errors import DamagedFileError
from webapp.intake.workbook.cells import CellTexts
from webapp.intake.workbook.lines import Rows, write_lines
from webapp.intake.workbook.parts import Book, Package, Part, opened_package
from webapp.intake.workbook.rows import blocks_of
from webapp.intake.workbook.sheet import Sheet
from webapp.intake.workbook.strings import shared_strings
from webapp.intake.workbook.xml import WHAT, pieces


class XlsxWorkbook:
    """An XLSX workbook."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def sheets(self) -> list[Sheet]:
        with opened_package(self._path) as package:
            return [Sheet(part.name, part.hidden) for part in package.book().sheets]

    def likeliest(self) -> str | None:
        with opened_package(self._path) as package:
            parts = sorted(package.book().sheets, key=lambda part: part.hidden)
            return next((part.name for part in parts if _has_values(package, part)), None)

    def write(self, sheet: str, target: Path) -> None:
        with opened_package(self._path) as package:
            book = package.book()
            write_lines(_rows(package, book, part_named(sheet, book)), target)


def part_named(name: str, book: Book) -> Part:
    """The sheet with this name.

    Raises:
        DamagedFileError: there is none.
    """
    for part in book.sheets:
        if part.name == name:
            return part
    raise DamagedFileError(WHAT)


def _rows(package: Package, book: Book, part: Part) -> Iterator[Rows]:
    texts = CellTexts(_strings(package, book), book.shown, since_1904=book.since_1904)
    with package.part(part.path) as source:
        for block in blocks_of(source):
            yield block.numbers, texts.columns(block)


def _strings(package: Package, book: Book) -> list[str]:
    if not package.has(book.strings):
        return []
    with package.part(book.strings) as source:
        return shared_strings(source)


def _has_values(package: Package, part: Part) -> bool:
    with package.part(part.path) as source:
        return any("<v>" in piece or "<is>" in piece for piece in pieces(source, "row"))
