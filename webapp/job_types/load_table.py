"""Load rows into a table: the built-in job that puts a file into the data database."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, cast

from pydantic import Field

from webapp.authoring import Batch, ColumnName, Context, DataStore, JobError, Table, job
from webapp.intake import Reading, profile
from webapp.services.data import PATTERN, table_name
from webapp.services.typed_cells import KINDS, PYTHON_TYPES, Misfit, TypedColumn

ROWS_AT_ONCE = 5_000

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
        types: Numbers, dates and yes/no are found by looking through the whole file; codes such as 007 stay text.
    """
    columns = typed_columns(cast("ReadTable", rows), ctx.data, table, key, types)
    for batch in rows.batches(ROWS_AT_ONCE):
        numbers, values = typed_rows(batch, columns)
        if mode == "upsert":
            ctx.data.upsert_many(table, rows.columns, values, numbers, key)
        else:
            ctx.data.insert_many(table, rows.columns, values, numbers, key)


def typed_columns(
    rows: ReadTable, data: DataStore, table: str, key: tuple[str, ...], types: Types
) -> list[TypedColumn]:
    """Make the table, and tell how each column of the file is read for it.

    What a table keeps in a column that it has already decides, whatever the file looks like.
    """
    found = {column.name: column for column in profile(rows.path, rows.reading)} if types == "detect" else {}
    wanted = {name: PYTHON_TYPES[found[name].kind] if name in found else str for name in rows.columns}
    kept = data.create_table(table, wanted, key)
    return [
        TypedColumn(name, found[name].kind, found[name].style)
        if name in found and kept[name] in {wanted[name], object}
        else TypedColumn(name, KINDS[kept[name]])
        for name in rows.columns
    ]


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
