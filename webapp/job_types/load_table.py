"""Load rows into a table: the built-in job that puts a file into a database, tries it out first, and can undo it."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Annotated, Any, Literal, Protocol, cast

from pydantic import Field, JsonValue

from webapp.authoring import ColumnName, Context, DatabaseName, Foreseen, JobError, Sample, Table, Undo, job
from webapp.services.data import PATTERN, DataWriter, table_name
from webapp.services.datatables.load import Contents, Load, Mode, Order
from webapp.services.datatables.undoing import undo
from webapp.services.loading.before import loaded_before
from webapp.services.loading.columns import WORDS, ReadTable, columns_found, in_doubt, readers, typed_rows, types_wanted
from webapp.services.loading.mixed import mixed
from webapp.services.loading.refused import repeated, will_not_fit
from webapp.services.loading.report import HEADER, Differences, sentence
from webapp.services.typed_cells import column_for
from webapp.settings import Settings

ROWS_AT_ONCE = 5_000
MOST_TOLD = 100  # characters of a cell in what the page shows

MODE_LABELS = {
    "insert": "Add the rows",
    "upsert": "Add the rows, and change those that are there already",
    "replace": "Replace all rows of the table by those of the file",
}
IF_ADDING: dict[str, JsonValue] = {"shown_if": {"mode": "insert"}}
PAIRS: dict[str, JsonValue] = {"pairs": ["Column", "Type"], "values": list(WORDS)}
UNTYPED = "Choose the type for each column that you have chosen."
Types = Literal["detect", "text"]
TYPE_LABELS = {"detect": "As found in the file", "text": "Everything as text"}
Refused = Literal["leave", "nothing"]
REFUSED_LABELS = {
    "leave": "Load the good rows, and list the refused ones",
    "nothing": "Load nothing if a row is refused",
}
NOTHING_LOADED = "Nothing was loaded, because {} refused. Mend what is listed and hand the whole file in again."
ONLY_TRIED = "This was a dry run: nothing was changed."


class WholeTable(ReadTable, Protocol):
    """The table as the desk hands it in to a job whose rows go in together."""

    sha256: str
    refused: int
    again: bool

    def batches_together(self, size: int) -> Any:  # noqa: ANN401 (batches, as `batches` gives)
        """The rows, accounted for together."""
        ...

    def reject_row(self, row: int, reason: str) -> None:
        """Count a row as rejected."""
        ...

    def skip_others(self, reason: str) -> None:
        """Count all rows as skipped of which nothing else was said."""
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
    wrong = [word for word in params["column_types"].values() if word not in WORDS]
    if wrong:
        problems["column_types"] = (
            f"“{wrong[0]:.40}” is no type. Write one of: {', '.join(WORDS)}." if wrong[0] else UNTYPED
        )
    return problems


def what_to_know(sample: Sample, given: Mapping[str, Any], settings: Settings) -> list[Foreseen]:
    """Columns that will not be what they look like, and rows that will not go in."""
    chosen = given["column_types"]
    found = columns_found(sample, as_text=given["types"] == "text")
    python = types_wanted(sample, found, chosen)
    columns = [column_for(name, found.get(name), python[name]) for name in sample.columns]
    said = [*mixed(sample, found, columns, chosen), *in_doubt(found, columns)]
    of_columns = [(name, says) for name, _, says in (each.partition(": ") for each in said)]
    of_rows = [*will_not_fit(sample, columns), *repeated(sample, columns, given["key"], given["mode"])]
    before = loaded_before(sample.sha256, given, settings)
    of_file = [("Load it again", before)] if before else []
    return [Foreseen(name, says) for name, says in (*of_file, *of_columns, *of_rows)]


def put_back(undoing: Undo, ctx: Context) -> None:
    """Put back the rows that a load has changed or replaced, and take away those that it has added."""
    writer = cast("DataWriter", ctx.data)

    def act(connection: Any) -> Mapping[int, str]:  # noqa: ANN401 (the writer's)
        undone = undo(connection, undoing.job.id, ctx.job.id)
        undoing.rows(undone.rows)
        for left in undone.left:
            undoing.leave(left.number, left.reason)
        return {}

    writer.last_act = act


@job(title="Load rows into a table", icon="database", check=what_does_not_fit, undo=put_back, foresee=what_to_know)
def load_table(  # noqa: D417, PLR0913 (rows and ctx are no fields of the form, and each of the others is one)
    rows: Table,
    ctx: Context,
    *,
    database: Annotated[DatabaseName, Field(title="Database")] = "",  # noqa: ARG001 (ctx.data is that one)
    table: Annotated[str, Field(title="Table", pattern=PATTERN, examples=["customers"])],
    mode: Annotated[Mode, Field(title="What to do", json_schema_extra={"labels": MODE_LABELS})] = "insert",
    key: Annotated[tuple[ColumnName, ...], Field(title="Rows are told apart by")] = (),
    types: Annotated[Types, Field(title="Types of the columns", json_schema_extra={"labels": TYPE_LABELS})] = "detect",
    column_types: Annotated[
        dict[str, str], Field(title="Columns of another type", default_factory=dict, json_schema_extra=PAIRS)
    ],
    refused: Annotated[
        Refused, Field(title="If rows are refused", json_schema_extra={"labels": REFUSED_LABELS})
    ] = "leave",
    dry_run: Annotated[bool, Field(title="Dry run")] = False,
    load_again: Annotated[bool, Field(title="Load it again", json_schema_extra=IF_ADDING)] = False,
) -> None:
    """Put the rows of a file into a table of a database.

    The table is made if it is not there, and gets the columns it lacks. A cell that does not fit its column, such as
    a word among numbers, rejects its row with the reason; all other rows go in. A blank cell stays empty. What a load
    did can be undone for 30 days, by a button on its page.

    Args:
        database: Where the table is. Your administrator has named them.
        table: Small letters, digits and _, beginning with a letter.
        mode: Whether rows that are in the table already may be changed, or all of them go. Whoever reads the table
            while it is replaced sees all of the old rows or all of the new ones.
        key: The columns that tell one row from another, such as id. Rows that the table has already are refused when
            adding, and changed when changing is allowed.
        types: Numbers, dates and yes/no are found in the ways of writing of many countries: 1.234,50 € goes in as
            1234.50, 12,5 % as 0.125, 28/01/2026 as 2026-01-28. Codes such as 007 stay text, and so do columns in
            which a day could as well be a month; the log names them. A column that the table has keeps its type.
        column_types: Where a column should hold something else than what was found, such as a code kept as text:
            choose the column, and what it holds. A column that the table has keeps its type.
        refused: Whether good rows go in while others are refused.
        dry_run: Find out what would happen, row by row, and change nothing.
        load_again: Add the rows although this very file was added to this table before. They will be there twice.
    """
    whole = cast("WholeTable", rows)
    together = (dry_run or mode == "replace" or refused == "nothing") and not whole.again
    if whole.again and (dry_run or refused == "nothing"):
        raise JobError("All rows of this job go in together: mend the file and hand the whole of it in again.")
    found = columns_found(whole, as_text=types == "text")
    order = Order(
        job_id=ctx.job.id,
        number=ctx.job.number,
        table=table,
        columns=types_wanted(rows, found, column_types),
        key=key,
        mode="insert" if whole.again and mode == "replace" else mode,
        sha256=whole.sha256,
        again=load_again or dry_run,
    )
    load = Load(cast("DataWriter", ctx.data), order, together=together)
    columns = readers(rows, ctx, found, load.kinds)
    for said in mixed(whole, found, columns, column_types):
        ctx.log(said, "warning")
    for batch in whole.batches_together(ROWS_AT_ONCE) if together else rows.batches(ROWS_AT_ONCE):
        numbers, values = typed_rows(batch, columns)
        load.add(numbers, values)
        if together:
            ctx.progress(batch.rows[-1] if batch.rows else 0, message="rows read")
    if dry_run:
        try_out(load, whole, ctx, order)
    elif refused == "nothing" and whole.refused:
        whole.skip_others(nothing_loaded(whole.refused))
    else:
        load.end(lambda contents: show(ctx, contents), lambda more: refused == "nothing" and give_up(whole, more))


def give_up(rows: WholeTable, refused: Mapping[int, str]) -> bool:
    """Whether nothing goes in because of rows that the table refuses; the other rows are told so."""
    if refused:
        rows.skip_others(nothing_loaded(len(refused)))
    return bool(refused)


def nothing_loaded(count: int) -> str:
    """Why a good row was not loaded."""
    return NOTHING_LOADED.format("1 row was" if count == 1 else f"{count:,} rows were")


def try_out(load: Load, rows: WholeTable, ctx: Context, order: Order) -> None:
    """Say what would happen."""
    with ctx.open_result(f"{PurePath(rows.name).stem}-dry-run.csv") as file:
        differences = Differences(file, order.key)
        counts, refused = load.try_out(differences.note)
        differences.end()
    for row, reason in refused.items():
        rows.reject_row(row, reason)
    said = sentence(order.table, counts, rows.refused)
    ctx.log(said)
    rows.skip_others(ONLY_TRIED)
    ctx.show(said, HEADER, differences.first)


def show(ctx: Context, contents: Contents) -> None:
    """Show what the table holds now; read later, when it may hold something else."""
    rows = [["" if value is None else str(value)[:MOST_TOLD] for value in row] for row in contents.rows]
    count = "1 row" if contents.count == 1 else f"{contents.count:,} rows"
    ctx.show(f"Table {contents.table} had {count} after this load", contents.columns, rows)
