"""A section as CSV: plain figures for programs, texts that no spreadsheet runs."""

from codecs import BOM_UTF8

from webapp.intake import csv_line, defuse
from webapp.services.reports.model import Section, Value
from webapp.services.reports.texts import plain


def csv_of(section: Section) -> bytes:
    """The table, marked as UTF-8, with the row that sums up at its end."""
    lines = [csv_line([defuse(column.name) for column in section.columns])]
    lines += [csv_line([_cell(value) for value in row]) for row in section.all_rows()]
    return BOM_UTF8 + "".join(lines).encode()


def _cell(value: Value) -> str:
    return defuse(value) if isinstance(value, str) else plain(value)
