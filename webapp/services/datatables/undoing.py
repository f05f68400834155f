"""Undoing a load by its images: rows are put back as they were, but for those that were edited since."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from webapp.authoring import JobError
from webapp.services.datatables import register
from webapp.services.datatables.catalog import is_postgres, quoted, read_columns
from webapp.services.datatables.identity import equal, place_of, writable
from webapp.services.datatables.images import REPLACED, Images, name_of
from webapp.services.datatables.kinds import shown
from webapp.services.datatables.register import Made

VERDICT = "batchdesk_verdict"
MOST_SHOWN = 3  # columns of an edited row of which the reason tells
NOTHING_KEPT = (
    "There is nothing kept by which this load could be undone: it was undone already, it changed nothing, or it is "
    "longer ago than the 30 days for which the rows before and after it are kept."
)


@dataclass(frozen=True, slots=True)
class Left:
    """A row that was not put back; `number` counts the load's rows from 1."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo came to."""

    table: str
    rows: int
    left: Sequence[Left]


def undo(connection: Connection, job_id: UUID, undo_id: UUID) -> Undone:
    """Undo a job's load, in the caller's transaction.

    Raises:
        JobError: it can't be undone, or the database does not take back what was there.
    """
    entry = register.find(connection, job_id)
    name = name_of(job_id)
    if entry is None or entry.made.identity is None or not read_columns(connection, name):
        raise JobError(NOTHING_KEPT)
    kept = tuple(column for column in read_columns(connection, name) if not column.startswith("batchdesk_"))
    images, now_there = Images(name, entry.table, kept, entry.made.identity), read_columns(connection, entry.table)
    if not now_there:
        raise JobError(f"There is no table {entry.table} any more, so nothing of the load can be undone.")
    absent = [column for column in kept if column not in now_there]
    if absent:
        raise JobError(
            f"Table {entry.table} has no column {' and '.join(absent)} any more: what was there has no place."
        )
    try:
        undone = _put_back(connection, images, entry.made, tuple(now_there))
        _take_away_what_was_made(connection, entry.table, entry.made)
    except IntegrityError as error:
        raise JobError(f"Table {entry.table} does not take back what was there before: {error.orig}.") from error
    connection.exec_driver_sql(f"DROP TABLE {name}")
    register.mark_undone(connection, job_id, undo_id)
    return undone


def _put_back(connection: Connection, images: Images, made: Made, there: tuple[str, ...]) -> Undone:
    table = quoted(connection, images.table)
    if is_postgres(connection):
        connection.exec_driver_sql(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
    _judge(connection, images, there)
    count: int = connection.exec_driver_sql(f"SELECT count(*) FROM {VERDICT}").scalar_one()  # noqa: S608
    left = list(_edited(connection, images))
    place = place_of(connection, images.columns, "")
    same = f"SELECT place FROM {VERDICT} WHERE found = 'same' AND earlier IS NULL"  # noqa: S608 (names of ours)
    connection.exec_driver_sql(f"DELETE FROM {table} WHERE {place} IN ({same})")  # noqa: S608
    changing = [quoted(connection, name) for name in _changeable(connection, images)]
    if changing:
        values = ", ".join(f"{name} = b.{name}" for name in changing)
        whose = place_of(connection, images.columns, f"{table}.")
        connection.exec_driver_sql(
            f"UPDATE {table} SET {values} FROM {VERDICT} v JOIN {images.name} b ON b.batchdesk_number = v.earlier "  # noqa: S608
            f"WHERE {whose} = v.place AND v.found = 'same'"
        )
    back, stays = _replaced(connection, images, made, count)
    return Undone(images.table, count + back + len(stays), [*left, *stays])


def _judge(connection: Connection, images: Images, there: tuple[str, ...]) -> None:
    """For each row that the load has left: whether it is as it was left."""
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {VERDICT}")
    by_place = not images.identity
    place = place_of(connection, images.columns, "t.")
    on = f"{place} = a.batchdesk_place" if by_place else equal(connection, "t", "a", images.identity)
    earlier = "b.batchdesk_place = a.batchdesk_place" if by_place else equal(connection, "b", "a", images.identity)
    if not is_postgres(connection):
        there_still = f"{place} = CAST(a.batchdesk_place AS INTEGER)"
        blank = " OR ".join(f"a.{quoted(connection, name)} IS NULL" for name in images.identity)
        on = there_still if by_place else f"({on}) OR (({blank}) AND {there_still})"
    same = " AND ".join(
        [
            *(_unchanged(connection, name) for name in images.columns),
            *(f"t.{quoted(connection, name)} IS NULL" for name in there if name not in images.columns),
        ]
    )
    connection.exec_driver_sql(
        f"CREATE TEMP TABLE {VERDICT} AS SELECT row_number() OVER (ORDER BY a.batchdesk_number) AS number, "  # noqa: S608
        f"a.batchdesk_number AS later, b.batchdesk_number AS earlier, {place} AS place, "
        f"CASE WHEN {place} IS NULL THEN 'gone' WHEN {same} THEN 'same' ELSE 'edited' END AS found "
        f"FROM {images.name} a LEFT JOIN {images.name} b ON b.batchdesk_image = 'before' AND {earlier} "
        f"LEFT JOIN {quoted(connection, images.table)} t ON {on} WHERE a.batchdesk_image = 'after'"
    )


def _unchanged(connection: Connection, name: str) -> str:
    column = quoted(connection, name)
    if is_postgres(connection):
        return f"t.{column}::text IS NOT DISTINCT FROM a.{column}::text"
    return f"(t.{column} IS a.{column} AND typeof(t.{column}) = typeof(a.{column}))"


def _edited(connection: Connection, images: Images) -> Iterator[Left]:
    """The rows that stay as they are, and what differs."""
    names, table = images.columns, quoted(connection, images.table)
    now_there = ", ".join(f"t.{quoted(connection, name)}" for name in names)
    as_left = ", ".join(f"a.{quoted(connection, name)}" for name in names)
    place = place_of(connection, names, "t.")
    rows = connection.exec_driver_sql(
        f"SELECT v.number, v.found, {now_there}, {as_left} FROM {VERDICT} v "  # noqa: S608 (quoted, or ours)
        f"JOIN {images.name} a ON a.batchdesk_number = v.later LEFT JOIN {table} t ON {place} = v.place "
        f"WHERE v.found <> 'same' ORDER BY v.number"
    )
    for number, found, *values in rows:
        here, left = values[: len(names)], values[len(names) :]
        which = " and ".join(f"{name} {shown(left[names.index(name)])}" for name in images.identity)
        row = f"The row with {which}" if which else "The row"
        if found == "gone":
            edited = "" if images.identity else " as the load left it"
            yield Left(
                number, f"{row} is not in the table any more{edited}{_first_of(names, left) if not which else ''}."
            )
        else:
            yield Left(number, f"{row} was edited since: {_differences(names, here, left)}. It stays as it is.")


def _first_of(names: Sequence[str], values: Sequence[object]) -> str:
    told = [f"{name} {shown(value)}" for name, value in zip(names, values, strict=True) if value is not None]
    return f" ({', '.join(told[:MOST_SHOWN])})" if told else ""


def _differences(names: Sequence[str], here: Sequence[object], left: Sequence[object]) -> str:
    found = [
        f"{name} is {_said(now)}, and the load had left {_said(then)}"
        for name, now, then in zip(names, here, left, strict=True)
        if now != then
    ]
    more = len(found) - MOST_SHOWN
    return "; ".join(found[:MOST_SHOWN] or ["a column was added and filled"]) + (
        f"; and {more} more" if more > 0 else ""
    )


def _said(value: object) -> str:
    return "empty" if value is None else shown(value)


def _changeable(connection: Connection, images: Images) -> Sequence[str]:
    free = set(writable(connection, images.table))
    return [name for name in images.columns if name in free and name not in images.identity]


def _replaced(connection: Connection, images: Images, made: Made, count: int) -> tuple[int, list[Left]]:
    """Put back what was there before all rows were replaced, unless a row with the same key is there again."""
    table, columns = quoted(connection, images.table), quoted(connection, *images.columns)
    was = f"substr(b.batchdesk_place, 1, {len(REPLACED)}) = '{REPLACED}'"
    gone = f"FROM {images.name} b WHERE b.batchdesk_image = 'before' AND {was}"
    there = f"EXISTS (SELECT 1 FROM {table} t WHERE {equal(connection, 't', 'b', made.key)})" if made.key else "1 = 0"  # noqa: S608
    keys = quoted(connection, *made.key) if made.key else "NULL"
    blocked = connection.exec_driver_sql(f"SELECT {keys} {gone} AND {there} ORDER BY b.batchdesk_number").all()
    identity = " OVERRIDING SYSTEM VALUE" if is_postgres(connection) else ""
    if blocked:
        numbers = f"SELECT b.batchdesk_number {gone} AND {there}"
        connection.exec_driver_sql(f"DELETE FROM {images.name} WHERE batchdesk_number IN ({numbers})")  # noqa: S608
    if made.index:  # those that were there before may repeat the key
        connection.exec_driver_sql(f"DROP INDEX IF EXISTS {made.index}")
    back = connection.exec_driver_sql(
        f"INSERT INTO {table} ({columns}){identity} SELECT {columns} {gone} ORDER BY b.batchdesk_number"
    ).rowcount
    stays = [
        Left(
            count + back + index,
            "What was there before with "
            + " and ".join(f"{name} {shown(value)}" for name, value in zip(made.key, row, strict=True))
            + " was not put back: a row with the same key is there again.",
        )
        for index, row in enumerate(blocked, 1)
    ]
    return back, stays


def _take_away_what_was_made(connection: Connection, table: str, made: Made) -> None:
    """Drop what the load has made, as far as nothing is in it."""
    name = quoted(connection, table)
    if made.table and connection.exec_driver_sql(f"SELECT 1 FROM {name} LIMIT 1").first() is None:  # noqa: S608
        connection.exec_driver_sql(f"DROP TABLE {name}")
        return
    there = read_columns(connection, table)
    for column in () if made.table else made.columns:
        quoted_column = quoted(connection, column)
        filled = f"SELECT 1 FROM {name} WHERE {quoted_column} IS NOT NULL LIMIT 1"  # noqa: S608
        if column in there and connection.exec_driver_sql(filled).first() is None:
            try:
                with connection.begin_nested():
                    connection.exec_driver_sql(f"ALTER TABLE {name} DROP COLUMN {quoted_column}")
            except DBAPIError:
                continue  # something else hangs on it by now
