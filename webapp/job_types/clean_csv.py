"""Clean a CSV: the built-in job for files that are almost right."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field

from webapp.authoring import Batch, ColumnName, Context, Table, job
from webapp.services.cleaning import Change, Cleaner, empty_blank_word, lower_email, unify
from webapp.services.cleaning import trim as trimmed
from webapp.services.outputs.formats import FORMAT_LABELS, Format, open_output, stem_of

ROWS_AT_ONCE = 5_000

Rule = Literal["unicode", "emails", "blank_words"]
CHANGES: dict[str, Change] = {
    "unicode": unify,
    "trim": trimmed,
    "emails": lower_email,
    "blank_words": empty_blank_word,
}
"""In the order they are made."""

RULE_LABELS = {
    "unicode": "Characters: plain quotation marks, composed letters, nothing invisible",
    "emails": "E-mail addresses in small letters",
    "blank_words": "n/a, null, - and the like become empty",
}


@job(title="Clean a CSV", icon="broom", restart=True)
def clean_csv(  # noqa: D417, PLR0913 (table and ctx are no fields of the form, and each of the others is one)
    table: Table,
    ctx: Context,
    *,
    trim: Annotated[bool, Field(title="Trim spaces")] = True,
    drop_empty_rows: Annotated[bool, Field(title="Drop empty rows")] = True,
    unique_by: Annotated[tuple[ColumnName, ...], Field(title="Drop repeated rows by")] = (),
    normalise: Annotated[tuple[Rule, ...], Field(title="Normalise", json_schema_extra={"labels": RULE_LABELS})] = (),
    columns: Annotated[tuple[ColumnName, ...], Field(title="Columns to keep")] = (),
    format: Annotated[Format, Field(title="Format", json_schema_extra={"labels": FORMAT_LABELS})] = "csv",  # noqa: A002
    protect: Annotated[bool, Field(title="Make it safe for spreadsheets")] = True,
) -> None:
    """Tidy up a table and hand it back as CSV, Excel or Parquet.

    Rows that cannot be read are left out and listed with their reasons. Rows that are dropped count as skipped.

    Args:
        trim: Take away spaces around each cell and doubled spaces inside; no-break spaces count.
        drop_empty_rows: Leave out rows in which every cell is empty.
        unique_by: A row that has the same values in these columns as an earlier one is left out. Rows in which
            all of them are empty stay.
        normalise: What else to mend in every cell.
        columns: Only these columns, in this order; none chosen means all.
        format: In Excel and Parquet every cell is a text, so that 007 stays 007.
        protect: For CSV that will be opened in a spreadsheet: a cell that would be run as a formula gets a ' in front,
            and the file is marked as UTF-8.
    """
    wanted = {*normalise, "trim"} if trim else {*normalise}
    changes = [change for name, change in CHANGES.items() if name in wanted]
    cleaner = Cleaner(table.columns, changes, drop_empty=drop_empty_rows, unique_by=unique_by)
    kept = tuple(dict.fromkeys(columns)) or table.columns
    with (
        ctx.open_result(f"{stem_of(table.name)}-clean.{format}") as file,
        open_output(format, file, kept, ctx.job.submitted_at, protect=protect) as output,
    ):
        for batch in table.batches(ROWS_AT_ONCE):
            output.write(list(clean_rows(batch, cleaner, table.columns, kept, output.longest_cell)))


def clean_rows(
    batch: Batch, cleaner: Cleaner, columns: Sequence[str], kept: Sequence[str], longest: int | None
) -> Iterator[list[str]]:
    """The rows of a batch that go into the result; of the others, the batch is told why not."""
    positions = [columns.index(name) for name in kept]
    for index, row in enumerate(batch.rows):
        cells = cleaner.clean(batch.cells[index])
        reason = cleaner.why_not(row, cells)
        picked = [cells[position] for position in positions]
        if reason:
            batch.skip(index, reason)
        elif longest and max(map(len, picked)) > longest:
            batch.reject(index, f"a cell is longer than the {longest:,} characters that Excel keeps")
        else:
            yield picked
