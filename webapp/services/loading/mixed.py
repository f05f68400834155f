"""Columns that go in as text although most of their cells are numbers or dates: which cells are to blame."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

from webapp.authoring import Sample
from webapp.intake import Column, read_slices
from webapp.intake.columns import SAMPLE_ROWS
from webapp.intake.doubts import DAYS
from webapp.intake.guess import Guess, Style
from webapp.intake.values import ColumnType, fits, is_placeholder
from webapp.intake.values.days import STYLES
from webapp.services.read_table import ReadTable
from webapp.services.typed_cells import TypedColumn

MOST_NAMED = 5
"""Rows of which the number is said."""
NUMBERS = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL})
DATES = tuple(Style(*each) for each in product((ColumnType.DATE, ColumnType.DATETIME), STYLES))
MOST_OF_THEM = 0.6
"""The share of a column's cells that are dates, in whatever style, where it is said that they go in as texts."""
FIRST_CELLS = 100
"""Cells of which the styles are found out."""

Cell = tuple[int, str]
"""The number of a row, and what stands in it."""


def mixed(
    table: ReadTable | Sample, found: Mapping[str, Column], columns: Sequence[TypedColumn], chosen: Mapping[str, str]
) -> Iterator[str]:
    """A sentence for each column that nobody has chosen to be text, and that looks as if it were not meant to be."""
    looked_at = {
        place: found[column.name]
        for place, column in enumerate(columns)
        if column.is_text and column.name in found and column.name not in chosen and _may_be(found[column.name])
    }
    filled: dict[int, list[Cell]] = {place: [] for place in looked_at}
    for row, cells in islice(_rows(table), SAMPLE_ROWS if looked_at else 0):
        for place, known in filled.items():
            text = cells[place].strip()
            if text and not is_placeholder(text):
                known.append((row, text))
    for place, column in looked_at.items():
        if said := _said(column, filled[place]):
            yield f"{column.name}: {said}"


def rows_named(rows: Sequence[int]) -> str:
    """The numbers of the first rows: 4, 10, 12."""
    more = ", …" if len(rows) > MOST_NAMED else ""
    return f"{', '.join(f'{row:,}' for row in rows[:MOST_NAMED])}{more}"


def _may_be(column: Column) -> bool:
    """Whether a column of text may have been meant to be something else. One in doubt is told of elsewhere."""
    if column.likely:
        return column.likely.kind in NUMBERS | DAYS
    is_text = column.kind is ColumnType.TEXT and not column.doubt
    return is_text and any(fits(text, *style) for text in column.examples for style in DATES)


def _rows(table: ReadTable | Sample) -> Iterator[tuple[int, list[str]]]:
    for slice_ in read_slices(table.path, table.reading):
        yield from zip(slice_.rows, slice_.cells, strict=True)


def _said(column: Column, cells: Sequence[Cell]) -> str:
    likely = column.likely
    styles = [] if likely and likely.kind in NUMBERS else _styles_of([text for _, text in cells[:FIRST_CELLS]])
    if len(styles) > 1 or (styles and not likely):
        return _said_of_dates(styles, cells)
    return _said_of_texts(likely, cells) if likely else ""


def _styles_of(texts: Sequence[str]) -> list[Style]:
    """The fewest styles by which all of these texts are dates that are some, the one of most first."""
    left, styles = Counter(texts), list[Style]()
    while left:
        fitting = {style: [text for text in left if fits(text, *style)] for style in DATES}
        best = max(DATES, key=lambda style: sum(map(left.__getitem__, fitting[style])))
        if not fitting[best]:
            break
        styles.append(best)
        left = Counter({text: count for text, count in left.items() if text not in set(fitting[best])})
    return styles


def _said_of_dates(styles: Sequence[Style], cells: Sequence[Cell]) -> str:
    """What is said of dates that are written in several ways, or of which day and month can't be told apart."""
    examples = dict[Style, str]()
    texts = list[int]()
    for row, text in cells:
        style = next((each for each in styles if fits(text, *each)), None)
        if style:
            examples.setdefault(style, text)
        else:
            texts.append(row)
    dates = len(cells) - len(texts)
    if dates < len(cells) * MOST_OF_THEM:
        return ""
    are = f"dates in {len(styles)} styles ({', '.join(examples.values())})" if len(styles) > 1 else f"{dates:,} dates"
    besides = f" and {_counted(texts)}" if texts else ""
    return f"{are}{besides}: it is loaded as text. To have dates, write all of them as 2026-01-31."


def _said_of_texts(guess: Guess, cells: Sequence[Cell]) -> str:
    others = [row for row, text in cells if not fits(text, guess.kind, guess.style)]
    words = "dates" if guess.kind in DAYS else "numbers"
    return (
        f"{len(cells) - len(others):,} {words} and {_counted(others)}: it is loaded as text. "
        f"To have {words}, choose them in “Columns of another type”: the texts are refused then."
    )


def _counted(rows: Sequence[int]) -> str:
    texts = "1 text" if len(rows) == 1 else f"{len(rows):,} texts"
    return f"{texts} ({'row' if len(rows) == 1 else 'rows'} {rows_named(rows)})"
