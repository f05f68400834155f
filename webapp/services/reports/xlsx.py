"""A report as a workbook: a sheet for each section. Figures are numbers, texts are texts, and nothing is a formula."""

import io
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from webapp.services.reports.model import Report, Section, Value
from webapp.services.reports.texts import plain

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

EXACT_DIGITS: Final = 15
"""More significant digits a spreadsheet's number does not keep; such a figure is written as text."""
LONGEST_NAME: Final = 31
KINDS: Final = {
    "lengths": {"type": "bar"},
    "columns": {"type": "column", "subtype": "stacked"},
    "lines": {"type": "line"},
}
COLOURS: Final = {"done": "#2f8f5b", "rejected": "#d9912b", "failed": "#c8372b", "unknown": "#8a63c9"}


def xlsx_of(report: Report, *, charts: bool) -> bytes:
    """The workbook; the same report makes the same bytes."""
    from xlsxwriter import Workbook  # noqa: PLC0415 (heavy: only who writes a workbook waits for it)

    made = io.BytesIO()
    book = Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": report.title, "created": report.made_at.replace(tzinfo=None)})
    taken = {"about"}
    _write_about(book.add_worksheet("About"), report, book)
    for section in report.sections:
        sheet = book.add_worksheet(_sheet_name(section.title, taken))
        _write_section(book, sheet, section)
        if charts and section.drawing and section.chart() is not None:
            _draw(book, sheet, section)
    book.close()
    return made.getvalue()


def _write_about(sheet: "Worksheet", report: Report, book: "Workbook") -> None:
    sheet.write_string(0, 0, report.title, book.add_format({"bold": True, "font_size": 14}))
    for row, (name, text) in enumerate(report.facts, 2):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, text)
    sheet.set_column(0, 1, 28)


def _write_section(book: "Workbook", sheet: "Worksheet", section: Section) -> None:
    bold, rule = {"bold": True}, {"bold": True, "top": 1}
    head = book.add_format({**bold, "bottom": 1, "text_wrap": True})
    for place, column in enumerate(section.columns):
        sheet.write_string(0, place, column.name, head)
        sheet.set_column(place, place, 14 if column.figures else 32)
    formats: dict[tuple[int, bool], Any] = {}
    for row, values in enumerate(section.all_rows(), 1):
        is_total = row > len(section.rows)
        for place, value in enumerate(values):
            key = (_places(value), is_total)
            if key not in formats:
                number = {"num_format": "#,##0" + ("." + "0" * key[0] if key[0] > 0 else "")} if key[0] >= 0 else {}
                formats[key] = book.add_format({**number, **(rule if is_total else {})})
            _write(sheet, row, place, value, formats[key])
    if section.note:
        sheet.write_string(len(section.all_rows()) + 2, 0, section.note)
    sheet.freeze_panes(1, 0)


def _write(sheet: "Worksheet", row: int, place: int, value: Value, format_: Any) -> None:  # noqa: ANN401 (it has no types)
    if value is None:
        sheet.write_blank(row, place, None, format_)
    elif isinstance(value, str) or len(_digits(value)) > EXACT_DIGITS:
        sheet.write_string(row, place, plain(value), format_)
    else:
        sheet.write_number(row, place, value, format_)


def _digits(value: int | Decimal) -> str:
    return re.sub(r"\D", "", plain(value)).strip("0")


def _places(value: Value) -> int:
    """Digits behind the point; -1 for what is no number."""
    if not isinstance(value, int | Decimal):
        return -1
    return len(plain(value).partition(".")[2])


def _draw(book: "Workbook", sheet: "Worksheet", section: Section) -> None:
    drawing = section.drawing
    if drawing is None:
        return
    chart, last = book.add_chart(KINDS[drawing.shape]), len(section.rows)
    for place, tone in drawing.parts:
        colour = {"color": COLOURS[tone]} if tone in COLOURS else None
        series = {
            "name": [sheet.get_name(), 0, place],
            "categories": [sheet.get_name(), 1, 0, last, 0],
            "values": [sheet.get_name(), 1, place, last, place],
        }
        chart.add_series(series | ({"fill": colour, "line": colour} if colour else {}))
    chart.set_title({"name": drawing.title, "overlay": False})
    chart.set_legend({"none": True} if len(drawing.parts) == 1 else {"position": "bottom"})
    if drawing.shape == "lengths":
        chart.set_y_axis({"reverse": True})
    sheet.insert_chart(1, len(section.columns) + 1, chart, {"x_scale": 1.4, "y_scale": 1.2})


def _sheet_name(title: str, taken: set[str]) -> str:
    """A name that Excel takes and no other sheet has."""
    plain_title = re.sub(r"[\[\]:*?/\\]", " ", title).strip("' ")[:LONGEST_NAME].strip("' ") or "Section"
    name, number = plain_title, 1
    while name.casefold() in taken or name.casefold() == "history":
        number += 1
        name = f"{plain_title[: LONGEST_NAME - 4]} {number}"
    taken.add(name.casefold())
    return name
