"""The rows of a table that are nearly the same as others, listed in pairs; none is taken away."""

from collections.abc import Sequence

from webapp.authoring import Context
from webapp.intake import defuse
from webapp.services.cleaning.similar import MOST_PAIRS, MOST_ROWS, similar_pairs
from webapp.services.outputs.csv import CsvOutput


class SimilarRows:
    """Gathers what rows are compared by."""

    def __init__(self, columns: Sequence[str], compared: Sequence[str]) -> None:
        self._compared = compared
        self._places = [columns.index(name) for name in compared]
        self._rows: list[int] = []
        self._values: list[tuple[str, ...]] = []
        self._left_out = 0

    def add(self, row: int, cells: Sequence[str]) -> None:
        """Take in a row that stays; of very many only the first ones."""
        if len(self._rows) < MOST_ROWS:
            self._rows.append(row)
            self._values.append(tuple(cells[place] for place in self._places))
        else:
            self._left_out += 1

    def write(self, ctx: Context, name: str, threshold: int, delimiter: str = ",") -> None:
        """Hand back the pairs, and say how many there are."""
        header = [
            "row",
            "similar row",
            "alike",
            *self._compared,
            *(f"{name} of the similar row" for name in self._compared),
        ]
        texts = [" ".join(values) for values in self._values]
        pairs = 0
        with ctx.open_result(name) as file:
            output = CsvOutput(file, header, defuse, delimiter=delimiter)

            def tick(done: int, total: int) -> None:
                ctx.progress(done, total, "Comparing rows")

            for first, second, alike in similar_pairs(texts, threshold, tick):
                numbers = [str(self._rows[first]), str(self._rows[second]), f"{alike:.0f}"]
                output.write([[*numbers, *self._values[first], *self._values[second]]])
                pairs += 1
                if pairs == MOST_PAIRS:
                    ctx.log(
                        f"There are more than {MOST_PAIRS:,} pairs of similar rows: only these are listed.", "warning"
                    )
                    break
        ctx.log(f"{pairs:,} {'pair' if pairs == 1 else 'pairs'} of similar rows: see {name}. None was left out.")
        if self._left_out:
            ctx.log(f"Only the first {MOST_ROWS:,} rows were compared, {self._left_out:,} were not.", "warning")
