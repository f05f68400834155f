"""Damage that a cell shows by itself: errors, hashes, letters that are garbled or cannot be seen, apostrophes."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from webapp.intake.damage import Damage, DamageKind
from webapp.intake.damage_mojibake import SUSPECT, repair_mojibake
from webapp.intake.damage_watch import Cells, Pattern, Tally, Watch

_ERRORS = re.compile(
    r"#(?:DIV/0!|N/A|REF!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA|"
    r"WERT!|BEZUG!|ZAHL!|NV|VALEUR!|NOM\?|NOMBRE!|VALORE!|NOME\?|¡DIV/0!|¡VALOR!|¡REF!|¿NOMBRE\?|¡NUM!)\Z"
)
_HASHES = re.compile(r"#{3,}\Z")
_APOSTROPHE = re.compile(r"'[+-]?[0-9][0-9., ]*[0-9]\Z")
_UNSEEN = "\xa0\xad\u200b\u200e\u200f\u2060\ufeff"
_UNSEEN_AROUND = re.compile(rf"\n[{_UNSEEN}]|[{_UNSEEN}]\n")


@dataclass(frozen=True, slots=True)
class Mark:
    """How a kind of damage is seen: by a quick look at many cells, and a thorough one at one.

    Where more than the share `at_most` of all cells have the mark, they are meant so.
    """

    kind: DamageKind
    may_be_in: Callable[[str], object]
    is_on: Callable[[str], object]
    offer: str | None = None
    at_most: float = 1.0


class MarkedCells:
    """Counts the cells of a column with a mark."""

    def __init__(self, name: str, mark: Mark) -> None:
        self._name = name
        self._mark = mark
        self._tally = Tally()
        self._cells = 0

    def look(self, cells: Cells) -> None:
        self._cells += len(cells.texts)
        if self._mark.may_be_in(cells.joined):
            for line, text in zip(cells.lines, cells.texts, strict=True):
                if self._mark.is_on(text):
                    self._tally.add(line, text)

    def found(self) -> Iterator[Damage]:
        if 0 < self._tally.count <= self._mark.at_most * self._cells:
            yield self._tally.damage(self._mark.kind, self._name, self._mark.offer)


class GarbledCells:
    """Counts the cells with garbled letters; the offer shows the first of them made whole."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._tally = Tally()
        self._offer = ""

    def look(self, cells: Cells) -> None:
        if cells.joined.isascii() or not SUSPECT.search(cells.joined):
            return
        for line, text in zip(cells.lines, cells.texts, strict=True):
            repaired = repair_mojibake(text)
            if repaired is not None:
                self._tally.add(line, text)
                self._offer = self._offer or f"Read the letters as they were meant: “{repaired[:60]}”"

    def found(self) -> Iterator[Damage]:
        if self._tally.count:
            yield self._tally.damage(DamageKind.MOJIBAKE, self._name, self._offer)


def marks_of(column: Pattern) -> list[Watch]:
    """What is looked out for in every column."""
    return [*(MarkedCells(column.name, mark) for mark in _MARKS), GarbledCells(column.name)]


def _with(sign: str) -> Callable[[str], bool]:
    """Whether a cell begins with the sign; most texts have it nowhere, which is seen at once."""
    first = f"\n{sign}"
    return lambda joined: sign in joined and first in joined


_MARKS = (
    Mark(DamageKind.ERROR_CELLS, _with("#"), _ERRORS.match),
    Mark(DamageKind.HASHES, _with("#"), _HASHES.match),
    Mark(DamageKind.APOSTROPHES, _with("'"), _APOSTROPHE.match, "Leave the apostrophes before numbers out"),
    Mark(
        DamageKind.INVISIBLE,
        lambda joined: not joined.isascii() and _UNSEEN_AROUND.search(joined),
        lambda text: text and (text[0] in _UNSEEN or text[-1] in _UNSEEN),
        "Leave them out: nothing that can be seen changes",
    ),
)
