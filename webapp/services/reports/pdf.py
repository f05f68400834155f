"""A report as PDF, set by Typst. What a report says reaches it as data: `report.typ` is the only markup there is."""

import json
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from webapp.authoring import JobError
from webapp.services.reports.model import Report, Section, Value
from webapp.services.reports.texts import shown

MISSING: Final = (
    "This desk lacks the part for PDF (Typst). Ask your administrator to install batchdesk[pdf] and to start the desk "
    "again, or choose another format."
)
CHART_WIDTH: Final = 720
MOST_ROWS: Final = 20_000
LONG_WORD: Final = re.compile(r"\S{19}(?=\S)")


def lacks(beside: str) -> Mapping[str, str]:
    """What to say beside a field of the form if the library is not installed; nothing if it is."""
    return {} if find_spec("typst") else {beside: MISSING}


def pdf_of(report: Report, *, charts: bool) -> bytes:
    """The pages.

    Raises:
        JobError: they can't be made here.
    """
    if not find_spec("typst"):
        raise JobError(MISSING)
    rows = sum(len(section.rows) for section in report.sections)
    if rows > MOST_ROWS:
        raise JobError(f"A PDF of {rows:,} rows is nothing to read: choose fewer groups, or CSV or Excel instead.")
    import typst  # noqa: PLC0415 (heavy: only who makes a PDF waits for it)

    data = {
        "title": _text(report.title),
        "facts": [[_text(name), _text(text)] for name, text in report.facts],
        "sections": [_section(section, charts=charts) for section in report.sections],
    }
    source = Path(__file__).with_name("report.typ").read_bytes()
    inputs = {"report": json.dumps(data, ensure_ascii=False)}
    made = typst.compile(source, format="pdf", sys_inputs=inputs, timestamp=int(report.made_at.timestamp()))
    if not isinstance(made, bytes):
        raise TypeError("Typst gave pages where a file was asked for")
    return made


def _section(section: Section, *, charts: bool) -> dict[str, Any]:
    chart = section.chart(CHART_WIDTH) if charts else None
    font = ('font-family="inherit, sans-serif"', 'font-family="Libertinus Serif"')
    return {
        "title": _text(section.title),
        "note": _text(section.note),
        "columns": [{"name": _text(column.name), "figures": column.figures} for column in section.columns],
        "rows": [_row(row) for row in section.rows],
        "total": _row(section.total) if section.total else None,
        "chart": chart.replace(*font) if chart else None,
    }


def _row(row: tuple[Value, ...]) -> list[str]:
    return [_text(value) if isinstance(value, str) else shown(value) for value in row]


def _text(text: str) -> str:
    """The text, with places at which a long word may be broken."""
    return LONG_WORD.sub("\\g<0>\u200b", text)
