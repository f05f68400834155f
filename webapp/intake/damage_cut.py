"""Texts that end where a program had no more room."""

from collections.abc import Iterator
from typing import Final

from webapp.intake.damage import Damage, DamageKind
from webapp.intake.damage_watch import Cells, Pattern, Tally

LONGEST_CELL: Final = 32_767
"""Characters that a spreadsheet keeps of a cell."""
LONGEST_FIELD: Final = 255
"""Characters that older databases and programs keep of a text."""
_NEAR = 10


class CutCells:
    """Texts of exactly such a length in a column that has no longer ones, and hardly any that are nearly as long."""

    def __init__(self, column: Pattern) -> None:
        self._name = column.name
        self._at = {LONGEST_FIELD: Tally(), LONGEST_CELL: Tally()}
        self._near = self._longest = 0

    def look(self, cells: Cells) -> None:
        longest = max(map(len, cells.texts), default=0)
        if longest < LONGEST_FIELD - _NEAR:
            return
        self._longest = max(self._longest, longest)
        for line, text in zip(cells.lines, cells.texts, strict=True):
            if (tally := self._at.get(len(text))) is not None:
                tally.add(line, text)
            elif LONGEST_FIELD - _NEAR <= len(text) < LONGEST_FIELD:
                self._near += 1

    def found(self) -> Iterator[Damage]:
        tally = self._at.get(self._longest)
        least = max(1, self._near) if self._longest == LONGEST_FIELD else 0
        if tally is not None and tally.count > least:
            yield tally.damage(DamageKind.CUT, self._name)
