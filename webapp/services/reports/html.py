"""A report as one HTML file that stands alone: charts and styles are in it, no script is, and nothing is fetched."""

from html import escape
from pathlib import Path

from webapp.charts import style
from webapp.services.reports.model import Column, Report, Section, Value
from webapp.services.reports.texts import shown

POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def html_of(report: Report, *, charts: bool) -> bytes:
    """The page."""
    look = Path(__file__).with_name("report.css").read_text("utf-8") + style()
    facts = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in report.facts)
    sections = "\n".join(_section(section, charts=charts) for section in report.sections)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(report.title)}</title>
<style>{look}</style>
</head>
<body>
<header><h1>{escape(report.title)}</h1><dl>{facts}</dl></header>
<main>
{sections}
</main>
</body>
</html>
""".encode()


def _section(section: Section, *, charts: bool) -> str:
    chart = section.chart() if charts else None
    figure = f"<figure>{chart}</figure>" if chart else ""
    head = "".join(f'<th scope="col"{_side(column)}>{escape(column.name)}</th>' for column in section.columns)
    body = "\n".join(_row(section, row) for row in section.rows)
    total = f"<tfoot>{_row(section, section.total)}</tfoot>" if section.total else ""
    note = f'<p class="note">{escape(section.note)}</p>' if section.note else ""
    table = (
        f'<div class="wide" role="region" tabindex="0" aria-label="{escape(section.title)}"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>{total}</table></div>"
    )
    return f"<section><h2>{escape(section.title)}</h2>{figure}{table}{note}</section>"


def _row(section: Section, row: tuple[Value, ...]) -> str:
    cells = (
        f"<td{_side(column)}>{escape(shown(value))}</td>" for column, value in zip(section.columns, row, strict=True)
    )
    return f"<tr>{''.join(cells)}</tr>"


def _side(column: Column) -> str:
    return ' class="figure"' if column.figures else ""
