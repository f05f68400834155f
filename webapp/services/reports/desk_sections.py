"""The sections of a report on the desk's own activity."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Final, Literal

from webapp.services.reports.desk import MOST_CAUSES, OUTCOMES, Happenings, Tally
from webapp.services.reports.model import Column, Drawing, Section, Value, most_and_others
from webapp.services.reports.periods import Per, Period, part_of, part_words, parts
from webapp.services.reports.texts import tidy
from webapp.store.tables import State

SectionName = Literal["summary", "days", "job_types", "people", "causes", "failed_jobs", "times"]
SECTION_LABELS: Final[dict[str, str]] = {
    "summary": "All in all",
    "days": "Day by day, or by week or month",
    "job_types": "By job",
    "people": "By person",
    "causes": "Why rows went wrong",
    "failed_jobs": "Jobs that failed",
    "times": "How long jobs took",
}
NOTHING: Final = "No job was handed in within this time."
MOST: Final = 20
_SUMMARY: Final = (Column("What", figures=False), Column("How many"))
COUNTED: Final = ("Jobs", "Failed jobs", "Rows", *(outcome.value.capitalize() for outcome in OUTCOMES), "Waiting")
PARTS: Final = tuple((4 + place, outcome.value) for place, outcome in enumerate(OUTCOMES))
"""Where the outcomes stand behind a name, a number of jobs, of those that failed, and of rows."""


def sections_of(
    found: Happenings, wanted: tuple[SectionName, ...], period: Period, per: Per, today: date
) -> tuple[Section, ...]:
    """The chosen ones, in the order of the form; if nothing happened, a sentence that says so."""
    if not found.total.jobs:
        return (Section("summary", "All in all", _SUMMARY, (("Jobs", 0),), note=NOTHING),)
    make: Mapping[str, Callable[[], Section]] = {
        "summary": lambda: summary(found),
        "days": lambda: over_time(found, period, per, today),
        "job_types": lambda: by_name(found.job_types, "job_types", "Jobs by kind", "Job"),
        "people": lambda: by_name(found.people, "people", "Jobs by person", "Person"),
        "causes": lambda: causes(found),
        "failed_jobs": lambda: failed_jobs(found),
        "times": lambda: times(found),
    }
    return tuple(make[name]() for name in SECTION_LABELS if name in wanted)


def summary(found: Happenings) -> Section:
    """Jobs by their state, and rows by what became of them."""
    total = found.total
    jobs = [(f"Jobs: {words_of(state)}", found.states[state]) for state in State if found.states[state]]
    rows = [(f"Rows: {outcome.value}", count) for outcome, count in zip(OUTCOMES, total.rows, strict=True)]
    figures = (
        ("Jobs", total.jobs),
        *jobs,
        ("Rows", total.received),
        *rows,
        ("Rows: waiting", total.waiting),
    )
    return Section("summary", "All in all", _SUMMARY, figures)


def over_time(found: Happenings, period: Period, per: Per, today: date) -> Section:
    """Each day, week or month, those without a job too."""
    days = [*found.parts, *([] if period.first is None or not found.parts else [part_of(period.first, per)])]
    last = [*found.parts, *([] if period.last is None or not found.parts else [min(period.last, today)])]
    every = list(parts(min(days), max(last), per)) if days else []
    rows = tuple(_row(part_words(part, per), found.parts.get(part, Tally())) for part in every)
    name = per.capitalize()
    drawing = Drawing("columns", f"Rows by {per}, and what became of them", PARTS)
    return Section("days", f"{name} by {per}", _counted(name), rows, _row("All", found.total), drawing=drawing)


def by_name(tallies: Mapping[str, Tally], key: str, title: str, name: str) -> Section:
    """Those with the most jobs, then the most rows; the rest together."""
    order = sorted(tallies.items(), key=lambda each: (-each[1].jobs, -each[1].received, each[0].casefold()))
    others, total = Tally(), Tally()
    for place, (_, tally) in enumerate(order):
        total.take(tally)
        if place >= MOST:
            others.take(tally)
    left = len(order) - MOST
    last = _row(f"{left:,} others", others) if left > 0 else None
    rows = most_and_others([_row(tidy(each, 80), tally) for each, tally in order[:MOST]], last)
    drawing = Drawing("lengths", title, ((1, "c1"),))
    return Section(key, title, _counted(name), rows, _row("All", total), drawing=drawing)


def causes(found: Happenings) -> Section:
    """The reasons, those with the most rows first. What is not among them is summed up."""
    total, columns = found.total, ("Job", "What became of them", "Column", "Why")
    wrong = sum(
        count
        for outcome, count in zip(OUTCOMES, total.rows, strict=True)
        if outcome in {"rejected", "failed", "unknown"}
    )
    rows: list[tuple[Value, ...]] = [
        (tidy(each.job_type, 80), each.outcome, tidy(each.column, 80), tidy(each.reason), each.rows, each.jobs)
        for each in found.causes
    ]
    left = wrong - sum(each.rows for each in found.causes)
    others: tuple[Value, ...] | None = ("All others", "", "", "", left, None) if left else None
    named = (*(Column(name, figures=False) for name in columns), Column("Rows"), Column("Jobs"))
    note = f"The {MOST_CAUSES} reasons with the most rows." if left else ""
    sums = ("All", "", "", "", wrong, None)
    return Section("causes", "Why rows went wrong", named, most_and_others(rows, others), sums, note)


def failed_jobs(found: Happenings) -> Section:
    """The newest ones, with what they said."""
    rows = tuple(
        (f"{each.number}", tidy(each.job_type, 80), tidy(each.owner, 80), each.day.isoformat(), tidy(each.problem))
        for each in found.failed
    )
    left = found.total.failed_jobs - len(rows)
    columns = tuple(Column(name, figures=False) for name in ("Number", "Job", "Person", "Day", "What it said"))
    note = f"The newest {len(rows)}. {left:,} more failed before." if left else "" if rows else "No job failed."
    return Section("failed_jobs", "Jobs that failed", columns, rows, note=note)


def times(found: Happenings) -> Section:
    """How long jobs that have ended took, from their first start to their end."""
    columns = ("Jobs ended", "Shortest (s)", "Median (s)", "Longest (s)", "All together (s)")
    order = sorted(found.seconds.items(), key=lambda each: (-sum(each[1]), each[0].casefold()))
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (tidy(title, 80), len(each), *map(_seconds, (min(each), median(each), max(each), sum(each))))
        for title, each in order
    )
    drawing = Drawing("lengths", "Seconds that the jobs took, all together", ((5, "c1"),))
    named = (Column("Job", figures=False), *map(Column, columns))
    note = "Seconds from the first start to the end, with pauses and the time until rows were mended or tried again."
    return Section("times", "How long jobs took", named, rows, note=note, drawing=drawing)


def words_of(state: State) -> str:
    """A state as it stands in a sentence."""
    return state.value.replace("_", " ")


def _counted(name: str) -> tuple[Column, ...]:
    return (Column(name, figures=False), *map(Column, COUNTED))


def _row(name: str, tally: Tally) -> tuple[Value, ...]:
    return (name, tally.jobs, tally.failed_jobs, tally.received, *tally.rows, tally.waiting)


def _seconds(seconds: float) -> Decimal:
    return Decimal(seconds).quantize(Decimal("0.1"))
