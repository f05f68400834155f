"""What is kept of a file's preview, so that a page shows it without reading the file again."""

from typing import Any

from webapp.intake import Preview
from webapp.jobs.around import Around
from webapp.jobs.mapping_memory import Memory

MAX_COLUMNS = 60  # a wider table is shown up to here, and said to be wider
MAX_CELL = 200


def keep_preview(seen: Preview, around: Around, memory: Memory | None = None) -> dict[str, Any]:
    """The preview as JSON values of bounded size."""
    return {
        "encoding": seen.reading.encoding,
        "delimiter": seen.reading.delimiter,
        "quote": seen.reading.quote,
        "header_line": seen.reading.header_line,
        "header_rows": seen.reading.header_rows,
        "data_line": seen.reading.data_line,
        "last_line": around.last_line,
        "footer_lines": seen.reading.footer_lines,
        "sheet": seen.reading.sheet,
        "first": around.first,
        "below": around.below,
        "bytes": seen.size_bytes,
        "rows_total": seen.rows_total,
        "rows_estimate": seen.rows_estimate,
        "width": len(seen.columns),
        "columns": [
            {
                "name": column.name,
                "kind": column.kind.value,
                "examples": [text[:MAX_CELL] for text in column.examples[:3]],
            }
            for column in seen.columns[:MAX_COLUMNS]
        ],
        "rows": [
            {"row": row.row, "line": row.line, "cells": [cell[:MAX_CELL] for cell in row.cells[:MAX_COLUMNS]]}
            for row in seen.rows
        ],
        "known": {"drift": memory.drift.sentence, "by": memory.by, "at": memory.at.isoformat()} if memory else None,
        "broken": [{"row": record.row, "line": record.line, "reason": record.reason} for record in seen.broken],
    }
