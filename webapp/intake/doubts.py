"""Columns that can be read in two ways: how it is said, and what the rest of the file says."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from webapp.intake.guess import Guess, Style
from webapp.intake.reading import Reading
from webapp.intake.records import read_slices
from webapp.intake.values import ColumnType, fits, parse_cell

DAYS: Final = frozenset({ColumnType.DATE, ColumnType.DATETIME})
_MOST_SEEN = 10_000


def doubt_of(guess: Guess, cells: Iterable[str]) -> str:
    """What is not clear, with a cell that shows it; nothing if all is clear."""
    if guess.other is None:
        return ""
    example = next(_with_two_values(cells, Style(guess.kind, guess.style), guess.other), "")
    shown = f"“{example}”" if example else "each date"
    if guess.kind in DAYS:
        return f"{shown} could be day/month or month/day"
    return f"the “{'.' if '.' in example else ','}” in {shown} could part thousands or decimals"


def _with_two_values(cells: Iterable[str], style: Style, other: Style) -> Iterator[str]:
    for cell in dict.fromkeys(map(str.strip, cells)):
        if cell and fits(cell, *style) and fits(cell, *other) and parse_cell(cell, *style) != parse_cell(cell, *other):
            yield cell


def witnessed(path: Path, reading: Reading, either: Mapping[int, tuple[Style, Style]]) -> dict[int, Style]:
    """For each place in a row, the one of its two styles that alone fits some cell of the file: one cell is enough.

    Reads until all are settled, so through the whole file if one is not. `path` is what `prepare` gave.
    """
    open_, settled = dict(either), dict[int, Style]()
    seen: dict[int, set[str]] = {place: set() for place in either}
    for slice_ in read_slices(path, reading) if open_ else ():
        for place in list(open_):
            texts = {cells[place] for cells in slice_.cells} - seen[place]
            if style := _only_one(texts, *open_[place]):
                settled[place] = style
                del open_[place]
            elif len(seen[place]) < _MOST_SEEN:
                seen[place] |= texts
        if not open_:
            break
    return settled


def _only_one(texts: Iterable[str], one: Style, other: Style) -> Style | None:
    for text in texts:
        if text.strip() and (fits_one := fits(text, *one)) != fits(text, *other):
            return one if fits_one else other
    return None
