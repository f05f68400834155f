"""Finds in rows what a spreadsheet or a wrong encoding has done to them, a slice of a file at a time."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Protocol

from webapp.intake.damage import Damage
from webapp.intake.damage_codes import codes_of
from webapp.intake.damage_cut import CutCells
from webapp.intake.damage_days import MixedDays, has_days
from webapp.intake.damage_marks import marks_of
from webapp.intake.damage_watch import Cells, Pattern, Watch, look_like_codes
from webapp.intake.values import ColumnType

_AT_ONCE = 1_000
_LONG_TEXTS = frozenset({ColumnType.TEXT, ColumnType.URL})


class Typed(Protocol):
    """A column's type as `profile` or `guess_type` gives it."""

    @property
    def kind(self) -> ColumnType: ...

    @property
    def style(self) -> str: ...


class DamageFinder:
    """Give it all rows in their order, and ask what is damaged. Its memory does not grow with them.

    The first rows given decide which columns hold codes, so let them be some hundred.
    """

    def __init__(self, names: Sequence[str], types: Sequence[Typed]) -> None:
        self._columns = list(zip(names, types, strict=True))
        self._watches: list[list[Watch]] = []

    def add(self, lines: Sequence[int], rows: Sequence[Sequence[str]]) -> None:
        """See rows more, each with the physical line it begins on."""
        if not rows:
            return
        columns = list(zip(*rows, strict=True))
        if not self._watches:
            watched = zip(self._columns, columns, strict=True)
            self._watches = [_watches(name, typed, texts) for (name, typed), texts in watched]
        for texts, watches in zip(columns, self._watches, strict=True):
            cells = Cells(lines, texts, "\n" + "\n".join(texts) + "\n")
            for watch in watches:
                watch.look(cells)

    def found(self) -> list[Damage]:
        """The damage in all rows so far, column by column."""
        return [damage for watches in self._watches for watch in watches for damage in watch.found()]


def find_damage(
    names: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]], types: Sequence[Typed]
) -> list[Damage]:
    """The damage in some rows, each with its line."""
    finder, left = DamageFinder(names, types), iter(rows)
    while some := list(islice(left, _AT_ONCE)):
        lines, cells = zip(*some, strict=True)
        finder.add(lines, cells)
    return finder.found()


def _watches(name: str, typed: Typed, texts: Sequence[str]) -> list[Watch]:
    column = Pattern(name, typed.kind, typed.style, look_like_codes(texts))
    watches = [*marks_of(column), *codes_of(column)]
    if has_days(column, texts):
        watches.append(MixedDays(column))
    if column.kind in _LONG_TEXTS:
        watches.append(CutCells(column))
    return watches
