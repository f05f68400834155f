"""What is kept of a file's preview, so that a page shows it without reading the file again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from webapp.intake import BrokenRecord, Column, Preview, Reading, parse_cell
from webapp.intake.damage_finder import find_damage
from webapp.intake.doubts import DAYS
from webapp.intake.listing import LISTS
from webapp.jobs.around import Around
from webapp.jobs.mapping_memory import Memory

MAX_COLUMNS = 60  # a wider table is shown up to here, and said to be wider
MAX_CELL = 200
MAX_BROKEN = 20
MAX_SHEETS = 200
MAX_DAMAGE = 30
OTHER_COLUMNS = 8
OTHER_ROWS = 5


@dataclass(frozen=True, slots=True)
class Beside:
    """What is shown of a file beside its table.

    `other` is the file read in another way that is nearly as likely, `sheets` what there is to choose from.
    """

    around: Around
    sheets: Sequence[str] = ()
    other: Preview | None = None
    memory: Memory | None = None


def keep_preview(seen: Preview, beside: Beside) -> dict[str, Any]:
    """The preview as JSON values of bounded size."""
    memory = beside.memory
    return {
        "rows_total": seen.rows_total,
        "rows_estimate": seen.rows_estimate,
        "width": len(seen.columns),
        "columns": [_column(column) for column in seen.columns[:MAX_COLUMNS]],
        "rows": [
            {"row": row.row, "line": row.line, "cells": [cell[:MAX_CELL] for cell in row.cells[:MAX_COLUMNS]]}
            for row in seen.rows
        ],
        "broken": [_broken(record) for record in seen.broken[:MAX_BROKEN]],
        "damage": [] if seen.reading.container in LISTS else _damage(seen),
        "last_line": beside.around.last_line,
        "total_line": seen.total_line,
        "first": beside.around.first,
        "below": beside.around.below,
        "sheets": list(beside.sheets[:MAX_SHEETS]),
        "other": _other(beside.other) if beside.other else None,
        "known": {"drift": memory.drift.sentence, "by": memory.by, "at": memory.at.isoformat()} if memory else None,
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "kind": column.kind.value,
        "examples": [text[:MAX_CELL] for text in column.examples[:3]],
        "days": _days(column),
    }


def _days(column: Column) -> dict[str, str] | None:
    """For a column whose days and months can't be told apart: a cell of it, and what that is in either way."""
    if column.other is None or column.kind not in DAYS or column.style[:3] not in {"dmy", "mdy"}:
        return None
    for text in column.examples:
        either = [_day(parse_cell(text, column.kind, style)) for style in (column.style, column.other.style)]
        if either[0] != either[1]:
            return {"example": text[:MAX_CELL], column.style: either[0], column.other.style: either[1]}
    return None


def _day(value: object) -> str:
    return f"{value.day} {value:%B %Y}" if isinstance(value, date | datetime) else str(value)


def _broken(record: BrokenRecord) -> dict[str, Any]:
    return {
        "row": record.row,
        "line": record.line,
        "reason": record.reason,
        "raw": record.raw[:MAX_CELL],
        "repair": [cell[:MAX_CELL] for cell in record.repair[:MAX_COLUMNS]] if record.repair else None,
        "note": record.repair_note,
        "safe": record.repair_safe,
    }


def _damage(seen: Preview) -> list[dict[str, Any]]:
    names = [column.name for column in seen.columns]
    found = find_damage(names, ((row.line, row.cells) for row in seen.rows), seen.columns)
    return [damage.to_json() for damage in found[:MAX_DAMAGE]]


def _other(seen: Preview) -> Mapping[str, Any]:
    return {
        "choices": choices_for(seen.reading),
        "width": len(seen.columns),
        "columns": [column.name for column in seen.columns[:OTHER_COLUMNS]],
        "rows": [[cell[:MAX_CELL] for cell in row.cells[:OTHER_COLUMNS]] for row in seen.rows[:OTHER_ROWS]],
    }


def choices_for(reading: Reading) -> dict[str, Any]:
    """What settles that a file is read with the dialect of this reading."""
    return {"delimiter": reading.delimiter, "quote": reading.quote, "escape": reading.escape}
