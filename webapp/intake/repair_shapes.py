"""What the cells of each column look like in the good rows, to judge by where a broken record's cells belong."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from webapp.intake.batches import BatchReader
from webapp.intake.reading import Position, Reading

SAMPLE_ROWS = 1_000
_SAMPLE_CELLS = 200_000
# Fewer rows prove nothing.
_FEWEST = 8
_FEWEST_ALIKE = 3
_ENOUGH_FIRSTS = 30
_MOST_PATTERNS = 12
_MOST_VALUES = 30
_TELLING = re.compile(r"[0-9@]|://")
_DIGIT, _CAPITAL, _SMALL = re.compile(r"[0-9]"), re.compile(r"[^\W\d_a-zß-öø-ÿ]"), re.compile(r"[^\W\dA0_]")
_RUN = re.compile(r"(0|A|a)\1+")
_FRACTION = re.compile(r"(?<![0.,:/-])0[.,]0(?![0.,:/-])")
_CODE = re.compile(r"[^\W\d_]{1,12}\Z")
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """The cells of one column: whether there are empty and filled ones, and what kinds of characters they begin with.

    `values` are all there are, if they are few, `exact` and `loose` all the patterns of them, if those are few and
    telling; where none of the three is known, the column holds text.
    """

    empty: bool = True
    filled: bool = True
    firsts: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    exact: frozenset[str] = frozenset()
    loose: frozenset[str] = frozenset()

    @property
    def strict(self) -> bool:
        """Whether it tells a cell of this column from others."""
        return bool(self.values or self.exact or self.loose)

    def fits(self, cell: str) -> bool:
        """Whether the cell is like those of the column."""
        if not cell.strip():
            return self.empty
        if not self.filled or (self.firsts and _exact(cell[0]) not in self.firsts):
            return False
        if not self.strict or cell in self.values:
            return True
        return _exact(cell) in self.exact or _loose(cell) in self.loose

    def allows(self, cell: str) -> bool:
        """Whether the cell may be one of the column's, though none of them is like it."""
        return not self.strict or not cell.strip() or self.fits(cell)


ANYTHING = ColumnShape()


def learn_shapes(path: Path, reading: Reading, start: Position) -> tuple[ColumnShape, ...]:
    """The shapes of all columns, by the first thousand good rows from `start` on."""
    width = len(reading.columns)
    most = min(SAMPLE_ROWS, max(_SAMPLE_CELLS // max(width, 1), _FEWEST))
    with path.open("rb") as file:
        rows = list(islice(_good_rows(BatchReader(file, reading), start), most))
    return shapes_of(rows, width)


def shapes_of(rows: Sequence[Sequence[str]], width: int) -> tuple[ColumnShape, ...]:
    """The shapes of `width` columns as these rows show them; of a few rows, only what is alike in all of them."""
    if len(rows) < _FEWEST:
        return tuple(_alike([row[place] for row in rows]) for place in range(width))
    return tuple(_shape([row[place] for row in rows]) for place in range(width))


def _good_rows(reader: BatchReader, start: Position) -> Iterable[list[str]]:
    for batch in reader.batches(start):
        yield from (cells for cells in batch.cells if cells)


def _alike(cells: Sequence[str]) -> ColumnShape:
    """The shape of a column in a few rows."""
    patterns = frozenset(map(_loose, cells))
    telling = len(patterns) == 1 and len(cells) >= _FEWEST_ALIKE and all(map(_TELLING.search, patterns))
    return ColumnShape(empty=False, loose=patterns) if telling else ANYTHING


def _shape(cells: Sequence[str]) -> ColumnShape:
    filled = [cell for cell in cells if cell.strip()]
    empty, firsts = len(filled) < len(cells), {_exact(cell[0]) for cell in filled}
    if len(filled) < _ENOUGH_FIRSTS:
        firsts.clear()
    shape = ColumnShape(empty=empty, filled=bool(filled), firsts=frozenset(firsts))
    if len(filled) < _FEWEST or any(len(cell) > _LONGEST for cell in filled):
        return shape
    values = frozenset(filled)
    exact, loose = frozenset(map(_exact, values)), frozenset(map(_loose, values))
    telling = _is_telling(loose, len(filled))
    fixed = len(exact) == 1 and telling  # dates and codes of one length: no other length will do
    return replace(
        shape,
        values=values if _are_codes(values, len(filled)) else frozenset(),
        exact=exact if fixed else frozenset(),
        loose=loose if telling and not fixed else frozenset(),
    )


def _are_codes(values: frozenset[str], cells: int) -> bool:
    """Whether these are all the words that the column ever holds, as countries or states are."""
    few = len(values) <= _MOST_VALUES and len(values) * 10 <= cells
    return few and cells >= _ENOUGH_FIRSTS and all(_CODE.match(value) for value in values)


def _is_telling(patterns: frozenset[str], cells: int) -> bool:
    few = len(patterns) <= _MOST_PATTERNS and len(patterns) * 4 <= cells
    return few and all(_TELLING.search(pattern) for pattern in patterns)


def _exact(cell: str) -> str:
    """The cell with 0 for each digit, A and a for letters: "RI-8070" is "AA-0000"."""
    return _SMALL.sub("a", _CAPITAL.sub("A", _DIGIT.sub("0", cell[:_LONGEST])))


def _loose(cell: str) -> str:
    """As `_exact`, with one character for each run of them and for a number with its fraction: "RI-8070" is "A-0"."""
    return _FRACTION.sub("0", _RUN.sub(r"\1", _exact(cell)))
