"""How the columns of a file are read for a table: by what the table keeps, the file shows, or the operator says."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Protocol

from webapp.authoring import Batch, Context, Sample, Table
from webapp.intake import Column, Reading, profile
from webapp.intake.doubts import DAYS
from webapp.services.typed_cells import Misfit, TypedColumn, column_for, type_for

MOST_SAID = 20
"""Columns of which the log says how they are read."""
PLAIN_STYLES = frozenset({"", ".", "iso"})

WORDS: dict[str, type] = {
    "text": str,
    "whole numbers": int,
    "numbers": Decimal,
    "yes or no": bool,
    "dates": date,
    "times": datetime,
}
"""What an operator can choose for a column."""


class ReadTable(Table, Protocol):
    """The table as the desk hands it in: with the file it is read from."""

    @property
    def path(self) -> Path:
        """The bytes the records are read from."""
        ...

    @property
    def reading(self) -> Reading:
        """How they are read."""
        ...


def columns_found(rows: ReadTable | Sample, *, as_text: bool) -> dict[str, Column]:
    """What the file shows of its columns; nothing if all of them are text."""
    return {} if as_text else {column.name: column for column in profile(rows.path, rows.reading)}


def types_wanted(rows: Table | Sample, found: Mapping[str, Column], chosen: Mapping[str, str]) -> dict[str, type]:
    """The type of each column, for a table that does not have it yet."""
    of_file = {name: type_for(found[name]) if name in found else str for name in rows.columns}
    return {name: WORDS[chosen[name]] if name in chosen else python for name, python in of_file.items()}


def readers(rows: Table, ctx: Context, found: Mapping[str, Column], kept: Mapping[str, type]) -> list[TypedColumn]:
    """How each column of the file is read for the table; the log says what is not plain.

    What a table keeps in a column that it has already decides, whatever the file looks like.
    """
    columns = [column_for(name, found.get(name), kept[name]) for name in rows.columns]
    known = [(found[column.name], column) for column in columns if column.name in found]
    first_doubts = sorted(known, key=lambda each: not each[0].doubt)
    said = ((how_read(*each), each[0].doubt) for each in first_doubts)
    for sentence, doubt in islice(filter(itemgetter(0), said), MOST_SAID):
        ctx.log(sentence, "warning" if doubt else "info")
    return columns


def in_doubt(found: Mapping[str, Column], columns: Sequence[TypedColumn]) -> list[str]:
    """A sentence for each column that could be read in two ways."""
    return [how_read(found[each.name], each) for each in columns if each.name in found and found[each.name].doubt]


def how_read(found: Column, column: TypedColumn) -> str:
    """What to say of a column that could be read in two ways, or whose cells go in as something else than they show."""
    if found.doubt:
        what, mended = ("dates", "as 2026-01-31") if found.kind in DAYS else ("numbers", "without marks for thousands")
        does = "The column is loaded as text." if column.is_text else "The table has no text there: they are refused."
        return f"{found.name}: {found.doubt}. {does} To have {what}, write them {mended}."
    if found.style not in PLAIN_STYLES:
        for text in found.examples:
            shown = value_shown(column[text])
            if shown and shown != text.strip():
                return f"{found.name}: “{text}” goes in as {shown}."
    return ""


def value_shown(value: object) -> str:
    """A number or a date as the table keeps it; nothing for what is neither."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None or isinstance(value, Misfit | bool) else str(value)


def typed_rows(batch: Batch, columns: Sequence[TypedColumn]) -> tuple[list[int], list[tuple[object, ...]]]:
    """The numbers and values of the rows that fit; the others are rejected."""
    misfits: dict[int, tuple[str, Misfit]] = {}
    cells = zip(*batch.cells, strict=True) if batch.cells else [()] * len(columns)
    values = [column.values_of(each, misfits) for column, each in zip(columns, cells, strict=True)]
    for index, (column, misfit) in misfits.items():
        batch.reject(index, misfit.reason, column)
    together = zip(batch.rows, zip(*values, strict=True), strict=True)
    good = [pair for index, pair in enumerate(together) if index not in misfits]
    return [row for row, _ in good], [each for _, each in good]
