"""What was found out about a file, as JSON for programs."""

import json
from pathlib import Path
from typing import Any

from webapp.intake.columns import Column
from webapp.intake.output import ReadReport, new_file


def write_report(path: Path, report: ReadReport) -> None:
    """Write `report_of` to a file that appears whole or not at all."""
    with new_file(path) as file:
        json.dump(report_of(report), file, ensure_ascii=False, indent=2)
        file.write("\n")


def report_of(report: ReadReport) -> dict[str, Any]:
    """How the file was read and what came of it, as docs/commands.md lists it; ready for JSON.

    `preamble_lines` and `footer_lines` are physical lines above the header (or the first row) and below the table,
    `header_lines` the records that make the header. Every record is accepted or rejected;
    of those accepted some are repaired, and `repairs` says how the first of them were.
    """
    reading = report.reading
    return {
        "encoding": reading.encoding,
        "delimiter": reading.delimiter,
        "quote": reading.quote,
        "escape": reading.escape,
        "comment": reading.comment,
        "container": reading.container,
        "sheet": reading.sheet,
        "preamble_lines": (reading.header_line or reading.data_line) - 1,
        "header_lines": reading.header_rows if reading.header_line else 0,
        "footer_lines": reading.footer_lines,
        "columns": [_column(column) for column in report.columns],
        "counts": {
            "rows": report.rows + report.broken,
            "accepted": report.rows,
            "rejected": report.broken,
            "repaired": report.repaired,
        },
        "repairs": [{"line": it.line, "row": it.row, "note": it.repair_note} for it in report.repairs],
        "confidence": round(report.confidence, 4),
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.kind.value,
        "style": column.style,
        "confidence": round(column.confidence, 4),
    }
