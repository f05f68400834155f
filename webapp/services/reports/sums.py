"""Sums of rows: how many, and of some numbers the sum, mean, smallest and largest; exact, however large they are."""

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal
from typing import Final, Literal

from webapp.services.reports.model import Value

Figure = Literal["sum", "mean", "min", "max", "count"]
FIGURE_LABELS: Final = {
    "sum": "Sum",
    "mean": "Mean",
    "min": "Smallest",
    "max": "Largest",
    "count": "How many cells hold a number",
}
FIGURE_NAMES: Final[dict[Figure, str]] = {
    "sum": "Sum of {}",
    "mean": "Mean of {}",
    "min": "Smallest {}",
    "max": "Largest {}",
    "count": "Cells in {}",
}
EXACT: Final = Context(prec=200)
MOST_PLACES: Final = 12
MORE_PLACES: Final = 2
"""So many digits more behind the point than the numbers has their mean."""


class Sums:
    """Of some rows, for each of some columns of numbers."""

    __slots__ = ("counts", "maxima", "minima", "rows", "totals")

    def __init__(self, columns: int) -> None:
        self.rows = 0
        self.counts = [0] * columns
        self.totals = [Decimal(0)] * columns
        self.minima: list[Decimal | None] = [None] * columns
        self.maxima: list[Decimal | None] = [None] * columns

    def add(self, numbers: Sequence[Decimal | None]) -> None:
        """Count a row; what is None is blank."""
        self.rows += 1
        for place, number in enumerate(numbers):
            if number is not None:
                self._take(place, 1, number, number, number)

    def take(self, other: "Sums") -> None:
        """Count what another has counted."""
        self.rows += other.rows
        for place, count in enumerate(other.counts):
            low, high = other.minima[place], other.maxima[place]
            if low is not None and high is not None:
                self._take(place, count, other.totals[place], low, high)

    def figures(self, wanted: Sequence[Figure], places: Sequence[int]) -> list[Value]:
        """The figures of each column, in the order wanted; `places` says how many digits stand behind its point."""
        return [self._figure(column, figure, places[column]) for column in range(len(self.counts)) for figure in wanted]

    def _take(self, place: int, count: int, total: Decimal, low: Decimal, high: Decimal) -> None:
        self.counts[place] += count
        self.totals[place] = EXACT.add(self.totals[place], total)
        least, most = self.minima[place], self.maxima[place]
        if least is None or low < least:
            self.minima[place] = low
        if most is None or high > most:
            self.maxima[place] = high

    def _figure(self, column: int, figure: Figure, places: int) -> Value:
        if figure == "count":
            return self.counts[column]
        if not self.counts[column]:
            return None
        if figure == "mean":
            return rounded(EXACT.divide(self.totals[column], Decimal(self.counts[column])), places + MORE_PLACES)
        found = (
            self.totals[column] if figure == "sum" else self.minima[column] if figure == "min" else self.maxima[column]
        )
        return None if found is None else rounded(found, places)


def rounded(number: Decimal, places: int) -> Decimal:
    """The number with so many digits behind its point; a zero has no sign."""
    made = number.quantize(Decimal(1).scaleb(-places), context=EXACT)
    return made or abs(made)


def places_of(numbers: Iterable[Decimal | None], before: int) -> int:
    """How many digits stand behind the point of the number that has most of them."""
    return max(
        (min(-int(each.as_tuple().exponent), MOST_PLACES) for each in numbers if each is not None), default=before
    )
