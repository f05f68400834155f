"""The desk's own tables, copied row by row as they are."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text, update
from sqlmodel import SQLModel

import webapp.store.tables  # noqa: F401 (its tables register themselves)
from webapp.errors import Refused
from webapp.moving.sums import Sum, sum_of
from webapp.store.postgres import without_nul

AT_ONCE = 1_000


def tables() -> Sequence[Table]:
    """All of them, each after those that it refers to."""
    return SQLModel.metadata.sorted_tables


def require_empty(target: Connection) -> None:
    """Make sure that nothing is there.

    Raises:
        Refused: something is.
    """
    for table in tables():
        if target.execute(select(table).limit(1)).first() is not None:
            raise Refused(
                f"There is a desk in this PostgreSQL already: its table {table.name} is not empty. "
                "A desk is copied into an empty database only; make a new one."
            )


def copy_desk(source: Connection, target: Connection) -> dict[str, Sum]:
    """Copy every table, and compare what arrived.

    Returns:
        What each table holds.

    Raises:
        Refused: something else arrived than was sent.
    """
    sums: dict[str, Sum] = {}
    for table in tables():
        sent = Sum()
        for batch in _batches(source, table):
            for values in batch:
                sent.add(list(values.values()))
            target.execute(insert(table), [_without_own(table, values) for values in batch])
        _refer_to_own(source, target, table)
        _set_sequence(target, table)
        arrived = sum_of(target.execute(select(table)).yield_per(AT_ONCE))
        if arrived != sent:
            raise Refused(f"Table {table.name} did not arrive as it was sent, so nothing was copied.")
        sums[table.name] = sent
    return sums


def _batches(source: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    found = source.execution_options(yield_per=AT_ONCE).execute(select(table)).mappings()
    rows = ({name: without_nul(value) for name, value in row.items()} for row in found)
    while batch := list(islice(rows, AT_ONCE)):
        yield batch


def _own(table: Table) -> list[str]:
    """Columns that refer to other rows of the same table, which may come later."""
    return [column.name for column in table.columns for key in column.foreign_keys if key.column.table is table]


def _without_own(table: Table, values: dict[str, Any]) -> dict[str, Any]:
    return {**values, **dict.fromkeys(_own(table))}


def _refer_to_own(source: Connection, target: Connection, table: Table) -> None:
    for name in _own(table):
        column, key = table.columns[name], table.columns["id"]
        for row_id, other in source.execute(select(key, column).where(column.is_not(None))):
            target.execute(update(table).where(key == row_id).values({name: other}))


def _set_sequence(target: Connection, table: Table) -> None:
    """Let the next number follow on the greatest that is there."""
    for column in table.primary_key.columns:
        quoted = target.dialect.identifier_preparer.format_table(table)
        asked = {"table": quoted, "column": column.name}
        found = select(func.pg_get_serial_sequence(text(":table"), text(":column")))
        sequence = target.execute(found, asked).scalar() if column.type.python_type is int else None
        greatest = target.execute(select(func.max(column))).scalar() if sequence else None
        if greatest is not None:
            target.execute(select(func.setval(sequence, greatest)))
