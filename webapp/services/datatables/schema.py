"""The tables of the data database: made when they are first written to, widened when rows bring new columns."""

import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from webapp.authoring import JobError
from webapp.services.datatables.catalog import MOST_COLUMNS, is_postgres, quoted, read_columns
from webapp.services.datatables.kinds import Kind, kind_in_postgres, kind_of_declared
from webapp.store.locks import hold
from webapp.store.postgres import LIMIT_PASSED


def ensure_table(connection: Connection, table: str, wanted: Mapping[str, Kind], key: Sequence[str]) -> dict[str, Kind]:
    """Make the table, its missing columns and the unique index over `key`, as far as they are not there.

    Returns:
        The kinds of all its columns as they stand: of a column that was there before, its own.

    Raises:
        JobError: the table would be too wide, is not a table, or holds rows that are alike in `key`.
    """
    kinds = read_kinds(connection, table)
    if wanted.keys() - kinds.keys():
        hold(connection, f"table {table}")  # another job may be making the same
        kinds = read_kinds(connection, table)
    missing = {name: kind for name, kind in wanted.items() if name not in kinds}
    most = MOST_COLUMNS[connection.dialect.name]
    if len(kinds) + len(missing) > most:
        raise JobError(
            f"Table {table} would have {len(kinds) + len(missing):,} columns; {most:,} is the most it can keep."
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
    kind_of = kind_in_postgres if is_postgres(connection) else kind_of_declared
    return {name: kind_of(declared) for name, declared in read_columns(connection, table).items()}


def _create(connection: Connection, table: str, columns: Mapping[str, Kind], *, exists: bool) -> None:
    definitions = [f"{quoted(connection, name)} {_declared(connection, kind)}" for name, kind in columns.items()]
    name = quoted(connection, table)
    if exists:
        for definition in definitions:
            connection.exec_driver_sql(f"ALTER TABLE {name} ADD COLUMN {definition}")
    else:
        connection.exec_driver_sql(f"CREATE TABLE {name} ({', '.join(definitions)})")


def _declared(connection: Connection, kind: Kind) -> str:
    return kind.in_postgres if is_postgres(connection) else kind.declared


def _index(connection: Connection, table: str, key: Sequence[str]) -> None:
    name = index_name(table, key)
    if is_postgres(connection) and _has_index(connection, name):
        return
    index, on = quoted(connection, name), quoted(connection, table)
    try:
        connection.exec_driver_sql(f"CREATE UNIQUE INDEX IF NOT EXISTS {index} ON {on} ({quoted(connection, *key)})")
    except IntegrityError:
        raise JobError(
            f"Table {table} already holds rows with the same {' and '.join(key)}, so its rows cannot be told apart by "
            "that. Choose another key or another table."
        ) from None
    except (OperationalError, ProgrammingError) as error:
        if _may_pass(connection, error):
            raise
        raise JobError(f"Table {table} cannot have {' and '.join(key)} as its key: {error.orig}.") from error


def index_name(table: str, key: Sequence[str]) -> str:
    """What our index over a key of a table is called."""
    digest = hashlib.sha256("\n".join([table, *key]).encode()).hexdigest()[:16]
    return f"batchdesk_key_{digest}"


def has_index(connection: Connection, name: str) -> bool:
    """Whether there is an index of this name."""
    asked = (
        "SELECT 1 FROM pg_indexes WHERE schemaname = current_schema() AND indexname = %s"
        if is_postgres(connection)
        else "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?"
    )
    return bool(connection.exec_driver_sql(asked, (name,)).scalar())


def _has_index(connection: Connection, name: str) -> bool:
    """Looked for first, since making one waits for everybody who writes into the table, even if it is there."""
    if has_index(connection, name):
        return True
    hold(connection, f"index {name}")
    return has_index(connection, name)


def _may_pass(connection: Connection, error: OperationalError | ProgrammingError) -> bool:
    if not is_postgres(connection) or isinstance(error, ProgrammingError):
        return False
    return not str(getattr(error.orig, "sqlstate", "")).startswith(LIMIT_PASSED)
