"""Report on the desk: the built-in job that says what became of jobs and their rows, by hand or on a schedule."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import EmailStr, Field, JsonValue

from webapp.authoring import Context, Retry, job
from webapp.services.mail import MailLater
from webapp.services.reports.desk import DeskFactsService
from webapp.services.reports.desk_sections import SECTION_LABELS, SectionName, sections_of
from webapp.services.reports.model import Report
from webapp.services.reports.pdf import lacks
from webapp.services.reports.periods import PER_LABELS, RANGE_LABELS, Per, Range, period_of, problems_of
from webapp.services.reports.post import MOST_RECIPIENTS, PostService, recipients_of, what_is_lacking
from webapp.services.reports.texts import tidy
from webapp.services.reports.writing import FORMAT_LABELS, Format, Wish, hand_back

LATER = Retry(attempts=6, on=(MailLater,), first_seconds=60, longest_seconds=3600)
NEEDED = {"sections": "section", "formats": "format"}
OWN_DATES: dict[str, JsonValue] = {"shown_if": {"period": "dates"}}


def what_does_not_fit(given: Mapping[str, Any]) -> dict[str, str]:
    """What can be said before the job is accepted."""
    problems = problems_of(given["period"], given["first_day"], given["last_day"], given["zone"])
    problems |= {name: f"Tick at least one {one}." for name, one in NEEDED.items() if not given[name]}
    return problems | dict(lacks("formats") if "pdf" in given["formats"] else {})


@job(title="Report on the desk", icon="table", retry=LATER, check=what_does_not_fit, needs=what_is_lacking)
def report(  # noqa: D417, PLR0913 (each is a field of the form, or is handed in by the desk)
    ctx: Context,
    desk: DeskFactsService,
    post: PostService,
    *,
    title: Annotated[str, Field(min_length=1, max_length=120)] = "What the desk did",
    period: Annotated[Range, Field(title="Time", json_schema_extra={"labels": RANGE_LABELS})] = "last_7_days",
    first_day: Annotated[date | None, Field(title="First day", json_schema_extra=OWN_DATES)] = None,
    last_day: Annotated[date | None, Field(title="Last day", json_schema_extra=OWN_DATES)] = None,
    zone: Annotated[str, Field(title="Time zone", max_length=60)] = "UTC",
    sections: Annotated[
        tuple[SectionName, ...], Field(title="Sections", json_schema_extra={"labels": SECTION_LABELS})
    ] = ("summary", "days", "job_types", "causes"),
    per: Annotated[Per, Field(title="Step of the figures over time", json_schema_extra={"labels": PER_LABELS})] = "day",
    charts: Annotated[bool, Field(title="With charts")] = True,
    formats: Annotated[tuple[Format, ...], Field(title="Formats", json_schema_extra={"labels": FORMAT_LABELS})] = (
        "html",
    ),
    mail_to: Annotated[tuple[EmailStr, ...], Field(title="Mail it to", max_length=MOST_RECIPIENTS)] = (),
) -> None:
    """Say what became of the jobs of some days, and of their rows: with charts, to download or to be mailed.

    It is about the jobs that were handed in within that time: your own, or everybody’s for an administrator; those that
    were never started do not count. Repeat it
    on a schedule with a time like “Yesterday” or “Last month”, and each report is about the days before it.

    If the mail server is away, the report waits for it. Nobody gets it twice; where the connection broke at the
    moment of sending, the job asks for your attention.

    Args:
        period: Seen from the day on which the job starts.
        first_day: Empty: from the beginning.
        last_day: Empty: until now.
        zone: Where days begin and end, as in Europe/Berlin.
        charts: In web page, PDF and Excel.
        mail_to: Nobody, or up to twenty addresses. The files are attached.
    """
    now = datetime.now(UTC)
    where = ZoneInfo(zone)
    today = (ctx.job.started_at or now).astimezone(where).date()
    days = period_of(period, today, first_day, last_day)
    with ctx.step("Count the jobs"):
        found = desk.happenings(days, where, per)
    facts = (
        ("Time", days.words()),
        ("Time zone", zone),
        ("Whose jobs", "everybody’s" if found.all_people else f"those of {tidy(ctx.job.owner)}"),
        ("As of", f"{now.astimezone(where):%Y-%m-%d %H:%M}"),
    )
    with ctx.step("Write the report"):
        made = Report(tidy(title), facts, sections_of(found, sections, days, per, today), now)
        files = hand_back(made, Wish(formats, charts, days.in_names()), ctx)
    if mail_to:
        with ctx.step("Mail it"):
            post.send(made, files, recipients_of(mail_to))
