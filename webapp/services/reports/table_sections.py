"""The sections of a report on a table."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, Literal

from webapp.services.reports.model import Column, Drawing, Section, Value, most_and_others
from webapp.services.reports.periods import Per, part_words, parts
from webapp.services.reports.sums import FIGURE_NAMES, Figure, Sums
from webapp.services.reports.table import EMPTY, Answer, Key, Question
from webapp.services.reports.texts import tidy

SectionName = Literal["summary", "groups", "time"]
SECTION_LABELS: Final[dict[str, str]] = {
    "summary": "All in all",
    "groups": "By the columns to group by",
    "time": "Over time",
}
NO_DATE: Final = "(no date)"


def sections_of(
    answer: Answer, question: Question, wanted: Sequence[SectionName], figures: Sequence[Figure], most: int
) -> tuple[Section, ...]:
    """The chosen ones, as far as there are columns for them."""
    found = []
    if "summary" in wanted:
        found.append(summary(answer, question))
    if "time" in wanted and question.date_column:
        found.append(over_time(answer, question, figures))
    if "groups" in wanted:
        found += [by_values(answer, question, figures, most, place) for place in range(len(question.breakdowns))]
    return tuple(found)


def summary(answer: Answer, question: Question) -> Section:
    """The rows that count and those that do not, then every figure of each column of numbers."""
    rows: list[tuple[Value, ...]] = [
        ("Rows in this report", answer.total.rows),
        ("Rows outside of its time", answer.left_out),
        ("Rows with a cell that can’t be read", answer.rejected),
    ]
    every: tuple[Figure, ...] = tuple(FIGURE_NAMES)
    values = answer.total.figures(every, answer.places)
    names = [FIGURE_NAMES[figure].format(tidy(name, 60)) for name in question.numbers for figure in every]
    rows += zip(names, values, strict=True)
    return Section("summary", "All in all", (Column("What", figures=False), Column("How much")), tuple(rows))


def over_time(answer: Answer, question: Question, figures: Sequence[Figure]) -> Section:
    """Each day, week or month from the first date to the last, and the rows without a date."""
    days = [part for part in answer.parts if part is not None]
    every = list(parts(min(days), max(days), question.per)) if days else []
    nothing = Sums(len(question.numbers))
    rows = [_row((part_words(part, question.per),), answer.parts.get(part, nothing), figures, answer) for part in every]
    dateless = answer.parts.get(None)
    last = _row((NO_DATE,), dateless, figures, answer) if dateless else None
    name = _step(question.per)
    columns = _columns((name,), question, figures)
    drawing = Drawing("columns", f"{columns[_drawn(columns)].name} by {name.lower()}", ((_drawn(columns), "c1"),))
    total = _row(("All",), answer.total, figures, answer)
    return Section("time", f"{name} by {name.lower()}", columns, most_and_others(rows, last), total, drawing=drawing)


def by_values(answer: Answer, question: Question, figures: Sequence[Figure], most: int, place: int) -> Section:
    """The groups with the largest first figure, and all the others as one."""
    names, groups = question.breakdowns[place], answer.groups[place]
    order = _ordered(groups, figures)
    others = Sums(len(question.numbers))
    for key in order[most:]:
        others.take(groups[key])
    left = len(order) - most
    blank = [""] * (len(names) - 1)
    last = _row((f"Others ({left:,})", *blank), others, figures, answer) if left > 0 else None
    rows = [_row(tuple(tidy(each, 80) or EMPTY for each in key), groups[key], figures, answer) for key in order[:most]]
    columns = _columns(names, question, figures)
    title = "By " + " and ".join(tidy(name, 60) for name in names)
    at = _drawn(columns)
    drawing = Drawing("lengths", f"{columns[at].name} {title[0].lower()}{title[1:]}", ((at, "c1"),))
    total = _row(("All", *blank), answer.total, figures, answer)
    note = f"The {most:,} with most, of {len(order):,}." if left > 0 else ""
    return Section(f"groups-{place + 1}", title, columns, most_and_others(rows, last), total, note, drawing)


def _ordered(groups: Mapping[Key, Sums], figures: Sequence[Figure]) -> list[Key]:
    """By the sum of the first numbers if sums are wanted, else by the rows; those that are equal by their names."""

    def place(key: Key) -> tuple[Decimal, tuple[str, ...], Key]:
        sums = groups[key]
        size = sums.totals[0] if sums.totals and "sum" in figures else Decimal(sums.rows)
        return (-size, tuple(each.casefold() for each in key), key)

    return sorted(groups, key=place)


def _columns(names: Sequence[str], question: Question, figures: Sequence[Figure]) -> tuple[Column, ...]:
    values = [FIGURE_NAMES[figure].format(tidy(name, 60)) for name in question.numbers for figure in figures]
    return (*(Column(tidy(name, 60), figures=False) for name in names), Column("Rows"), *map(Column, values))


def _drawn(columns: Sequence[Column]) -> int:
    """Which column is drawn: the first of the figures, or the rows if there is none."""
    first = next(place for place, column in enumerate(columns) if column.figures)
    return min(first + 1, len(columns) - 1)


def _row(names: Sequence[str], sums: Sums, figures: Sequence[Figure], answer: Answer) -> tuple[Value, ...]:
    return (*names, sums.rows, *sums.figures(figures, answer.places))


def _step(per: Per) -> str:
    return per.capitalize()
