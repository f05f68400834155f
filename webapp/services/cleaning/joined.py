"""What a second table adds to the rows of the first."""

from collections.abc import Sequence

from webapp.services.cleaning.join import JoinChoice, SecondTable, added_columns
from webapp.services.outputs.late import LateCsv


class Joined:
    """Finds for each row what is added to it, and lists those for which there is nothing."""

    def __init__(
        self, second: SecondTable | None, choice: JoinChoice, columns: Sequence[str], unmatched: LateCsv
    ) -> None:
        self._second, self._unmatched = second, unmatched
        self._keeps = choice.unmatched == "keep"
        self._places = [columns.index(name) for name in choice.on]
        self.added = added_columns(columns, second.columns) if second else ()
        self.reason = f"has no match in {second.name}" if second else ""
        self._without = 0

    def __bool__(self) -> bool:
        return self._second is not None

    def cells_for(self, row: int, cells: Sequence[str]) -> list[str] | None:
        """The cells to add to a row; None if it is to be left out."""
        if self._second is None:
            return []
        found = self._second.find([cells[place] for place in self._places])
        if found is None:
            self._without += 1
            self._unmatched.add(row, cells)
        return self._second.blank if found is None and self._keeps else found

    def said(self) -> list[str]:
        """What the operator should know."""
        if self._second is None:
            return []
        rows = "row has" if self._without == 1 else "rows have"
        without = [f"{self._without:,} {rows} no match in {self._second.name}."] if self._without else []
        return [*without, *self._second.said()]
