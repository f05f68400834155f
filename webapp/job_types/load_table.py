"""Load rows into a table: the built-in job that puts a file into the data database."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, cast

from pydantic import Field

from webapp.authoring import Batch, ColumnName, Context, JobError, Table, job
from webapp.intake import Column, Reading, profile
from webapp.intake.doubts import DAYS
from webapp.services.data import PATTERN, table_name
from webapp.services.typed_cells import Misfit, TypedColumn, column_for, type_for

ROWS_AT_ONCE = 5_000
MOST_SAID = 20
"""Columns of which the log says how they are read."""
PLAIN_STYLES = frozenset({"", ".", "iso"})

Mode = Literal["insert", "upsert"]
MODE_LABELS = {"insert": "Add the rows", "upsert": "Add the rows, and change those that are there already"}
Types = Literal["detect", "text"]
TYPE_LABELS = {"detect": "As found in the file", "text": "Everything as text"}


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


def what_does_not_fit(params: Mapping[str, Any]) -> dict[str, str]:
    """What can be said before the job is accepted."""
    problems = {}
    try:
        table_name(params["table"])
    except JobError as error:
        problems["table"] = str(error)
    if params["mode"] == "upsert" and not params["key"]:
        problems["key"] = "Choose the columns by which rows are told apart: without them no row can be changed."
    return problems


@job(title="Load rows into a table", icon="database", check=what_does_not_fit)
def load_table(  # noqa: D417, PLR0913 (rows and ctx are no fields of the form, and each of the others is one)
    rows: Table,
    ctx: Context,
    *,
    table: Annotated[str, Field(title="Table", pattern=PATTERN, examples=["customers"])],
    mode: Annotated[Mode, Field(title="What to do", json_schema_extra={"labels": MODE_LABELS})] = "insert",
    key: Annotated[tuple[ColumnName, ...], Field(title="Rows are told apart by")] = (),
    types: Annotated[Types, Field(title="Types of the columns", json_schema_extra={"labels": TYPE_LABELS})] = "detect",
) -> None:
    """Put the rows of a file into a table of the data database.

    The table is made if it is not there, and gets the columns it lacks. A cell that does not fit its column, such as
    a word among numbers, rejects its row with the reason; all other rows go in. A blank cell stays empty.

    Args:
        table: Small letters, digits and _, beginning with a letter.
        mode: Whether rows that are in the table already may be changed.
        key: The columns that tell one row from another, such as id. Rows that the table has already are refused when
            adding, and changed when changing is allowed.
        types: Numbers, dates and yes/no are found in the ways of writing of many countries: 1.234,50 € goes in as
            1234.50, 12,5 % as 0.125, 28/01/2026 as 2026-01-28. Codes such as 007 stay text, and so do columns in
            which a day could as well be a month; the log names them.
    """
    columns = typed_columns(cast("ReadTable", rows), ctx, table, key, types)
    for batch in rows.batches(ROWS_AT_ONCE):
        numbers, values = typed_rows(batch, columns)
        if mode == "upsert":
            ctx.data.upsert_many(table, rows.columns, values, numbers, key)
        else:
            ctx.data.insert_many(table, rows.columns, values, numbers, key)


def typed_columns(rows: ReadTable, ctx: Context, table: str, key: tuple[str, ...], types: Types) -> list[TypedColumn]:
    """Make the table, and tell how each column of the file is read for it; the log says what is not plain.

    What a table keeps in a column that it has already decides, whatever the file looks like.
    """
    found = {column.name: column for column in profile(rows.path, rows.reading)} if types == "detect" else {}
    wanted = {name: type_for(found[name]) if name in found else str for name in rows.columns}
    kept = ctx.data.create_table(table, wanted, key)
    columns = [column_for(name, found.get(name), kept[name]) for name in rows.columns]
    known = [(found[column.name], column) for column in columns if column.name in found]
    first_doubts = sorted(known, key=lambda each: not each[0].doubt)
    said = ((how_read(*each), each[0].doubt) for each in first_doubts)
    for sentence, doubt in islice(filter(itemgetter(0), said), MOST_SAID):
        ctx.log(sentence, "warning" if doubt else "info")
    return columns


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
