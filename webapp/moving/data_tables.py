"""The tables that jobs have loaded: made in PostgreSQL with types of its own, and filled."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from itertools import islice

from sqlalchemy import Connection, inspect
from sqlalchemy.engine.interfaces import ReflectedIndex
from sqlalchemy.exc import DataError

from webapp.errors import Refused
from webapp.moving.sums import Sum, sum_of
from webapp.services.data import (
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    INTEGER,
    REAL,
    Kind,
    ensure_table,
    make_marker_table,
    make_schema,
    marks,
    quoted,
    read_kinds,
)

AT_ONCE = 1_000


def require_no_tables(target: Connection) -> None:
    """Make sure that nothing is there.

    Raises:
        Refused: something is.
    """
    make_schema(target)
    for table in inspect(target).get_table_names():
        found = target.exec_driver_sql(f"SELECT 1 FROM {quoted(target, table)} LIMIT 1").first()  # noqa: S608 (quoted)
        if found is not None:
            raise Refused(
                f"There are rows in this PostgreSQL already, in table {table} of the data database. "
                "A desk is copied into an empty one only; make a new one."
            )


def copy_data(source: Connection, target: Connection) -> dict[str, Sum]:
    """Make every table, copy its rows and compare what arrived. Names are in small letters afterwards.

    Returns:
        What each table holds.

    Raises:
        Refused: a value can't be kept there, or something else arrived than was sent.
    """
    make_marker_table(target)
    return {table.lower(): copy_table(source, target, table) for table in inspect(source).get_table_names()}


def copy_table(
    source: Connection, target: Connection, table: str, keepable: Callable[[object], object] = lambda value: value
) -> Sum:
    """Make one table, copy its rows and compare what arrived.

    Args:
        source: where it is.
        target: where it goes, under its name in small letters.
        table: its name.
        keepable: what is kept for a value.

    Returns:
        What it holds.

    Raises:
        Refused: as for `copy_data`.
    """
    kinds, name = read_kinds(source, table.lower()), table.lower()
    ensure_table(target, name, kinds, ())
    for key in _keys(source, table):
        ensure_table(target, name, {}, key)
    sent = Sum()
    for batch in _batches(source, table, kinds):
        kept = [tuple(map(keepable, values)) for values in batch]
        for values in kept:
            sent.add(values)
        _insert(target, name, list(kinds), kept)
    rows = target.exec_driver_sql(f"SELECT {quoted(target, *kinds)} FROM {quoted(target, name)}")  # noqa: S608 (quoted)
    if sum_of(tuple(row) for row in rows.yield_per(AT_ONCE)) != sent:
        raise Refused(f"Table {name} did not arrive as it was sent, so nothing was copied.")
    return sent


def _keys(source: Connection, table: str) -> Iterator[list[str]]:
    """What tells a table's rows apart, by its rules and its indexes."""
    found = inspect(source)
    keys: list[Sequence[str | None]] = [found.get_pk_constraint(table)["constrained_columns"]]
    keys += [index["column_names"] for index in found.get_indexes(table) if index["unique"] and not _is_partial(index)]
    keys += [rule["column_names"] for rule in found.get_unique_constraints(table)]
    for key in keys:
        names = [name.lower() for name in key if name]
        if names and len(names) == len(key):  # an index over what is computed has no name for it
            yield names


def _is_partial(index: ReflectedIndex) -> bool:
    """Whether an index is of some rows only: it does not tell all of them apart."""
    return any(option.endswith("_where") for option in index.get("dialect_options", {}))


def _batches(source: Connection, table: str, kinds: Mapping[str, Kind]) -> Iterator[list[tuple[object, ...]]]:
    sql = f"SELECT {quoted(source, *kinds)} FROM {quoted(source, table)}"  # noqa: S608 (quoted)
    rows = iter(source.exec_driver_sql(sql).yield_per(AT_ONCE))
    readers = [(name, kind) for name, kind in kinds.items()]
    while batch := list(islice(rows, AT_ONCE)):
        yield [
            tuple(_read(table, name, kind, value) for (name, kind), value in zip(readers, row, strict=True))
            for row in batch
        ]


def _insert(target: Connection, table: str, names: Sequence[str], batch: Sequence[tuple[object, ...]]) -> None:
    values = marks(target, len(names))
    sql = f"INSERT INTO {quoted(target, table)} ({quoted(target, *names)}) VALUES ({values})"  # noqa: S608 (quoted)
    try:
        target.exec_driver_sql(sql, list(batch))
    except DataError as error:
        raise Refused(f"PostgreSQL can't keep a row of table {table}, so nothing was copied: {error.orig}.") from error


def _read(table: str, column: str, kind: Kind, value: object) -> object:
    if value is None:
        return None
    try:
        return _READ.get(kind.words, _text)(value)
    except (TypeError, ValueError, InvalidOperation):
        raise Refused(
            f"Table {table} holds a value in {column} that is not of the column's kind ({kind.words}), so nothing was "
            "copied. Mend it there first."
        ) from None


def _whole(value: object) -> object:
    if not isinstance(value, int):
        raise TypeError
    return value


def _number(value: object) -> object:
    if not isinstance(value, int | float):
        raise TypeError
    return float(value)


def _moment(value: object) -> object:
    moment = datetime.fromisoformat(str(value))
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _text(value: object) -> object:
    if isinstance(value, bytes):
        raise TypeError
    return str(value)


def _yes_or_no(value: object) -> object:
    if value not in {0, 1}:
        raise ValueError
    return bool(value)


_READ: dict[str, Callable[[object], object]] = {
    INTEGER.words: _whole,
    REAL.words: _number,
    DECIMAL.words: lambda value: Decimal(str(value)),
    BOOLEAN.words: _yes_or_no,
    DATE.words: lambda value: date.fromisoformat(str(value)),
    DATETIME.words: _moment,
}
