"""The cells that a type is guessed from, each text once."""

import re
from collections.abc import Iterable, Mapping
from itertools import filterfalse, islice
from typing import Final, NamedTuple

from webapp.intake.values import ColumnType
from webapp.intake.values.parsing import fitter

ENOUGH: Final = 0.98
_DIGIT = re.compile(r"[0-9]")
_FIRST = 5


class Style(NamedTuple):
    """A type and the way of writing it; both go to `parse_cell`."""

    kind: ColumnType
    style: str


class Found(NamedTuple):
    """The style that cells fit. `other` and `mark` are those of a `Guess`."""

    style: Style
    other: Style | None = None
    mark: str = ""


class Sample:
    """How often each stripped text with a value stands in a column, and how many cells are blank.

    `enough` is the share of the cells that must fit a style.
    """

    def __init__(self, texts: Mapping[str, int], blanks: int, enough: float = ENOUGH) -> None:
        self.texts = texts
        self.blanks = blanks
        self.total = sum(texts.values())
        self._allowed = int(self.total * (1 - enough) + 1e-9)
        self._misfits: dict[Style, frozenset[str] | None] = {}
        self.has_digits = self._few(text for text in texts if not _DIGIT.search(text)) is not None

    def misfits(self, style: Style) -> frozenset[str] | None:
        """The texts that do not fit; None if they are more than may be."""
        if style not in self._misfits:
            self._misfits[style] = self._few(filterfalse(fitter(*style), self.texts))
        return self._misfits[style]

    def best(self, styles: Iterable[Style]) -> Style | None:
        """The style that the most cells fit, the first of equals; None if too few fit any."""
        best, unfit = None, frozenset[str]()
        for style in styles:
            # one that fits none of the texts which the best so far does not is no better, and need not be tried on all
            if best and not any(map(fitter(*style), unfit)):
                continue
            misfits = self.misfits(style)
            if misfits is not None and (best is None or self.count(misfits) < self.count(unfit)):
                best, unfit = style, misfits
            if best and not unfit:
                break
        return best

    def count(self, texts: Iterable[str]) -> int:
        """The number of cells with these texts."""
        return sum(map(self.texts.__getitem__, texts))

    def share(self, style: Style) -> float:
        """The share of the cells that fit, of those with a value."""
        return 1 - self.count(self.misfits(style) or ()) / self.total

    def fitting(self, style: Style) -> Iterable[str]:
        """The texts that fit a style which most do."""
        misfits = self.misfits(style) or frozenset()
        return (text for text in self.texts if text not in misfits)

    def first(self) -> list[str]:
        """The first few texts."""
        return list(islice(self.texts, _FIRST))

    def _few(self, texts: Iterable[str]) -> frozenset[str] | None:
        found, count = [], 0
        for text in texts:
            found.append(text)
            count += self.texts[text]
            if count > self._allowed:
                return None
        return frozenset(found)
