"""Which pieces of a record belong to which column, if the shapes of the columns leave only one answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from webapp.intake.repair_cells import Piece
from webapp.intake.repair_shapes import ColumnShape

_MOST_SURPLUS = 40
_MOST_WORK = 400_000
_LONGEST_SPLIT = 2_000
_DEEPEST = 160  # columns: each is a call within a call


@dataclass(frozen=True, slots=True)
class Fit:
    """The cells as they would be, and in words what was done to get them."""

    cells: tuple[str, ...]
    note: str


def fits_all(cells: Sequence[str], shapes: Sequence[ColumnShape]) -> bool:
    """Whether each cell is like those of its column."""
    return all(map(ColumnShape.fits, shapes, cells))


def one_of(fits: Iterator[Fit]) -> Fit | None:
    """The only answer there is, or none where several lead to other cells."""
    first = next(fits, None)
    if first is None or any(other.cells != first.cells for other in islice(fits, 500)):
        return None
    return first


def without_surplus(pieces: Sequence[Piece], shapes: Sequence[ColumnShape], delimiter: str) -> Iterator[Fit]:
    """Every way to come down to as many cells as there are columns: empty cells left out, or parts put together."""
    surplus = len(pieces) - len(shapes)
    if not 0 < surplus <= _MOST_SURPLUS or len(shapes) * surplus * surplus > _MOST_WORK:
        return
    cells = tuple(piece.text for piece in pieces)
    yield from _with_one_left_out(cells, shapes) if surplus == 1 else ()
    yield from _put_together(pieces, shapes, delimiter)


def without_gap(
    pieces: Sequence[Piece], shapes: Sequence[ColumnShape], names: Sequence[str], quote: str
) -> Iterator[Fit]:
    """Every way to find the one cell that is missing: an empty one put in, or two that run together parted."""
    cells = tuple(piece.text for piece in pieces)
    if len(cells) + 1 != len(shapes):
        return
    before, after = _agreement(cells, shapes, 0), _agreement(cells, shapes, 1)
    for place in range(len(shapes)):
        if before[place] and after[place] and shapes[place].fits(""):
            made = (*cells[:place], "", *cells[place:])
            yield Fit(made, f"The cell missing in column “{names[place]}” was left empty.")
    for place, piece in enumerate(pieces):
        if before[place] and after[place + 1]:
            halves = list(_quoted_halves(piece, quote)) or _halves(piece.text, shapes[place])
            for left, right in halves:
                if shapes[place].fits(left) and shapes[place + 1].fits(right):
                    made = (*cells[:place], left, right, *cells[place + 1 :])
                    yield Fit(made, f"“{short(piece.text)}” was parted into “{short(left)}” and “{short(right)}”.")


def _quoted_halves(piece: Piece, quote: str) -> Iterator[tuple[str, str]]:
    """Two cells that only quotes part: "one""two", and one"two"."""
    text = piece.text if piece.quoted else piece.text.removesuffix(quote)
    if quote and (piece.quoted or text != piece.text):
        parts = text.split(quote)
        yield from ((quote.join(parts[:at]), quote.join(parts[at:])) for at in range(1, len(parts)))


def _halves(cell: str, first: ColumnShape) -> Iterator[tuple[str, str]]:
    if first.strict and not first.fits(cell):  # "17" is one number, though 1 and 7 are two
        yield from ((cell[:at], cell[at:]) for at in range(1, min(len(cell), _LONGEST_SPLIT)))


def _agreement(cells: Sequence[str], shapes: Sequence[ColumnShape], shift: int) -> list[bool]:
    """By place: whether all cells before it fit as they stand; or, with a shift, all from it on as shifted."""
    found = [True] * (len(shapes) + 1)
    if not shift:
        for place, cell in enumerate(cells):
            found[place + 1] = found[place] and shapes[place].fits(cell)
        return found
    for place in range(len(cells) - 1, -1, -1):
        found[place] = found[place + 1] and shapes[place + shift].fits(cells[place])
    return found


def _with_one_left_out(cells: tuple[str, ...], shapes: Sequence[ColumnShape]) -> Iterator[Fit]:
    width = len(shapes)
    fits_before, fits_after = [True], [True]
    for place in range(width):
        fits_before.append(fits_before[-1] and shapes[place].fits(cells[place]))
    for place in range(width - 1, -1, -1):
        fits_after.append(fits_after[-1] and shapes[place].fits(cells[place + 1]))
    for place, cell in enumerate(cells):
        if not cell and fits_before[place] and fits_after[width - place]:
            left = (*cells[:place], *cells[place + 1 :])
            where = f"before “{short(cells[place + 1])}”" if place < width else "at the end"
            yield Fit(left, f"The empty cell {where} was left out.")


def _put_together(pieces: Sequence[Piece], shapes: Sequence[ColumnShape], delimiter: str) -> Iterator[Fit]:
    """Neighbours made one cell: from column to column, and back where nothing fits."""
    width, surplus = len(shapes), len(pieces) - len(shapes)
    dead: set[tuple[int, int]] = set()  # leads nowhere, not to be tried again

    def go(column: int, at: int, made: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if column == width and at == len(pieces):
            yield made
        elif column < width and (column, at) not in dead:
            alive = False
            for end, cell in _first_cells(pieces, at, column + surplus + 1, delimiter):
                if shapes[column].fits(cell):
                    for result in go(column + 1, end, (*made, cell)):
                        alive = True
                        yield result
            if not alive:
                dead.add((column, at))

    if width <= _DEEPEST:
        for made in go(0, 0, ()):
            yield Fit(made, f"{_quoted(made, pieces)} put together.")


def _first_cells(pieces: Sequence[Piece], at: int, last: int, delimiter: str) -> Iterator[tuple[int, str]]:
    """What the cell at `at` may be: one piece or several, up to before a quoted or empty one, for that is a cell."""
    yield at + 1, pieces[at].text
    for end in range(at + 2, last + 1):
        if any(piece.quoted or not piece.text for piece in pieces[at:end]):
            return
        yield end, delimiter.join(piece.text for piece in pieces[at:end])


def _quoted(made: Sequence[str], pieces: Sequence[Piece]) -> str:
    before = {piece.text for piece in pieces}
    merged = [f"“{short(cell)}”" for cell in made if cell not in before]
    return " and ".join(merged[:3]) + (" was" if len(merged) == 1 else " were each")


def short(text: str) -> str:
    """A cell as it is named in a note."""
    return text if len(text) <= 60 else f"{text[:59]}…"  # noqa: PLR2004
