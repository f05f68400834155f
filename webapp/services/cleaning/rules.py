"""Rules for single columns: how a text becomes a value in one way of writing, and what is done with the rest."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from webapp.services.cleaning.values import Normal

Misfits = Literal["keep", "reject"]
REMEMBERED = 10_000
MOST_SAID = 20


class _Column(dict[str, str | None]):
    """The value of each text of a column; None for one that has none. What was seen before is a look-up."""

    def __init__(self, place: int, name: str, normal: Normal) -> None:
        super().__init__({"": ""})
        self.place = place
        self.name = name
        self._normal = normal

    def __missing__(self, text: str) -> str | None:
        value = self._value(text)
        if len(self) < REMEMBERED:
            self[text] = value
        return value

    def _value(self, text: str) -> str | None:
        stripped = text.strip()
        try:
            return self._normal(stripped) if stripped else text
        except ValueError:
            return None

    def why(self, text: str) -> str:
        """What is wrong with a text that has no value."""
        try:
            self._normal(text.strip())
        except ValueError as error:
            return str(error)
        return ""


class Rules:
    """The rules of a table. Texts that no rule can read stay, or reject their row."""

    def __init__(self, columns: Sequence[str], normals: Mapping[str, Normal], misfits: Misfits) -> None:
        self._columns = [_Column(columns.index(name), name, normal) for name, normal in normals.items()]
        self._rejects = misfits == "reject"
        self.changed: Counter[str] = Counter()
        """How many cells of each column were changed."""
        self._kept: Counter[str] = Counter()
        self._first: dict[str, tuple[int, str]] = {}

    def __bool__(self) -> bool:
        return bool(self._columns)

    def apply(self, row: int, cells: Sequence[str]) -> tuple[list[str], tuple[str, str] | None]:
        """The row with its values, and the column and reason for which it should be rejected."""
        values = list(cells)
        for column in self._columns:
            text = cells[column.place]
            value = column[text]
            if value is not None:
                values[column.place] = value
                self.changed[column.name] += value != text
            elif self._rejects:
                return values, (column.name, column.why(text))
            else:
                self._keep(column, row, text)
        return values, None

    def _keep(self, column: _Column, row: int, text: str) -> None:
        self._kept[column.name] += 1
        if column.name not in self._first:
            self._first[column.name] = row, column.why(text)

    def said(self) -> list[str]:
        """What was kept as it was, column by column."""
        return [
            f"{name}: {count:,} {'cell' if count == 1 else 'cells'} kept as found"
            f", first in row {self._first[name][0]:,}: it {self._first[name][1]}."
            for name, count in self._kept.most_common(MOST_SAID)
        ]
