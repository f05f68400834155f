"""What the columns of a file hold, from a sample of its rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from webapp.intake.batches import BatchReader
from webapp.intake.guess import guess_type
from webapp.intake.reading import Position, Reading
from webapp.intake.records import first_position, read_slices
from webapp.intake.source import Source
from webapp.intake.values import ColumnType, fits

SAMPLE_ROWS = 20_000
MOST_CELLS = 2_000_000
_PLACES = 16
_EXAMPLES = 3
_EXAMPLE_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Column:
    """One column as the sample shows it. `style` goes with `kind` to `parse_cell`.

    `blanks` and `misfits` count cells of the sample; `confidence` is the share of filled cells that fit, halved where
    day and month could as well be the other way round.
    """

    name: str
    kind: ColumnType
    style: str
    examples: tuple[str, ...]
    blanks: int
    misfits: int
    confidence: float


def profile(path: Path, reading: Reading, sample_rows: int = SAMPLE_ROWS) -> list[Column]:
    """The columns, by half the sample from the file's beginning and half from places all over it.

    `path` is what `prepare` gave.
    """
    most = max(min(sample_rows, MOST_CELLS // max(len(reading.columns), 1)), 20)
    rows = list(islice(_rows(path, reading), most))
    if len(rows) == most:
        rows = [*rows[: most // 2], *_spread(path, reading, most - most // 2)]
    return columns_of(reading, rows)


def columns_of(reading: Reading, rows: Sequence[Sequence[str]]) -> list[Column]:
    """The columns as these rows show them."""
    return [_column(name, [row[place] for row in rows]) for place, name in enumerate(reading.columns)]


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


def _column(name: str, cells: Sequence[str]) -> Column:
    guess = guess_type(cells)
    filled = [cell for cell in cells if cell and not cell.isspace()]
    sure = guess.share if filled else 0.0
    if guess.style == "dmy" and all(fits(cell.strip(), guess.kind, "mdy") for cell in filled):
        sure /= 2
    examples = tuple(cell[:_EXAMPLE_CHARACTERS] for cell in islice(dict.fromkeys(filled), _EXAMPLES))
    misfits = round(len(filled) * (1 - guess.share))
    return Column(name, guess.kind, guess.style, examples, len(cells) - len(filled), misfits, sure)
