"""The tables of the data database: made when they are first written to, widened when rows bring new columns."""

import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, OperationalError

from webapp.authoring import JobError
from webapp.services.datatables.kinds import Kind, kind_of_declared

MOST_COLUMNS = 2_000
"""What SQLite keeps in one table."""


def ensure_table(connection: Connection, table: str, wanted: Mapping[str, Kind], key: Sequence[str]) -> dict[str, Kind]:
    """Make the table, its missing columns and the unique index over `key`, as far as they are not there.

    Returns:
        The kinds of all its columns as they stand: of a column that was there before, its own.

    Raises:
        JobError: the table would be too wide, is not a table, or holds rows that are alike in `key`.
    """
    kinds = read_kinds(connection, table)
    missing = {name: kind for name, kind in wanted.items() if name not in kinds}
    if len(kinds) + len(missing) > MOST_COLUMNS:
        raise JobError(
            f"Table {table} would have {len(kinds) + len(missing):,} columns; {MOST_COLUMNS:,} is the most it can keep."
        )
    if missing:
        _create(connection, table, missing, exists=bool(kinds))
    if key:
        _index(connection, table, key)
    return kinds | missing


def read_kinds(connection: Connection, table: str) -> dict[str, Kind]:
    """The columns of a table and their kinds; empty if there is no such table.

    Raises:
        JobError: the name belongs to something else than a table.
    """
    found = connection.exec_driver_sql("SELECT type FROM sqlite_schema WHERE lower(name) = ?", (table,)).scalar()
    if found not in {None, "table"}:
        raise JobError(f"{table} is not a table in the data database ({found}): choose another name.")
    columns = connection.exec_driver_sql("SELECT name, type FROM pragma_table_info(?)", (table,))
    return {str(name).lower(): kind_of_declared(declared) for name, declared in columns}


def quoted(connection: Connection, *names: str) -> str:
    """Names as they stand in a statement, in the way of the database, with commas between."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    return ", ".join(quote(name) for name in names)


def _create(connection: Connection, table: str, columns: Mapping[str, Kind], *, exists: bool) -> None:
    definitions = [f"{quoted(connection, name)} {kind.declared}" for name, kind in columns.items()]
    name = quoted(connection, table)
    if exists:
        for definition in definitions:
            connection.exec_driver_sql(f"ALTER TABLE {name} ADD COLUMN {definition}")
    else:
        connection.exec_driver_sql(f"CREATE TABLE {name} ({', '.join(definitions)})")


def _index(connection: Connection, table: str, key: Sequence[str]) -> None:
    digest = hashlib.sha256("\n".join([table, *key]).encode()).hexdigest()[:16]
    index, on = quoted(connection, f"batchdesk_key_{digest}"), quoted(connection, table)
    try:
        connection.exec_driver_sql(f"CREATE UNIQUE INDEX IF NOT EXISTS {index} ON {on} ({quoted(connection, *key)})")
    except IntegrityError:
        raise JobError(
            f"Table {table} already holds rows with the same {' and '.join(key)}, so its rows cannot be told apart by "
            "that. Choose another key or another table."
        ) from None
    except OperationalError as error:
        raise JobError(f"Table {table} cannot have {' and '.join(key)} as its key: {error.orig}.") from error
