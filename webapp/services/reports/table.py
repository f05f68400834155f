"""What a table says in sums: by the values of its columns, and over time. Read once, row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from webapp.authoring import Batch, JobError
from webapp.intake import Column, ColumnType
from webapp.intake.doubts import DAYS
from webapp.intake.values import fits
from webapp.services.cleaning.values import EITHER_DAY, DateOrder
from webapp.services.reports.periods import Per, Period, part_of
from webapp.services.reports.sums import Sums, places_of
from webapp.services.reports.texts import tidy
from webapp.services.typed_cells import EITHER_WAY, Misfit, TypedColumn, column_for

MOST_GROUPS: Final = 500_000
NUMBERS: Final = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL})
DAYS_OPEN: Final = frozenset(EITHER_WAY[kind] for kind in DAYS)
EMPTY: Final = "(empty)"

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a table, by the names of its columns. `breakdowns` are groups of columns."""

    breakdowns: tuple[tuple[str, ...], ...]
    numbers: tuple[str, ...]
    date_column: str | None
    period: Period
    per: Per


@dataclass(slots=True)
class Answer:
    """The sums: of all rows, of each breakdown by its values, and of each day, week or month (None: no date)."""

    total: Sums
    groups: list[dict[Key, Sums]]
    parts: dict[date | None, Sums]
    places: list[int]
    left_out: int = 0
    rejected: int = 0


@dataclass(slots=True)
class Reader:
    """Adds up the batches of a table; tells each batch which rows do not count, and why."""

    question: Question
    columns: Sequence[str]
    numbers: list[TypedColumn]
    days: TypedColumn | None
    answer: Answer = field(init=False)

    def __post_init__(self) -> None:
        wide = len(self.numbers)
        self.answer = Answer(Sums(wide), [{} for _ in self.question.breakdowns], {}, [0] * wide)

    def read(self, batch: Batch) -> None:
        """Add the rows of a batch.

        Raises:
            JobError: there are too many groups.
        """
        misfits: dict[int, tuple[str, Misfit]] = {}
        numbers = [self._values(column, batch, misfits) for column in self.numbers]
        days = None if self.days is None else self._values(self.days, batch, misfits)
        for index, cells in enumerate(batch.cells):
            if index in misfits:
                name, misfit = misfits[index]
                batch.reject(index, EITHER_DAY if misfit.reason in DAYS_OPEN else misfit.reason, name)
                self.answer.rejected += 1
                continue
            day = None if days is None else _day(days[index])
            why = None if days is None else self._why_not(day)
            if why:
                batch.skip(index, why)
                self.answer.left_out += 1
            else:
                self._add(cells, [_number(column[index]) for column in numbers], day)
        self._look_at_places(numbers)

    def _values(self, column: TypedColumn, batch: Batch, misfits: dict[int, tuple[str, Misfit]]) -> Sequence[object]:
        place = self.columns.index(column.name)
        return column.values_of([cells[place] for cells in batch.cells], misfits)

    def _why_not(self, day: date | None) -> str | None:
        period = self.question.period
        if period == Period():
            return None
        if day is None:
            return "it has no date"
        return None if day in period else f"its date is not within the time of the report: {period.words()}"

    def _add(self, cells: Sequence[str], numbers: Sequence[Decimal | None], day: date | None) -> None:
        wide = len(numbers)
        self.answer.total.add(numbers)
        for names, groups in zip(self.question.breakdowns, self.answer.groups, strict=True):
            key = tuple(cells[self.columns.index(name)].strip() for name in names)
            if key not in groups:
                _require_few(len(groups), names)
                groups[key] = Sums(wide)
            groups[key].add(numbers)
        if self.days is not None:
            part = None if day is None else part_of(day, self.question.per)
            self.answer.parts.setdefault(part, Sums(wide)).add(numbers)

    def _look_at_places(self, numbers: Sequence[Sequence[object]]) -> None:
        places = self.answer.places
        for column, values in enumerate(numbers):
            found = places_of((each for each in values if isinstance(each, Decimal)), places[column])
            places[column] = max(places[column], found)


def reader_of(
    question: Question, columns: Sequence[str], known: Mapping[str, Column], order: DateOrder = "auto"
) -> Reader:
    """The reader of a table whose columns are known.

    Raises:
        JobError: a column holds no numbers, or no dates.
    """
    numbers = [column_for(name, _require_numbers(known[name]), Decimal) for name in question.numbers]
    days = _days(known[question.date_column], order) if question.date_column else None
    return Reader(question, columns, numbers, days)


def _require_numbers(column: Column) -> Column:
    likely = column.likely.kind if column.likely else None
    if {column.kind, likely} & NUMBERS or any(fits(each, ColumnType.DECIMAL) for each in column.examples):
        return column
    raise JobError(f"“{tidy(column.name, 80)}” holds no numbers{_examples(column)}. Choose another column of numbers.")


def _days(column: Column, order: DateOrder) -> TypedColumn:
    likely = column.likely
    kind, style = (likely.kind, likely.style) if likely and likely.kind in DAYS else (column.kind, column.style)
    if kind not in DAYS:
        raise JobError(f"“{tidy(column.name, 80)}” holds no dates{_examples(column)}. Choose another column of dates.")
    other = column.other
    if order != "auto" and style[:3] in {"dmy", "mdy"}:
        style, other = f"{order}{style[3:]}", None
    return TypedColumn(column.name, kind, style, blank_words=column.blank_words, other=other)


def _examples(column: Column) -> str:
    if not column.examples:
        return ": its cells are empty"
    return f": its cells are like {' or '.join(f'“{tidy(each, 40)}”' for each in column.examples[:2])}"


def _require_few(count: int, names: Sequence[str]) -> None:
    if count >= MOST_GROUPS:
        named = " and ".join(f"“{tidy(name, 60)}”" for name in names)
        raise JobError(f"{named} has more than {MOST_GROUPS:,} different values: choose a column with fewer.")


def _number(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) else Decimal(value) if isinstance(value, int) else None


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
