"""Whether a table's first rows name the columns, and the names themselves."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.intake.shapes import CellShape, shape_of

_NAMES = frozenset(
    {
        *("id", "name", "email", "e-mail", "mail", "date", "amount", "country", "city", "street", "address", "phone"),
        *("number", "no", "code", "note", "notes", "comment", "status", "type", "price", "quantity", "qty", "total"),
        *("title", "description", "url", "category", "value", "time", "year", "month", "first", "last", "key", "text"),
        *("datum", "betrag", "menge", "preis", "ort", "plz", "nummer", "nom", "prénom", "montant", "fecha", "importe"),
    },
)
_YEAR = re.compile(r"(?:FY ?)?(?:19|20)\d\d(?:[-/](?:\d\d|(?:19|20)\d\d))?\Z")
_UNIT = re.compile(
    r"(?:[\[(<][^\])>]{1,20}[\])>]|[a-zA-Zµμ°Ω%€$£/²³^·0-9-]{1,5}(?:[/·^ ][a-zA-Zµ°%²³0-9-]{1,6}){0,3}|"
    r"text|string|integer|int|float|double|number|date|datetime|boolean|bool|varchar|char|numeric|days?|years?|"
    r"hours?|minutes?|seconds?|percent|count|deg[a-z.]*|units?|meters?|metres?)\Z",
    re.IGNORECASE,
)
_EXACT = frozenset({CellShape.NUMBER, CellShape.MOMENT, CellShape.ADDRESS})
_SURE = 0.8
_LIKELY = 0.7


@dataclass(frozen=True, slots=True)
class _Below:
    """What stands in one column below a cell."""

    shape: CellShape
    share: float
    filled: float
    cells: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Whether nearly all cells are numbers, dates, or addresses."""
        return self.shape in _EXACT and self.share >= _SURE

    @property
    def mostly_exact(self) -> bool:
        """The same, as far as some rows of a header may still be among the cells."""
        return self.shape in _EXACT and self.share >= _LIKELY


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: it differs in kind from the cells below it."""
    first, body = rows[0], [row for row in rows[1:] if not repeats(row, rows[0])]
    shapes = [shape_of(cell) for cell in first]
    filled = [cell.strip() for cell in first if cell.strip()]
    values = sum(shape in _EXACT for shape in shapes)
    if values and _are_years(first, body):
        return True
    if not filled or values * 2 >= len(filled):
        return False
    if not body:
        return values == 0 and len(rows) < 3  # noqa: PLR2004 - the same row thirty times is no header
    below = [_below([row[place] for row in body if place < len(row)]) for place in range(len(first))]
    votes = sum(_vote(cell.strip(), shape, column) for cell, shape, column in zip(first, shapes, below, strict=True))
    named = sum(1.0 for cell in filled if _NAMES.intersection(re.split(r"[\s_.]+", cell.lower())))
    distinct = len({cell.lower() for cell in filled}) == len(filled)
    return votes + min(named, 3) + (0.5 if distinct and len(filled) == len(first) else -0.5 * (not distinct)) > 0


def repeats(cells: Sequence[str], names: Sequence[str]) -> bool:
    """Whether most of what is written in a row are names of the columns: the header once more."""
    own = {name.strip() for name in names} - {""}
    filled = [cell.strip() for cell in cells if cell.strip()]
    return len(filled) > 1 and sum(cell in own for cell in filled) * 2 > len(filled)


def continues_header(
    above: Sequence[Sequence[str]], cells: Sequence[str], body: Sequence[Sequence[str]], width: int, *, apart: bool
) -> bool:
    """Whether the row below a header belongs to it: parts of names, units, or the same names once more.

    Below a blank line, `apart`, only parts of names do.
    """
    texts = [cell.strip() for cell in cells]
    if texts == [cell.strip() for cell in above[-1]] and len(texts) > 1 and not apart:
        return True
    shapes = [shape_of(cell) for cell in cells]
    if not any(texts) or len(cells) > width + 1 or any(shape in _EXACT for shape in shapes):
        return False
    below = [_below([row[place] for row in body if place < len(row)]) for place in range(len(cells))]
    typed = [place for place, column in enumerate(below) if column.mostly_exact]
    strange = [place for place in typed if texts[place] and shapes[place] is not CellShape.EMPTY]
    if not strange:
        return _fills_gaps(above, texts, below)
    if not apart and all(_UNIT.match(text) for text in texts if text) and len(strange) * 2 >= len(typed):
        return not any(text and text in column.cells for text, column in zip(texts, below, strict=True))
    return _hangs_below(above, texts, below)


def is_group_row(above: Sequence[str], header: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether the row above a header names groups of its columns."""
    places = [place for place, cell in enumerate(above) if cell.strip()]
    texts = [above[place].strip() for place in places]
    if not places or not body or any(shape_of(text) in _EXACT and not _YEAR.match(text) for text in texts):
        return False
    if any(not _cell(header, place) and not any(_cell(row, place) for row in body) for place in places):
        return False
    names = [cell.strip().lower() for cell in header if cell.strip()]
    if len(set(names)) < len(names):
        return True
    return len(places) > 1 and (places[0] > 0 or places[1] > 1)


def typed_columns(body: Sequence[Sequence[str]], width: int) -> list[int]:
    """The places of the columns whose cells are nearly all numbers, dates, or addresses."""
    below = (_below([row[place] for row in body if place < len(row)]) for place in range(width))
    return [place for place, column in enumerate(below) if column.exact]


def looks_like_header(
    cells: Sequence[str], following: Sequence[Sequence[str]], typed: Sequence[int], names: Sequence[str]
) -> bool:
    """Whether a row below a table with these `typed_columns` is the header of another one."""
    texts = [cell.strip() for cell in cells]
    filled = [text for text in texts if text]
    if len(filled) < 2 or any(shape_of(text) in _EXACT for text in filled):  # noqa: PLR2004
        return False
    if len({text.lower() for text in filled}) < len(filled):
        return False
    if texts[0] and names and texts[0] == names[0].strip():
        return True
    strange = bool(typed) and all(place < len(texts) and texts[place] for place in typed)
    return strange and has_header([list(cells), *following])


def column_names(cells: Sequence[str], width: int) -> tuple[str, ...]:
    """A name for each of `width` columns: "Column 3" where it is empty, "Name 2" where it is repeated."""
    names: list[str] = []
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    given = {" ".join(cell.split()) for cell in cells}
    for place in range(width):
        name = " ".join(cells[place].split()) if place < len(cells) else ""
        name = _free_name(name or f"Column {place + 1}", taken, given, numbers)
        taken.add(name)
        names.append(name)
    return tuple(names)


def _free_name(name: str, taken: set[str], given: set[str], numbers: dict[str, int]) -> str:
    """The name itself or with the next number; `numbers` keeps the last one, for all columns may be called alike."""
    if name not in taken:
        return name
    number = numbers.get(name, 1) + 1
    while (numbered := f"{name} {number}") in taken or numbered in given:
        number += 1
    numbers[name] = number
    return numbered


def _vote(name: str, shape: CellShape, below: _Below) -> float:
    """For a header: the cell does not fit the kind of those below. Against: it does, or stands below as well."""
    if below.exact:
        if not name:
            return 0
        return -1 if shape is below.shape and not _YEAR.match(name) else 1 if shape not in _EXACT else -0.5
    if name and name in below.cells:
        return -1
    if below.shape is CellShape.CODE and below.share >= _SURE:
        return {CellShape.CODE: -0.2, CellShape.WORDS: 0.7, CellShape.OTHER: 0.2}.get(shape, 0)
    lengths = {len(cell) for cell in below.cells}
    if len(below.cells) > 2 and len(lengths) == 1 and len(name) not in lengths:  # noqa: PLR2004
        return 0.5
    return 0.2 if name and shape is CellShape.WORDS and below.shape is CellShape.OTHER else 0


def _below(cells: Sequence[str]) -> _Below:
    filled = [cell.strip() for cell in cells[:500] if cell and not cell.isspace()]
    shapes = Counter(shape for shape in map(shape_of, filled) if shape is not CellShape.EMPTY)
    if not shapes:
        return _Below(CellShape.EMPTY, 0.0, 0.0, tuple(filled))
    shape, count = shapes.most_common(1)[0]
    return _Below(shape, count / shapes.total(), len(filled) / len(cells[:500]), tuple(filled))


def _are_years(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether the numbers in a first row are the years that its columns are of."""
    shapes = [shape_of(cell) for cell in first]
    years = [cell.strip() for cell, shape in zip(first, shapes, strict=True) if shape in _EXACT]
    if not all(map(_YEAR.match, years)) or len(set(years)) < len(years) or shapes[0] in _EXACT or len(years) < 2:  # noqa: PLR2004
        return False
    places = [place for place, shape in enumerate(shapes) if shape in _EXACT]
    cells = [_cell(row, place) for row in body[:50] for place in places]
    return sum(1 for cell in cells if _YEAR.match(cell)) * 2 < len(cells)


def _fills_gaps(above: Sequence[Sequence[str]], texts: Sequence[str], below: Sequence[_Below]) -> bool:
    """Whether all that is written in the row stands where the header has no name yet, over filled columns."""
    places = [place for place, text in enumerate(texts) if text]
    empty = [place for place, text in enumerate(texts) if not text and below[place].filled > 0.9]  # noqa: PLR2004
    return bool(empty) and all(not _cell(row, place) for row in above for place in places)


def _hangs_below(above: Sequence[Sequence[str]], texts: Sequence[str], below: Sequence[_Below]) -> bool:
    """Whether the row leaves out columns that are named and filled: it divides the others."""
    return any(
        not text and below[place].filled > 0.9 and any(_cell(row, place) for row in above)  # noqa: PLR2004
        for place, text in enumerate(texts)
    )


def _cell(row: Sequence[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""
