"""A report before it is written: sections of figures. Every format writes these, so that all say the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from webapp.authoring import JobError
from webapp.charts import Series, Svg, columns, lengths, lines
from webapp.services.reports.texts import plain, shown, tidy

Value = str | int | Decimal | None
Shape = Literal["lengths", "columns", "lines"]

MOST_BARS: Final = 21
MOST_COLUMNS: Final = 62
"""More columns than that beside each other are lines instead."""
DRAWN_DIGITS: Final = 300


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a section; figures stand to the right."""

    name: str
    figures: bool = True


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn of a section: of which columns, each with its tone. The names are those of the rows."""

    shape: Shape
    title: str
    parts: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A table of figures: `key` for the names of files, `total` for a last row that sums up, `note` for a sentence."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    total: tuple[Value, ...] | None = None
    note: str = ""
    drawing: Drawing | None = None

    def all_rows(self) -> tuple[tuple[Value, ...], ...]:
        """The rows, and the one that sums up."""
        return self.rows if self.total is None else (*self.rows, self.total)

    def names(self) -> list[str]:
        """What each row is called: its texts."""
        texts = [place for place, column in enumerate(self.columns) if not column.figures]
        return [tidy(" / ".join(shown(row[place]) for place in texts), 60) for row in self.rows]

    def chart(self, width: int | None = None) -> Svg | None:
        """The drawing, if there is one and its figures can be drawn: none may be below 0."""
        drawing = self.drawing
        if drawing is None or not self.rows:
            return None
        series = [
            Series(self.columns[place].name, [_drawn(row[place]) for row in self.rows], tone)
            for place, tone in drawing.parts
        ]
        if any((value or 0) < 0 for each in series for value in each.values):
            return None
        said = f"The figures stand in the table “{self.title}”."
        names = self.names()
        show = _as_written([row[place] for row in self.rows for place, _ in drawing.parts])
        if drawing.shape == "lengths":
            few, values = names[:MOST_BARS], [value or 0 for value in series[0].values[:MOST_BARS]]
            return lengths(drawing.title, few, values, said=said, show=show, tone=series[0].tone, width=width)
        draw = columns if drawing.shape == "columns" and len(names) <= MOST_COLUMNS else lines
        return draw(drawing.title, names, series, said=said, show=show, width=width)


@dataclass(frozen=True, slots=True)
class Report:
    """A report. `facts` say what it is about, `made_at` when it was made."""

    title: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    made_at: datetime


def most_and_others(
    rows: Sequence[tuple[Value, ...]], others: tuple[Value, ...] | None
) -> tuple[tuple[Value, ...], ...]:
    """Rows, with that of all the others behind them if there is one."""
    return tuple(rows) if others is None else (*rows, others)


def require_rows(count: int, what: str) -> None:
    """Refuse a report about nothing.

    Raises:
        JobError: there is nothing to report.
    """
    if not count:
        raise JobError(f"There is nothing to report: {what}")


def _as_written(values: Sequence[Value]) -> Callable[[float], str]:
    """Figures with as many digits behind the point as the table has; round ones without."""
    places = max((len(plain(value).partition(".")[2]) for value in values if isinstance(value, Decimal)), default=0)
    return lambda value: f"{value:,.0f}" if float(value).is_integer() else f"{value:,.{places}f}"


def _drawn(value: Value) -> float | None:
    if value is None or isinstance(value, str):
        return None
    return float(value) if abs(Decimal(value)) < Decimal(10) ** DRAWN_DIGITS else None
