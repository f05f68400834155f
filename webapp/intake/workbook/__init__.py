"""Workbooks (XLSX, XLSM, XLSB, XLS, ODS): the sheets in one, and a sheet as text.

XLSX and ODS are read here, because no library tells what a cell shows (leading zeros, error values, formulas that were
never worked out) at this speed and in bounded memory. XLS and XLSB are read by python-calamine, in a process apart.
"""

from webapp.intake.workbook.book import likeliest_sheet, sheets_of, write_sheet
from webapp.intake.workbook.sheet import ABOUT, Sheet
from webapp.intake.workbook.text import LINE_BREAK

__all__ = ["ABOUT", "LINE_BREAK", "Sheet", "likeliest_sheet", "sheets_of", "write_sheet"]
