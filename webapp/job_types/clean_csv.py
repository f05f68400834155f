"""Clean a CSV: the built-in job for files that are almost right."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Annotated, Any, BinaryIO, Literal, cast

from pydantic import Field, JsonValue

from webapp.authoring import Batch, ColumnName, Context, Foreseen, Sample, Table, job
from webapp.intake import delimiter_like, profile
from webapp.services.cleaning import Change, Cleaner, empty_blank_word, lower_email, unify
from webapp.services.cleaning import trim as trimmed
from webapp.services.cleaning.choices import SimilarChoice, SplitChoice, ValueRules
from webapp.services.cleaning.foresight import foresee_cleaning
from webapp.services.cleaning.foresight_rows import repeated_rows, similar_rows, split_tables
from webapp.services.cleaning.join import JoinChoice, open_second
from webapp.services.cleaning.joined import Joined
from webapp.services.cleaning.report import HEADER, TITLE, what_was_done, why_left_out
from webapp.services.cleaning.rules import Rules
from webapp.services.cleaning.similar_rows import SimilarRows
from webapp.services.outputs.base import Output
from webapp.services.outputs.formats import FORMAT_LABELS, Format, open_output, stem_of
from webapp.services.outputs.late import LateCsv
from webapp.services.outputs.parts import open_parts
from webapp.services.read_table import ReadTable

ROWS_AT_ONCE = 5_000

Rule = Literal["unicode", "emails", "blank_words"]
CHANGES: dict[str, Change] = {
    "unicode": unify,
    "trim": trimmed,
    "emails": lower_email,
    "blank_words": empty_blank_word,
}
"""In the order they are made."""

UNSOUGHT: dict[str, JsonValue] = {"folded": "not looked for"}
NONE: dict[str, JsonValue] = {"folded": "none"}
ALL: dict[str, JsonValue] = {"folded": "all"}
UNSPLIT: dict[str, JsonValue] = {"folded": "one file"}
"""What is seldom asked for is folded away, and its first words say what happens without it."""

RULE_LABELS = {
    "unicode": "Signs: curly quotes become plain ones, invisible signs go, é is always the same letter",
    "emails": "E-mail addresses: in small letters from the first to the last",
    "blank_words": "Blanks: cells that say n/a, null or - become empty",
}


CHANGE_TITLES = {"trim": "Trim spaces", **{name: label.partition(":")[0] for name, label in RULE_LABELS.items()}}


def what_does_not_fit(params: Mapping[str, Any]) -> dict[str, str]:
    """What can be said before the job is accepted."""
    rules: ValueRules = params["rules"]
    split: SplitChoice = params["split"]
    join: JoinChoice = params["join"]
    return {**rules.problems(), **join.problems(), **split.problems(params["columns"])}


def what_will_change(sample: Sample, given: Mapping[str, Any], settings: object) -> list[Foreseen]:  # noqa: ARG001 (who asks gives it)
    """What will become of the first rows."""
    rules: ValueRules = given["rules"]
    wanted = {*given["normalise"], *(["trim"] if given["trim"] else [])}
    changes = {CHANGE_TITLES[name]: change for name, change in CHANGES.items() if name in wanted}
    cleaner = Cleaner(sample.columns, (), drop_empty=given["drop_empty_rows"], unique_by=given["unique_by"])
    said, kept = foresee_cleaning(sample, changes, rules_for(sample, rules), rules.titles(), cleaner)
    if not given["unique_by"]:
        said += repeated_rows(kept)
    join: JoinChoice = given["join"]
    if join.file is None or join.unmatched == "keep":  # else nobody knows yet which rows stay
        said += similar_rows(kept, sample.columns, given["similar"])
        said += split_tables(kept, sample.columns, given["split"], whole=sample.whole)
    return said


@job(title="Clean a CSV", icon="broom", restart=True, check=what_does_not_fit, foresee=what_will_change)
def clean_csv(  # noqa: D417, PLR0913 (table and ctx are no fields of the form, and each of the others is one)
    table: Table,
    ctx: Context,
    *,
    trim: Annotated[bool, Field(title="Trim spaces")] = True,
    drop_empty_rows: Annotated[bool, Field(title="Drop empty rows")] = True,
    unique_by: Annotated[tuple[ColumnName, ...], Field(title="Drop repeated rows by")] = (),
    normalise: Annotated[tuple[Rule, ...], Field(title="Also mend", json_schema_extra={"labels": RULE_LABELS})] = (),
    rules: Annotated[ValueRules, Field(title="Rules for columns", default_factory=ValueRules, json_schema_extra=NONE)],
    similar: Annotated[
        SimilarChoice, Field(title="Find similar rows", default_factory=SimilarChoice, json_schema_extra=UNSOUGHT)
    ],
    join: Annotated[JoinChoice, Field(title="Join a second file", default_factory=JoinChoice, json_schema_extra=NONE)],
    columns: Annotated[tuple[ColumnName, ...], Field(title="Columns to keep", json_schema_extra=ALL)] = (),
    split: Annotated[
        SplitChoice, Field(title="Split the table", default_factory=SplitChoice, json_schema_extra=UNSPLIT)
    ],
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
        normalise: In every cell of the table.
        rules: Dates, numbers and the like in one way of writing. Blank cells stay blank.
        similar: Pairs of rows with a few letters' difference are listed in a file of their own. All of them stay.
        join: Its other columns are added to each row. Rows without a match are listed in a file of their own.
        columns: Those that are not chosen are left out; none chosen means all.
        split: The file is a ZIP then, with at most 1,000 tables.
        format: A CSV parts its cells as your file does. In Excel and Parquet every cell is a text, so that 007 stays
            007.
        protect: For CSV that will be opened in a spreadsheet: a cell that would be run as a formula gets a ' in front,
            and the file is marked as UTF-8.
    """
    wanted = {*normalise, "trim"} if trim else {*normalise}
    changes = {CHANGE_TITLES[name]: change for name, change in CHANGES.items() if name in wanted}
    cleaner = Cleaner(table.columns, tuple(changes.values()), drop_empty=drop_empty_rows, unique_by=unique_by)
    like = delimiter_like(cast("ReadTable", table).reading)
    kept, stem = tuple(dict.fromkeys(columns)) or table.columns, stem_of(table.name)
    alike = SimilarRows(table.columns, similar.columns) if similar.columns else None
    with open_second(join, trims=trim) as second, ExitStack() as stack:
        joined = Joined(
            second, join, table.columns, LateCsv(ctx, stack, f"{stem}-without-match.csv", table.columns, like)
        )
        cleaning = Cleaning(cleaner, rules_for(cast("ReadTable", table), rules), alike, joined)
        file = stack.enter_context(ctx.open_result(f"{stem}-clean.{format if split.by == 'nothing' else 'zip'}"))
        names = (*kept, *joined.added)
        output = stack.enter_context(open_table(file, names, split, format, ctx, protect=protect, delimiter=like))
        for batch in table.batches(ROWS_AT_ONCE):
            output.write(list(clean_rows(batch, cleaning, table.columns, kept, output.longest_cell)))
    changed = zip(changes, cleaner.changed, strict=True)
    if done := what_was_done(changed, cleaning.rules, rules.titles(), cleaning.left_out):
        ctx.show(TITLE, HEADER, done)
    for sentence in [*cleaning.rules.said(), *joined.said()]:
        ctx.log(sentence, "warning")
    if alike:
        alike.write(ctx, f"{stem}-similar-rows.csv", similar.threshold, like)


def rules_for(table: ReadTable | Sample, rules: ValueRules) -> Rules:
    """The rules, for dates and numbers as this file writes them."""
    found = {column.name: column for column in profile(table.path, table.reading)} if rules.needs_a_look() else {}
    return Rules(table.columns, rules.normals(found), rules.misfits)


def open_table(  # noqa: PLR0913 (what a table is written by)
    file: BinaryIO,
    columns: Sequence[str],
    split: SplitChoice,
    format_: Format,
    ctx: Context,
    *,
    protect: bool,
    delimiter: str,
) -> AbstractContextManager[Output]:
    """The result: one table, or several in a ZIP."""
    made_at = ctx.job.submitted_at
    if split.by == "nothing":
        return open_output(format_, file, columns, made_at, protect=protect, delimiter=delimiter)
    column = columns.index(split.column) if split.by == "column" and split.column else None
    stem = stem_of(ctx.job.file_name or "table")
    return open_parts(
        file, columns, stem, format_, made_at, protect=protect, column=column, rows=split.rows, delimiter=delimiter
    )


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What is done with each row, in this order."""

    cleaner: Cleaner
    rules: Rules
    alike: SimilarRows | None
    joined: Joined
    left_out: Counter[str] = field(default_factory=Counter)


def clean_rows(
    batch: Batch, cleaning: Cleaning, columns: Sequence[str], kept: Sequence[str], longest: int | None
) -> Iterator[list[str]]:
    """The rows of a batch that go into the result; of the others, the batch is told why not."""
    cleaner, rules, alike = cleaning.cleaner, cleaning.rules, cleaning.alike
    positions = [columns.index(name) for name in kept]
    for index, row in enumerate(batch.rows):
        cells = cleaner.clean(batch.cells[index])
        if rules:
            cells, misfit = rules.apply(row, cells)
            if misfit:
                batch.reject(index, misfit[1], misfit[0])
                continue
        reason = cleaner.why_not(row, cells)
        if reason:
            cleaning.left_out[why_left_out(reason)] += 1
        picked = [cells[position] for position in positions]
        if not reason and cleaning.joined:
            found = cleaning.joined.cells_for(row, cells)
            picked += found or []
            reason = cleaning.joined.reason if found is None else None
        if reason:
            batch.skip(index, reason)
        elif longest and max(map(len, picked)) > longest:
            batch.reject(index, f"a cell is longer than the {longest:,} characters that Excel keeps")
        else:
            if alike:
                alike.add(row, cells)
            yield picked
