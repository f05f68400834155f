"""Workbooks: the sheets in one, and a sheet as text."""

import csv
from dataclasses import dataclass
from pathlib import Path

from webapp.intake.errors import DamagedFileError, LockedFileError

LINE_BREAK = "\ufdd0"  # stands for a line break inside a cell: Unicode keeps it for such use, so no text has it


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook, or a file in an archive. `hidden` sheets can be chosen, and are never taken unasked."""

    name: str
    hidden: bool = False


def sheets_of(path: Path) -> list[Sheet]:
    """The sheets of a workbook that hold cells, in its order.

    Raises:
        LockedFileError: it is encrypted.
        DamagedFileError: it cannot be read.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415 (heavy)

    try:
        with CalamineWorkbook.from_path(path) as book:
            return [
                Sheet(sheet.name, hidden=sheet.visible != SheetVisibleEnum.Visible)
                for sheet in book.sheets_metadata
                if sheet.typ == SheetTypeEnum.WorkSheet
            ]
    except PasswordError as error:
        raise LockedFileError("workbook") from error
    except (CalamineError, OSError) as error:
        raise DamagedFileError("workbook") from error


def write_sheet(path: Path, sheet: str, target: Path) -> None:
    """Write a sheet as UTF-8 CSV: a line for each row, a blank one for a blank row, so that lines are the sheet's rows.

    Raises:
        DamagedFileError: it cannot be read.
    """
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415

    try:
        with CalamineWorkbook.from_path(path) as book:
            rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        raise DamagedFileError("workbook") from error
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for row in rows:
            cells = [str(cell).replace("\n", LINE_BREAK) for cell in row]
            if any(cells):
                writer.writerow(cells)
            else:
                file.write("\n")
