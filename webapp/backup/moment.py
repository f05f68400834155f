"""One moment of both databases, copied while the desk goes on working.

A row's effect is committed in the data database, then its account in the desk's. The moment must not fall so that the
account is there and the effect is not, nor more than one batch apart: restoring would lose rows, or double them. So
nobody may commit to the desk's database while both are looked at for the first time. Then the desk goes on, and the
copies are made of what was seen in that look, however long they take.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pysqlite3
from sqlalchemy import Connection, Engine, NullPool, create_engine

from webapp.backup.steps import Tick

PAGES = 2_560  # 10 MB between two signs of life


@contextmanager
def one_moment(desk: Engine, data: Engine) -> Iterator[tuple[Connection, Connection]]:
    """A connection to each, that sees what was there in one and the same moment."""
    with _looking(desk) as first, _looking(data) as second:
        with desk.connect().execution_options(write=True) as gate, gate.begin():
            if _is_postgres(gate):
                gate.exec_driver_sql("LOCK TABLE job IN EXCLUSIVE MODE")  # every account changes its job's row
            for connection in (first, second):
                _look(connection)
        yield first, second


def _looking(engine: Engine) -> Connection:
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True).connect()
    return engine.connect()


def _look(connection: Connection) -> None:
    """From now on the connection sees nothing newer."""
    if _is_postgres(connection):  # and it may look for as long as the copies take
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SELECT 1")
    else:
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema")


def _is_postgres(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def copy_database(seen: Connection, path: Path, tick: Tick) -> None:
    """Write what a connection sees into a new file of its own; `tick` is told the bytes as they are copied."""
    page: int = seen.exec_driver_sql("PRAGMA page_size").scalar_one()
    left: int | None = None

    def progress(_status: int, remaining: int, total: int) -> None:
        nonlocal left
        tick(((total if left is None else left) - remaining) * page)
        left = remaining

    target = pysqlite3.connect(path)
    try:
        driver: Any = seen.connection.driver_connection
        driver.backup(target, pages=PAGES, progress=progress, sleep=0)
    finally:
        target.close()
    make_one_file(path)


def make_one_file(path: Path) -> None:
    """Have a database of a back-up need no log beside it."""
    database = pysqlite3.connect(path)
    try:
        database.execute("PRAGMA journal_mode=DELETE")
    finally:
        database.close()


def open_copy(path: Path, *, change: bool = False) -> Engine:
    """A database of a back-up: to read it without leaving a trace beside it, or to change it before it is finished."""
    uri = f"file:{quote(str(path.resolve()))}?{'mode=rw' if change else 'immutable=1'}"
    return create_engine(
        "sqlite://", module=pysqlite3, creator=lambda: pysqlite3.connect(uri, uri=True), poolclass=NullPool
    )
