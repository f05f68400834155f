"""What the tests of the data database ask of it."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, inspect

from webapp.services.data import DataDatabase, DataWriter
from webapp.services.datatables.catalog import read_columns
from webapp.store.database import connect

JOB = UUID("01890000-0000-7000-8000-000000000001")
Query = Callable[[str], list[Any]]


def as_text(value: object) -> object:
    return str(value) if isinstance(value, date | Decimal) else value


def tables(engine: Engine) -> set[str]:
    """The tables that there are, beside the desk's own."""
    return set(inspect(engine).get_table_names()) - {"batchdesk_marker"}


def columns(engine: Engine, table: str) -> dict[str, str]:
    """The columns of a table with their types."""
    with engine.connect() as connection:
        return read_columns(connection, table)


def commit(writer: DataWriter, without: tuple[int, ...] = ()) -> dict[int, str]:
    """Commit, and give the refusals."""
    found: dict[int, str] = {}

    def settle(refused: Mapping[int, str]) -> dict[str, Any]:
        found.update(refused)
        return {"refused": len(refused)}

    writer.commit(settle, without)
    return found


def look(database: DataDatabase, *statements: str) -> list[Any]:
    """Run statements; the rows of the last."""
    engine = connect(database.url)
    with engine.begin() as connection:
        *_, last = [connection.exec_driver_sql(statement) for statement in statements]
        rows = [tuple(row) for row in last] if last.returns_rows else []
    engine.dispose()
    return rows
