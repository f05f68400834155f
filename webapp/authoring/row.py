"""Row: a row of any table, as its file has it."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Self

from webapp.authoring.errors import InWords

MOST_NAMED = 20


class Row(Mapping[str, str]):
    """The texts of a row's cells, raw, by the names of the file's own columns in their order. It cannot be changed."""

    __slots__ = ("_cells", "_places")

    def __init__(self, cells: Mapping[str, str]) -> None:
        """A row of these cells, for a test that has no file."""
        self._places: Mapping[str, int] = {name: place for place, name in enumerate(cells)}
        self._cells: Sequence[str] = tuple(cells.values())

    @classmethod
    def of(cls, places: Mapping[str, int], cells: Sequence[str]) -> Self:
        """A row of a file; `places` says where each column stands, and serves all its rows."""
        row = cls.__new__(cls)
        row._places, row._cells = places, cells  # noqa: SLF001 (its own)
        return row

    def __getitem__(self, column: str) -> str:
        try:
            return self._cells[self._places[column]]
        except KeyError:
            raise NoColumnError(column, tuple(self._places)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __repr__(self) -> str:
        return f"Row of {', '.join(map(repr, self))}"  # its cells may be personal data, and a log is no place for them


class NoColumnError(KeyError, InWords):
    """A row has no such column; the message is made when somebody reads it, for `row.get` asks in vain quite often."""

    def __init__(self, column: str, columns: tuple[str, ...]) -> None:
        super().__init__(column)
        self.column, self.columns = column, columns

    def __str__(self) -> str:
        near = difflib.get_close_matches(self.column, self.columns, n=1)
        hint = f" (did you mean “{near[0]}”?)" if near else ""
        named = ", ".join(f"“{name}”" for name in self.columns[:MOST_NAMED])
        more = len(self.columns) - MOST_NAMED
        there = f"{named} and {more:,} more" if more > 0 else named
        return f"the file has no column “{self.column}”{hint}: there are {there}"
