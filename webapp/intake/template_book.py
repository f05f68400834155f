"""The table to fill in as a workbook: codes stay text, dates are dates, what is allowed drops down."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel

from webapp.intake.template import TemplateColumn, template_columns
from webapp.intake.values import ColumnType
from webapp.intake.workbook import ABOUT

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

ROWS: Final = "Rows"

_ABOUT_HEADER: Final = ("Column", "Needed", "What it holds", "About it", "Example")
_LISTS_FROM: Final = len(_ABOUT_HEADER) + 1  # after an empty column
_LAST_ROW: Final = 1_048_575
_WIDEST: Final = 60
_FORMATS: Final = {
    ColumnType.INTEGER: "0",
    ColumnType.DECIMAL: "General",
    ColumnType.DATE: "yyyy-mm-dd",
    ColumnType.DATETIME: "yyyy-mm-dd hh:mm",
}
_TEXT: Final = "@"


def template_xlsx(model: type[BaseModel]) -> bytes:
    """The header on the first sheet; on the second what each column holds, with an example, and all allowed values.

    The first sheet has no row: what stands there is handed in.
    """
    from xlsxwriter import Workbook  # noqa: PLC0415 (heavy: only who wants a workbook waits for it)

    made, columns = BytesIO(), template_columns(model)
    with Workbook(made, {"in_memory": True}) as book:
        rows, about = book.add_worksheet(ROWS), book.add_worksheet(ABOUT)
        header, text = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for place, column in enumerate(columns):
            rows.write_string(0, place, column.name, header)
            _prepare_cells(rows, place, column, book.add_format({"num_format": _format_of(column)}))
        rows.freeze_panes(1, 0)
        _describe(about, columns, header, text)
        _offer_allowed(rows, about, columns, header)
    return made.getvalue()


def _prepare_cells(rows: "Worksheet", place: int, column: TemplateColumn, cell: "Format") -> None:
    """All cells of the column, empty as they are."""
    rows.set_column(place, place, min(max(len(column.name), len(column.example), 10) + 2, _WIDEST), cell)


def _format_of(column: TemplateColumn) -> str:
    is_text = column.kind is ColumnType.DATETIME and _has_zone(column.example)
    return _TEXT if is_text else _FORMATS.get(column.kind, _TEXT)


def _has_zone(moment: str) -> bool:
    """Whether it says its time zone, which a sheet's own dates cannot."""
    return bool(moment) and datetime.fromisoformat(moment).tzinfo is not None


def _describe(about: "Worksheet", columns: Sequence[TemplateColumn], header: "Format", text: "Format") -> None:
    for place, (name, width) in enumerate(zip(_ABOUT_HEADER, (28, 8, 28, _WIDEST, 28), strict=True)):
        about.set_column(place, place, width, text)
        about.write_string(0, place, name, header)
    for row, column in enumerate(columns, 1):
        needed = "yes" if column.required else "no"
        for place, cell in enumerate((column.name, needed, column.holds, column.about, column.example)):
            about.write_string(row, place, cell)
    about.freeze_panes(1, 0)


def _offer_allowed(rows: "Worksheet", about: "Worksheet", columns: Sequence[TemplateColumn], header: "Format") -> None:
    """Allowed values drop down from a list beside the description: a list within a rule may not be long."""
    from xlsxwriter.utility import xl_range_abs  # noqa: PLC0415 (as above)

    listed = [(place, column) for place, column in enumerate(columns) if column.allowed]
    for at, (place, column) in enumerate(listed, _LISTS_FROM):
        about.set_column(at, at, 20)
        about.write_string(0, at, column.name, header)
        for row, value in enumerate(column.allowed, 1):
            about.write_string(row, at, value)
        source = f"='{ABOUT}'!{xl_range_abs(1, at, len(column.allowed), at)}"
        rows.data_validation(1, place, _LAST_ROW, place, {"validate": "list", "source": source})
