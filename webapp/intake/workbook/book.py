"""The sheets in a workbook of any kind, and a sheet as text."""

from pathlib import Path

from webapp.intake.archives import opened_zip
from webapp.intake.errors import EmptyFileError, NotATableError
from webapp.intake.workbook.ods import OdsWorkbook
from webapp.intake.workbook.others import OtherWorkbook
from webapp.intake.workbook.parts import Package
from webapp.intake.workbook.sheet import Sheet, Workbook
from webapp.intake.workbook.xlsx import XlsxWorkbook
from webapp.intake.workbook.xml import WHAT

_ZIP = b"PK"


def sheets_of(path: Path) -> list[Sheet]:
    """The sheets of a workbook that have cells, charts aside, in its order.

    Raises:
        LockedFileError: it is encrypted.
        DamagedFileError: it cannot be read.
        NotATableError: it has no such sheet.
    """
    sheets = open_workbook(path).sheets()
    if not sheets:
        raise NotATableError("a workbook without a sheet of cells")
    return sheets


def likeliest_sheet(path: Path) -> str:
    """The first sheet with something in it, a visible one if there is one.

    Raises:
        EmptyFileError: all are empty.
    """
    name = open_workbook(path).likeliest()
    if name is None:
        raise EmptyFileError
    return name


def write_sheet(path: Path, sheet: str, target: Path) -> None:
    """Write a sheet as UTF-8 CSV with commas and `"`: a line for each row of the sheet, a blank one for a blank row.

    A line break in a cell is written as `LINE_BREAK`, so that the number of a line is that of its row in the sheet.

    Raises:
        DamagedFileError: it cannot be read, or there is no such sheet.
        TooMuchInsideError: it has too many cells, or too much text.
    """
    open_workbook(path).write(sheet, target)


def open_workbook(path: Path) -> Workbook:
    """The workbook at `path`, of whichever kind it is."""
    with path.open("rb") as file:
        zipped = file.read(len(_ZIP)) == _ZIP
    if not zipped:
        return OtherWorkbook(path)
    with opened_zip(path, WHAT) as archive:
        package = Package(archive, path.stat().st_size)
        if package.main.endswith(".xml") and package.has(package.main):
            return XlsxWorkbook(path)
        return OdsWorkbook(path) if package.has("content.xml") else OtherWorkbook(path)
