"""A desk's tables out of PostgreSQL: a back-up is SQLite, whatever the desk keeps them in. `moving` is the way back."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, inspect, select, text
from sqlmodel import SQLModel

from webapp.backup.moment import make_one_file, open_copy
from webapp.backup.steps import Tick
from webapp.errors import Refused
from webapp.moving.own_tables import own_tables, plain_default
from webapp.services.datatables.catalog import is_postgres, marks, quoted, read_columns
from webapp.services.datatables.kinds import BOOLEAN, INTEGER, REAL, Kind, kind_in_postgres
from webapp.store.cache import OWNER_ONLY_FILE
from webapp.store.database import Database
from webapp.store.migrate import is_current, migrate

AT_ONCE = 1_000
AS_THEY_ARE = (INTEGER, REAL, BOOLEAN)  # kinds whose values mean the same in both; others travel as their text


def export_desk(seen: Connection, path: Path, tick: Tick) -> None:
    """Write the desk's own tables, as a connection to PostgreSQL sees them, into a new SQLite file.

    Raises:
        Refused: the database is of an older version.
    """
    if not is_current(seen):
        raise Refused("The desk's database is of an older version: run `batchdesk migrate` first.")
    new = Database(f"sqlite:///{path}")
    migrate(new)
    new.close()
    with open_copy(path, change=True).begin() as target:
        for table in SQLModel.metadata.sorted_tables:
            rows = seen.execution_options(yield_per=AT_ONCE).execute(select(table).order_by(*table.primary_key))
            for part in rows.mappings().partitions():
                target.execute(table.insert(), [dict(row) for row in part])
                tick(len(part))
        for name in own_tables(seen):
            _export(seen, target, name, tick)
    make_one_file(path)


def is_empty(connection: Connection) -> bool:
    """Whether nobody has used the desk whose tables these are."""
    users = SQLModel.metadata.tables["user"]
    return connection.execute(select(func.count()).select_from(users)).scalar_one() == 0


def export_data(seen: Connection, path: Path, tick: Tick) -> None:
    """Write the tables that jobs have loaded, as a connection to PostgreSQL sees them, into a new SQLite file."""
    path.touch(OWNER_ONLY_FILE)
    with open_copy(path, change=True).begin() as target:
        for name in data_tables(seen):
            _export(seen, target, name, tick)


def data_tables(connection: Connection) -> list[str]:
    """The names of the tables in a data database."""
    if is_postgres(connection):
        statement = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
    else:
        statement = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    return [str(name) for name in connection.execute(text(statement)).scalars()]


def _export(seen: Connection, target: Connection, name: str, tick: Tick) -> None:
    """Make a table as it is, and copy its rows."""
    kinds = {column: kind_in_postgres(word) for column, word in read_columns(seen, name).items()}
    _make_table(seen, target, name, kinds)
    columns = ", ".join(
        quoted(seen, column) + ("" if kind in AS_THEY_ARE else "::text") for column, kind in kinds.items()
    )
    for part in _parts(seen, f"SELECT {columns} FROM {quoted(seen, name)}"):  # noqa: S608 (names that the database gave)
        _insert(target, name, kinds, [tuple(row) for row in part])
        tick(len(part))


def _parts(connection: Connection, statement: str) -> Iterator[Sequence[Row[Any]]]:
    return connection.execution_options(yield_per=AT_ONCE).execute(text(statement)).partitions()


def _make_table(source: Connection, target: Connection, name: str, kinds: Mapping[str, Kind]) -> None:
    """Make an empty table, with the keys and rules that it has where it comes from."""
    found = inspect(source)
    rules = {column["name"]: _rules(column) for column in found.get_columns(name)}
    columns = [f"{quoted(target, name)} {kind.declared}{rules[name]}" for name, kind in kinds.items()]
    key = found.get_pk_constraint(name)["constrained_columns"]
    if key:
        columns.append(f"PRIMARY KEY ({quoted(target, *key)})")
    target.exec_driver_sql(f"CREATE TABLE {quoted(target, name)} ({', '.join(columns)})")
    for index in found.get_indexes(name):
        if index["unique"] and index["name"]:
            on = quoted(target, *[column for column in index["column_names"] if column])
            target.exec_driver_sql(
                f"CREATE UNIQUE INDEX {quoted(target, index['name'])} ON {quoted(target, name)} ({on})"
            )


def _rules(column: Mapping[str, Any]) -> str:
    """What has to be there, and what it begins with if both databases know that."""
    begins = plain_default(column["default"])
    return ("" if column["nullable"] else " NOT NULL") + ("" if begins is None else f" DEFAULT {begins}")


def _insert(target: Connection, name: str, columns: Collection[str], rows: list[tuple[Any, ...]]) -> None:
    into = f"{quoted(target, name)} ({quoted(target, *columns)})"
    target.exec_driver_sql(f"INSERT INTO {into} VALUES ({marks(target, len(columns))})", rows)  # noqa: S608 (likewise)
