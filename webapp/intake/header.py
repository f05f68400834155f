"""Whether a table's first row names the columns, and the names themselves."""

from collections.abc import Sequence

from webapp.intake.guess import guess_type
from webapp.intake.values import ColumnType, fits

_NAMES = frozenset(
    {
        *("id", "name", "email", "e-mail", "mail", "date", "amount", "country", "city", "street", "address", "phone"),
        *("number", "no", "code", "note", "notes", "comment", "status", "type", "price", "quantity", "qty", "total"),
        *("title", "description", "url", "category", "value", "time", "year", "month", "first", "last", "key", "text"),
    },
)


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: it differs in kind from the cells below it."""
    first, body = rows[0], rows[1:]
    if any(_is_value(cell) for cell in first) and sum(map(_is_value, first)) * 2 >= len(first):
        return False
    if not body:
        return not any(map(_is_value, first))
    votes = sum(_vote(name, [row[place] for row in body if place < len(row)]) for place, name in enumerate(first))
    named = sum(_is_name(cell) for cell in first)
    distinct = len({cell.strip().lower() for cell in first}) == len(first)
    return votes + named + (0.5 if distinct and all(cell.strip() for cell in first) else -0.5) > 0


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


def _vote(name: str, cells: Sequence[str]) -> float:
    """For a header: the cell does not fit the type of those below. Against: it does, or stands below as well."""
    guess = guess_type(cells)
    if guess.kind is not ColumnType.TEXT:
        return -1 if name.strip() and fits(name, guess.kind, guess.style) else 1
    filled = [cell for cell in cells if cell.strip()]
    if name.strip() and name in filled:
        return -1
    lengths = {len(cell) for cell in filled}
    return 0.5 if len(filled) > 2 and len(lengths) == 1 and len(name) not in lengths else 0  # noqa: PLR2004


def _is_value(cell: str) -> bool:
    kinds = (ColumnType.DECIMAL, ColumnType.DATE, ColumnType.DATETIME, ColumnType.EMAIL)
    stripped = cell.strip()
    return bool(stripped) and (stripped.isdigit() or any(fits(stripped, kind) for kind in kinds))


def _is_name(cell: str) -> float:
    words = cell.lower().replace("_", " ").split()
    return 1.0 if _NAMES.intersection(words) else 0.0
