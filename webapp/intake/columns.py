"""What the columns of a file hold, from a sample of its rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from webapp.intake.batches import BatchReader
from webapp.intake.code_names import is_code_name
from webapp.intake.doubts import DAYS, doubt_of, witnessed
from webapp.intake.guess import ENOUGH, Guess, Style, guess_type, settle_together
from webapp.intake.reading import Position, Reading
from webapp.intake.records import first_position, read_slices
from webapp.intake.source import Source
from webapp.intake.values import ColumnType, fits

SAMPLE_ROWS = 20_000
MOST_CELLS = 2_000_000
_PLACES = 16
_EXAMPLES = 3
# Of so many cells the greater part says what a column of text may have been meant to be.
_FEW = 100
_MOST = 0.6
_EXAMPLE_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Column:
    """One column as the sample shows it. `style` goes with `kind` to `parse_cell`.

    `blanks`, `placeholders` (n/a and its like) and `misfits` count cells of the sample. `confidence` is the share of
    the cells with a value that fit. A column that can be read in two ways is half as sure, has its `other` way, and
    says in `doubt` what is not clear. `blank_words` says that placeholders are how the column writes an empty cell:
    they are more than the odd one. `likely` is what most cells of a column of text are, where too few are that for it
    to be the column's type: it helps a job that needs dates there to read those that are.
    """

    name: str
    kind: ColumnType
    style: str
    examples: tuple[str, ...]
    blanks: int
    misfits: int
    confidence: float
    placeholders: int = 0
    other: Style | None = None
    doubt: str = ""
    blank_words: bool = False
    likely: Guess | None = None


def profile(path: Path, reading: Reading, sample_rows: int = SAMPLE_ROWS) -> list[Column]:
    """The columns, by half the sample from the file's beginning and half from places all over it.

    `path` is what `prepare` gave.
    """
    most = max(min(sample_rows, MOST_CELLS // max(len(reading.columns), 1)), 20)
    rows = list(islice(_rows(path, reading), most))
    if len(rows) == most:
        rows = [*rows[: most // 2], *_spread(path, reading, most - most // 2)]
        return settle_days(path, reading, columns_of(reading, rows))
    return columns_of(reading, rows)


def columns_of(reading: Reading, rows: Sequence[Sequence[str]]) -> list[Column]:
    """The columns as these rows show them."""
    columns = list(zip(*rows, strict=True)) or [()] * len(reading.columns)
    guesses = settle_together(list(map(guess_type, columns)), reading.delimiter)
    named = zip(reading.columns, columns, guesses, strict=True)
    return [_column(name, cells, _by_name(name, guess)) for name, cells, guess in named]


def settle_days(path: Path, reading: Reading, columns: list[Column]) -> list[Column]:
    """Dates that the sample leaves open, settled by the first cell of the whole file that can."""
    open_ = {
        place: (Style(column.kind, column.style), column.other)
        for place, column in enumerate(columns)
        if column.other and column.kind in DAYS
    }
    for place, style in witnessed(path, reading, open_).items():
        sure = columns[place].confidence * 2
        columns[place] = replace(columns[place], style=style.style, confidence=sure, other=None, doubt="")
    return columns


def _rows(path: Path, reading: Reading) -> Iterator[list[str]]:
    for slice_ in read_slices(path, reading):
        yield from slice_.cells


def _spread(path: Path, reading: Reading, count: int) -> Iterator[list[str]]:
    """Rows from evenly spaced places. A place may lie inside a quoted cell: what is no good row there is left out."""
    start, size = first_position(path, reading).offset, path.stat().st_size
    with path.open("rb") as file:
        source, reader = Source(file), BatchReader(file, reading)
        for place in range(_PLACES):
            offset = source.end_of_line(start + (size - start) * place // _PLACES)
            batch = reader.batch(Position(1, 1, offset))
            good = (cells for cells in batch.cells if cells) if batch else ()
            yield from islice(good, count // _PLACES)


def _column(name: str, cells: Sequence[str], guess: Guess) -> Column:
    filled = [cell for cell in cells if cell and not cell.isspace()]
    values = len(filled) - guess.placeholders
    sure = guess.share / (2 if guess.other else 1) if values else 0.0
    return Column(
        name=name,
        kind=guess.kind,
        style=guess.style,
        examples=tuple(cell[:_EXAMPLE_CHARACTERS] for cell in islice(dict.fromkeys(filled), _EXAMPLES)),
        blanks=len(cells) - len(filled),
        misfits=round(values * (1 - guess.share)),
        confidence=sure,
        placeholders=guess.placeholders,
        other=guess.other,
        doubt=doubt_of(guess, filled),
        blank_words=guess.placeholders > len(filled) * (1 - ENOUGH),
        likely=_likely(filled) if guess.kind is ColumnType.TEXT else None,
    )


def _likely(filled: Sequence[str]) -> Guess | None:
    guess = guess_type(filled[:_FEW], _MOST)
    if guess.kind is ColumnType.TEXT or guess.other is not None:
        return None
    return None if guess.kind in DAYS and _is_contradicted(filled, guess) else guess


def _is_contradicted(filled: Sequence[str], guess: Guess) -> bool:
    """Whether some cell is a date only with day and month the other way round."""
    other = {"dmy": "mdy", "mdy": "dmy"}.get(guess.style[:3])
    flipped = f"{other}{guess.style[3:]}" if other else guess.style
    cells = [cell.strip() for cell in filled[:_FEW]]
    return any(fits(cell, guess.kind, flipped) and not fits(cell, guess.kind, guess.style) for cell in cells)


def _by_name(name: str, guess: Guess) -> Guess:
    """Whole numbers that are called a postcode, an account or the like are codes."""
    is_code = guess.kind is ColumnType.INTEGER and not guess.style and is_code_name(name)
    return replace(guess, kind=ColumnType.CODE) if is_code else guess
