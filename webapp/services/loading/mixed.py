"""Columns that go in as text although most of their cells are numbers or dates: which cells are to blame."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from webapp.authoring import Sample
from webapp.intake import Column, read_slices
from webapp.intake.columns import SAMPLE_ROWS
from webapp.intake.doubts import DAYS
from webapp.intake.guess import Guess
from webapp.intake.values import ColumnType, fits, is_placeholder
from webapp.services.read_table import ReadTable
from webapp.services.typed_cells import TypedColumn

MOST_NAMED = 5
"""Rows of which the number is said."""
NUMBERS = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL})


def mixed(
    table: ReadTable | Sample, found: Mapping[str, Column], columns: Sequence[TypedColumn], chosen: Mapping[str, str]
) -> Iterator[str]:
    """A sentence for each column that nobody has chosen to be text, and that looks as if it were not meant to be."""
    likely = {
        column.name: guess
        for column in columns
        if column.is_text and column.name in found and column.name not in chosen
        if (guess := found[column.name].likely) and guess.kind in NUMBERS | DAYS
    }
    if not likely:
        return
    places = {table.columns.index(name): guess for name, guess in likely.items()}
    fitting = dict.fromkeys(places, 0)
    others: dict[int, list[int]] = {place: [] for place in places}
    for row, cells in islice(_rows(table), SAMPLE_ROWS):
        for place, guess in places.items():
            text = cells[place].strip()
            if not text or is_placeholder(text):
                continue
            if fits(text, guess.kind, guess.style):
                fitting[place] += 1
            else:
                others[place].append(row)
    for place, guess in places.items():
        yield _sentence(table.columns[place], guess, fitting[place], others[place])


def _rows(table: ReadTable | Sample) -> Iterator[tuple[int, list[str]]]:
    for slice_ in read_slices(table.path, table.reading):
        yield from zip(slice_.rows, slice_.cells, strict=True)


def _sentence(name: str, guess: Guess, fitting: int, others: Sequence[int]) -> str:
    words = "dates" if guess.kind in DAYS else "numbers"
    more = ", …" if len(others) > MOST_NAMED else ""
    rows = f"{'row' if len(others) == 1 else 'rows'} {', '.join(f'{row:,}' for row in others[:MOST_NAMED])}{more}"
    texts = "1 text" if len(others) == 1 else f"{len(others):,} texts"
    return (
        f"{name}: {fitting:,} {words} and {texts} ({rows}): it is loaded as text. "
        f"To have {words}, choose them in “Types of single columns”: the texts are refused then."
    )
