"""Report on a table: the built-in job that adds up the rows of a file by its columns and over time."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, cast
from zoneinfo import ZoneInfo

from pydantic import EmailStr, Field, JsonValue

from webapp.authoring import ColumnName, Context, Retry, Table, job
from webapp.services.cleaning.choices import DATE_ORDERS
from webapp.services.cleaning.values import READ_DAYS, DateOrder
from webapp.services.mail import MailLater
from webapp.services.outputs.formats import stem_of
from webapp.services.read_table import ReadTable
from webapp.services.reports.model import Report, require_rows
from webapp.services.reports.pdf import lacks
from webapp.services.reports.periods import PER_LABELS, RANGE_LABELS, Per, Range, period_of, problems_of
from webapp.services.reports.post import MOST_RECIPIENTS, PostService, recipients_of, what_is_lacking
from webapp.services.reports.sums import FIGURE_LABELS, Figure
from webapp.services.reports.table_sections import SECTION_LABELS, SectionName
from webapp.services.reports.texts import tidy
from webapp.services.reports.writing import FORMAT_LABELS, Format, Wish, hand_back

ROWS_AT_ONCE = 5_000
MOST_FIGURES = 12
MOST_BREAKDOWNS = 8
LATER = Retry(attempts=6, on=(MailLater,), first_seconds=60, longest_seconds=3600)
OWN_DATES: dict[str, JsonValue] = {"shown_if": {"period": "dates"}}
MOVING: dict[str, JsonValue] = {"shown_if": {"period": [each for each in RANGE_LABELS if each not in {"all", "dates"}]}}


def what_does_not_fit(given: Mapping[str, Any]) -> dict[str, str]:
    """What can be said before the job is accepted."""
    problems = problems_of(given["period"], given["first_day"], given["last_day"], given["zone"])
    figures = len(given["numbers"]) * len(given["figures"])
    if given["numbers"] and not figures:
        problems["figures"] = "Tick what is to be worked out of the numbers."
    if figures > MOST_FIGURES:
        problems["numbers"] = (
            f"That makes {figures} columns of figures, and a report holds {MOST_FIGURES}: choose fewer columns, or "
            "fewer figures of each."
        )
    if len(given["group_by"]) > MOST_BREAKDOWNS:
        problems["group_by"] = f"Choose at most {MOST_BREAKDOWNS} columns."
    if given["period"] != "all" and given["date_column"] is None:
        problems["date_column"] = "Choose the column of dates: the time of the report is told by it."
    if not given["formats"]:
        problems["formats"] = "Tick at least one format."
    sections = given["sections"]
    shown = "summary" in sections or ("groups" in sections and given["group_by"])
    if not shown and not ("time" in sections and given["date_column"]):
        problems["sections"] = "Tick a section that there are columns for, or “All in all”."
    return problems | dict(lacks("formats") if "pdf" in given["formats"] else {})


@job(title="Report on a table", icon="table", restart=True, retry=LATER, check=what_does_not_fit, needs=what_is_lacking)
def report_table(  # noqa: D417, PLR0913 (each is a field of the form, or is handed in by the desk)
    table: Table,
    ctx: Context,
    post: PostService,
    *,
    title: Annotated[str | None, Field(max_length=120)] = None,
    group_by: Annotated[tuple[ColumnName, ...], Field(title="Group by")] = (),
    together: Annotated[bool, Field(title="Group by all of them together")] = False,
    numbers: Annotated[tuple[ColumnName, ...], Field(title="Columns of numbers")] = (),
    figures: Annotated[
        tuple[Figure, ...], Field(title="What to work out of them", json_schema_extra={"labels": FIGURE_LABELS})
    ] = ("sum",),
    most: Annotated[int, Field(title="Groups named at most", ge=1, le=1_000)] = 20,
    date_column: Annotated[ColumnName | None, Field(title="Column of dates")] = None,
    period: Annotated[Range, Field(title="Time", json_schema_extra={"labels": RANGE_LABELS})] = "all",
    first_day: Annotated[date | None, Field(title="First day", json_schema_extra=OWN_DATES)] = None,
    last_day: Annotated[date | None, Field(title="Last day", json_schema_extra=OWN_DATES)] = None,
    zone: Annotated[str, Field(title="Time zone", max_length=60, json_schema_extra=MOVING)] = "UTC",
    date_order: Annotated[DateOrder, Field(title=READ_DAYS, json_schema_extra={"labels": DATE_ORDERS})] = "auto",
    per: Annotated[
        Per, Field(title="Step of the figures over time", json_schema_extra={"labels": PER_LABELS})
    ] = "month",
    sections: Annotated[
        tuple[SectionName, ...], Field(title="Sections", json_schema_extra={"labels": SECTION_LABELS})
    ] = (
        "summary",
        "groups",
        "time",
    ),
    charts: Annotated[bool, Field(title="With charts")] = True,
    formats: Annotated[tuple[Format, ...], Field(title="Formats", json_schema_extra={"labels": FORMAT_LABELS})] = (
        "html",
    ),
    mail_to: Annotated[tuple[EmailStr, ...], Field(title="Mail it to", max_length=MOST_RECIPIENTS)] = (),
) -> None:
    """Add up the rows of a table by its columns and over time, with charts, to download or to be mailed.

    Rows with a cell that is no number or no date, in a column that is asked for them, are rejected and left out; so are
    rows outside of the time, which count as skipped. Blank cells count in no sum and no mean.

    Args:
        title: Empty: the name of the file.
        group_by: Without any, only all rows together are added up.
        together: One table for all combinations of their values, instead of a table for each column.
        figures: Rows are counted in any case.
        most: Those with the largest sum, or the most rows; all the others are one group more.
        period: Told by the column of dates, and seen from the day on which the job starts.
        first_day: Empty: from the beginning.
        last_day: Empty: until the end.
        zone: Which day it is when the job starts, as in Europe/Berlin.
        date_order: For dates that could be read either way; as found, rows that stay unclear are rejected.
        charts: In web page, PDF and Excel.
        mail_to: Nobody, or up to twenty addresses. The files are attached.
    """
    from webapp.intake import profile  # noqa: PLC0415 (only its jobs wait for it)
    from webapp.services.reports.table import Question, reader_of  # noqa: PLC0415
    from webapp.services.reports.table_sections import sections_of  # noqa: PLC0415

    now = datetime.now(UTC)
    today = (ctx.job.started_at or now).astimezone(ZoneInfo(zone)).date()
    days = period_of(period, today, first_day, last_day)
    chosen = tuple(dict.fromkeys(group_by))
    breakdowns = (chosen,) if together and chosen else tuple((name,) for name in chosen)
    question = Question(breakdowns, tuple(dict.fromkeys(numbers)), date_column, days, per)
    with ctx.step("Add up the rows"):
        read = cast("ReadTable", table)
        known = {column.name: column for column in profile(read.path, read.reading)}
        reader = reader_of(question, table.columns, known, date_order)
        for batch in table.batches(ROWS_AT_ONCE):
            reader.read(batch)
    require_rows(reader.answer.total.rows, "no row of this table counts. The list of rows below says why.")
    with ctx.step("Write the report"):
        made_of = sections_of(reader.answer, question, sections, figures, most)
        facts = (("Time", days.words()), ("File", tidy(table.name)), ("As of", f"{now:%Y-%m-%d %H:%M} UTC"))
        made = Report(tidy(title or stem_of(table.name)), facts, made_of, now)
        files = hand_back(made, Wish(formats, charts, days.in_names()), ctx)
    if mail_to:
        with ctx.step("Mail it"):
            post.send(made, files, recipients_of(mail_to))
