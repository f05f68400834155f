"""The sheets in a workbook of any kind, and a sheet as text."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from webapp.intake.errors import DamagedFileError, EmptyFileError, NotATableError
from webapp.intake.workbook import others
from webapp.intake.workbook.cells import CellTexts
from webapp.intake.workbook.lines import Rows, write_lines
from webapp.intake.workbook.parts import Book, Package, Part, opened_package
from webapp.intake.workbook.rows import blocks_of
from webapp.intake.workbook.strings import shared_strings
from webapp.intake.workbook.xml import WHAT, pieces

_ZIP = b"PK"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook, or a file in an archive. `hidden` sheets can be chosen, and are never taken unasked."""

    name: str
    hidden: bool = False


def sheets_of(path: Path) -> list[Sheet]:
    """The sheets of a workbook that have cells, charts aside, in its order.

    Raises:
        LockedFileError: it is encrypted.
        DamagedFileError: it cannot be read.
        NotATableError: it has no such sheet.
    """
    with opened_xlsx(path) as package:
        if package:
            sheets = [Sheet(part.name, part.hidden) for part in package.book().sheets]
        else:
            sheets = [Sheet(name, hidden) for name, hidden in others.sheets_of(path)]
    if not sheets:
        raise NotATableError("a workbook without a sheet of cells")
    return sheets


def likeliest_sheet(path: Path) -> str:
    """The first sheet with something in it, a visible one if there is one.

    Raises:
        EmptyFileError: all are empty.
    """
    with opened_xlsx(path) as package:
        if not package:
            return others.likeliest_sheet(path)
        for part in sorted(package.book().sheets, key=lambda part: part.hidden):
            if _has_values(package, part):
                return part.name
    raise EmptyFileError


def write_sheet(path: Path, sheet: str, target: Path) -> None:
    """Write a sheet as UTF-8 CSV with commas and `"`: a line for each row of the sheet, a blank one for a blank row.

    A line break in a cell is written as `LINE_BREAK`, so that the number of a line is that of its row in the sheet.

    Raises:
        DamagedFileError: it cannot be read, or there is no such sheet.
        TooMuchInsideError: it has too many cells, or too much text.
    """
    with opened_xlsx(path) as package:
        if not package:
            others.write_sheet(path, sheet, target)
            return
        book = package.book()
        part = next((part for part in book.sheets if part.name == sheet), None)
        if part is None:
            raise DamagedFileError(WHAT)
        write_lines(_rows(package, book, part), target)


@contextmanager
def opened_xlsx(path: Path) -> Iterator[Package | None]:
    """The parts of an XLSX workbook; None if it is a workbook of another kind."""
    with path.open("rb") as file:
        zipped = file.read(len(_ZIP)) == _ZIP
    if not zipped:
        yield None
        return
    with opened_package(path) as package:
        yield package if package.main.endswith(".xml") and package.has(package.main) else None


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
