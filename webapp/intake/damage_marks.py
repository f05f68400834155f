"""Damage that a cell shows by itself: errors, hashes, letters that are garbled or cannot be seen, apostrophes."""

import re
from collections.abc import Callable, Iterator

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


class MarkedCells:
    """Counts the cells with a mark. `may_have` is a quick look at many cells, `is_damaged` a thorough one at one."""

    def __init__(
        self,
        kind: DamageKind,
        name: str,
        may_have: Callable[[str], object],
        is_damaged: Callable[[str], object],
        offer: str | None = None,
    ) -> None:
        self._kind = kind
        self._name = name
        self._may_have = may_have
        self._is_damaged = is_damaged
        self._offer = offer
        self._tally = Tally()

    def look(self, cells: Cells) -> None:
        if self._may_have(cells.joined):
            for line, text in zip(cells.lines, cells.texts, strict=True):
                if self._is_damaged(text):
                    self._tally.add(line, text)

    def found(self) -> Iterator[Damage]:
        if self._tally.count:
            yield self._tally.damage(self._kind, self._name, self._offer)


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
    name = column.name
    return [
        MarkedCells(DamageKind.ERROR_CELLS, name, _with("#"), _ERRORS.match),
        MarkedCells(DamageKind.HASHES, name, _with("#"), _HASHES.match),
        MarkedCells(
            DamageKind.APOSTROPHES, name, _with("'"), _APOSTROPHE.match, "Leave the apostrophes before numbers out"
        ),
        MarkedCells(
            DamageKind.INVISIBLE,
            name,
            lambda joined: not joined.isascii() and _UNSEEN_AROUND.search(joined),
            lambda text: text and (text[0] in _UNSEEN or text[-1] in _UNSEEN),
            "Leave them out: nothing that can be seen changes",
        ),
        GarbledCells(name),
    ]


def _with(sign: str) -> Callable[[str], bool]:
    """Whether a cell begins with the sign; most texts have it nowhere, which is seen at once."""
    first = f"\n{sign}"
    return lambda joined: sign in joined and first in joined
