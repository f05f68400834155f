"""What a load comes to, read from its images: which rows are new, changed, as they were, or gone, and how."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

from sqlalchemy import Connection

from webapp.services.datatables.catalog import quoted
from webapp.services.datatables.identity import equal
from webapp.services.datatables.images import Images

AT_ONCE = 1_000


@dataclass(slots=True)
class Counts:
    """How many rows of the table a load adds, changes, leaves as they are, and takes away."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is new or removed, or a column of a row that is changed; `row` are the values that tell it apart."""

    what: str
    row: tuple[object, ...]
    column: str = ""
    before: object = None
    after: object = None


Note = Callable[[Difference], None]


def compare(connection: Connection, images: Images, key: tuple[str, ...], note: Note) -> Counts:
    """Compare the images of a load; `key` are the columns of the table by which people tell its rows apart."""
    return _by_key(connection, images, key, note) if key else _by_content(connection, images, note)


def _by_key(connection: Connection, images: Images, key: tuple[str, ...], note: Note) -> Counts:
    images.have_index(connection, key)
    counts = Counts()
    places = [images.columns.index(name) for name in key]
    columns, width = images.columns, len(images.columns)
    pairs = (
        f"SELECT b.batchdesk_number, {_named(connection, images, 'b')}, {_named(connection, images, 'a')} "  # noqa: S608
        f"FROM {images.name} a LEFT JOIN {images.name} b ON b.batchdesk_image = 'before' "
        f"AND {equal(connection, 'b', 'a', key)} "
        f"WHERE a.batchdesk_image = 'after' ORDER BY a.batchdesk_number"
    )
    for number, *values in _rows(connection, pairs):
        before, after = values[:width], values[width:]
        row = tuple(after[place] for place in places)
        if number is None:
            counts.new += 1
            note(Difference("new", row))
        elif before == after:
            counts.unchanged += 1
        else:
            counts.changed += 1
            for name, old, new in zip(columns, before, after, strict=True):
                if old != new:
                    note(Difference("changed", row, name, old, new))
    gone = (
        f"SELECT {', '.join(f'b.{quoted(connection, name)}' for name in key)} FROM {images.name} b "  # noqa: S608
        f"WHERE b.batchdesk_image = 'before' AND NOT EXISTS (SELECT 1 FROM {images.name} a "
        f"WHERE a.batchdesk_image = 'after' AND {equal(connection, 'a', 'b', key)}) ORDER BY b.batchdesk_number"
    )
    for row in _rows(connection, gone):
        counts.removed += 1
        note(Difference("removed", row))
    return counts


def _by_content(connection: Connection, images: Images, note: Note) -> Counts:
    """Rows without a key are the same if all of their values are."""
    counts = Counts()
    asked = f"SELECT {_named(connection, images, 'a')} FROM {images.name} a WHERE batchdesk_image = "  # noqa: S608
    there: Counter[bytes] = Counter(_digest(row) for row in _rows(connection, f"{asked}'before'"))
    for row in _rows(connection, f"{asked}'after' ORDER BY batchdesk_number"):
        digest = _digest(row)
        if there[digest] > 0:
            there[digest] -= 1
            counts.unchanged += 1
        else:
            counts.new += 1
            note(Difference("new", row))
    for row in _rows(connection, f"{asked}'before' ORDER BY batchdesk_number") if there.total() else ():
        digest = _digest(row)
        if there[digest] > 0:
            there[digest] -= 1
            counts.removed += 1
            note(Difference("removed", row))
    return counts


def _digest(row: tuple[object, ...]) -> bytes:
    """A row of any width in a few bytes: those of all rows are in memory at once."""
    return blake2b(repr(row).encode(errors="surrogatepass"), digest_size=16).digest()


def _named(connection: Connection, images: Images, alias: str) -> str:
    return ", ".join(f"{alias}.{quoted(connection, name)}" for name in images.columns)


def _rows(connection: Connection, sql: str) -> Iterator[tuple[object, ...]]:
    with connection.exec_driver_sql(sql, execution_options={"yield_per": AT_ONCE}) as found:
        for row in found:
            yield tuple(row)
