"""Statistics as pages show them: figures in words, charts, and the tables beneath them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from webapp.authoring import Registry
from webapp.charts import Series, Svg, columns, lengths, lines
from webapp.store.statistics import MEDIAN, P95, Figures, Sums, quantile
from webapp.store.tables import Outcome, State
from webapp.web.format import number

MOST_DAYS: Final = 92
MOST_WEEKS: Final = 732  # days
MOST_BARS: Final = 10
UNITS: Final = ((3600, "h"), (60, "min"), (1, "s"))
STATES: Final = (
    (State.completed, "Completed", "done"),
    (State.completed_with_errors, "Completed with errors", "rejected"),
    (State.needs_attention, "Needs attention", "unknown"),
    (State.failed, "Failed", "failed"),
    (State.cancelled, "Cancelled", "skipped"),
)
TIMES: Final = ("Half of the jobs within", "95 of 100 within")


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart and its figures as a table: the names of the columns, and the rows."""

    title: str
    svg: Svg
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of job, or a person, with what it came to in words."""

    name: str
    jobs: str
    rows: str
    failed: str
    wrong: str
    ran: str
    waited: str


def seconds(milliseconds: float | None) -> str:
    """A length of time, short: ``0.4 s``, ``12 s``, ``3.5 min``, ``2.1 h``."""
    if milliseconds is None:
        return "–"
    length = milliseconds / 1000
    for unit, name in UNITS[:-1]:
        if length >= unit:
            return f"{length / unit:.3g} {name}"
    return f"{length:.2g} s" if length < 10 else f"{length:.0f} s"  # noqa: PLR2004 (two figures are enough)


def share(part: int, whole: int) -> str:
    """``1.8 %``; a dash of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else "–"


def key_figures(total: Sums) -> list[tuple[str, str]]:
    """What is read first."""
    return [
        ("Jobs that ended", number(total.jobs)),
        ("Jobs that failed", share(total.states[State.failed], total.jobs)),
        ("Rows", number(total.received)),
        ("Rows that went wrong", share(total.wrong, total.received)),
        ("Running time, half within", seconds(quantile(total.ran, MEDIAN))),
        ("95 of 100 within", seconds(quantile(total.ran, P95))),
        ("Waiting, half within", seconds(quantile(total.waited, MEDIAN))),
        ("95 of 100 within ", seconds(quantile(total.waited, P95))),
    ]


def charts(figures: Figures) -> list[Chart]:
    """All of them."""
    spans = _spans(figures.days)
    labels = list(spans)
    return [
        _counts(
            "Jobs that ended",
            labels,
            [(name, tone, [sums.states[state] for sums in spans.values()]) for state, name, tone in STATES],
        ),
        _counts(
            "Rows by what became of them",
            labels,
            [(each.capitalize(), each, [sums.rows[each] for sums in spans.values()]) for each in Outcome],
        ),
        _times("Running time", labels, [sums.ran for sums in spans.values()]),
        _times("Waiting for a worker", labels, [sums.waited for sums in spans.values()]),
        _depth(figures),
    ]


def by_size(named: Mapping[str, Sums]) -> tuple[list[Line], Chart]:
    """Kinds of jobs, or people, those with most jobs first; and a chart of the first of them."""
    ordered = sorted(named.items(), key=lambda pair: (-pair[1].jobs, pair[0].casefold()))
    first = ordered[:MOST_BARS]
    svg = lengths("Jobs", [name for name, _ in first], [sums.jobs for _, sums in first])
    return [_line(name, sums) for name, sums in ordered], Chart("Jobs", svg, (), ())


def titled(sums: Mapping[str, Sums], registry: Registry) -> dict[str, Sums]:
    """Sums of kinds of jobs by their titles; where two have the same, the second one by its name too."""
    by_title: dict[str, Sums] = {}
    for name, each in sums.items():
        job_type = registry.job_types.get(name)
        title = job_type.title if job_type else name
        by_title[title if title not in by_title else f"{title} ({name})"] = each
    return by_title


def named(sums: Mapping[UUID, Sums], names: Mapping[UUID, str]) -> dict[str, Sums]:
    """The same by the names of people."""
    return {names.get(key, "Somebody"): each for key, each in sums.items()}


def _line(name: str, sums: Sums) -> Line:
    return Line(
        name=name,
        jobs=number(sums.jobs),
        rows=number(sums.received),
        failed=share(sums.states[State.failed], sums.jobs),
        wrong=share(sums.wrong, sums.received),
        ran=f"{seconds(quantile(sums.ran, MEDIAN))} / {seconds(quantile(sums.ran, P95))}",
        waited=f"{seconds(quantile(sums.waited, MEDIAN))} / {seconds(quantile(sums.waited, P95))}",
    )


def _spans(days: Mapping[date, Sums]) -> dict[str, Sums]:
    """Days, or weeks or months of many days, by their names."""
    name = _month if len(days) > MOST_WEEKS else _week if len(days) > MOST_DAYS else _day
    spans: dict[str, Sums] = {}
    for day, sums in days.items():
        spans.setdefault(name(day), Sums()).add(sums)
    return spans


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _week(day: date) -> str:
    monday = day - timedelta(days=day.weekday())
    return f"from {monday.day} {monday:%b %Y}"


def _month(day: date) -> str:
    return f"{day:%b %Y}"


def _counts(title: str, labels: Sequence[str], parts: Iterable[tuple[str, str, list[int]]]) -> Chart:
    some = [part for part in parts if any(part[2])]
    series = [Series(name, values, tone) for name, tone, values in some]
    said = ", ".join(f"{number(sum(values))} {name.lower()}" for name, _, values in some)
    rows = [[label, *(number(values[place]) for _, _, values in some)] for place, label in enumerate(labels)]
    return Chart(title, columns(title, labels, series, said=said), ["", *(name for name, _, _ in some)], rows)


def _times(title: str, labels: Sequence[str], values: Sequence[Sequence[int]]) -> Chart:
    found = [[quantile(each, part) for each in values] for part in (MEDIAN, P95)]
    most = max((each for part in found for each in part if each is not None), default=0) / 1000
    unit, word = next(each for each in UNITS if most >= each[0] or each is UNITS[-1])
    drawn = [[None if each is None else each / 1000 / unit for each in part] for part in found]
    series = [Series(name, each) for name, each in zip(TIMES, drawn, strict=True)]
    rows = [[label, *(seconds(each[place]) for each in found)] for place, label in enumerate(labels)]
    svg = lines(
        title, labels, series, show=lambda value: f"{value:.3g} {word}", said=f"{title} of half and of 95 of 100 jobs."
    )
    return Chart(title, svg, ["", *TIMES], rows)


def _depth(figures: Figures) -> Chart:
    title = "Jobs that waited at once"
    labels = [f"{each.at.day} {each.at:%b %H:%M}" for each in figures.depth]
    values = [each.jobs for each in figures.depth]
    most = max(values, default=0)
    svg = lines(title, labels, [Series("jobs", values)], said=f"At most {number(most)} at once.")
    rows = [[label, number(value)] for label, value in zip(labels, values, strict=True) if value]
    return Chart(
        title,
        svg,
        ["From (UTC)", "Jobs"],
        rows,
        "The most at once from each moment to the next; where none waited is left out.",
    )
