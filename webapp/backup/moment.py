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
    with desk.connect() as first, data.connect() as second:
        with desk.connect().execution_options(write=True) as gate, gate.begin():
            for connection in (first, second):
                connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema")
        yield first, second


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
        target.execute("PRAGMA journal_mode=DELETE")  # a back-up is one file, without a log beside it
    finally:
        target.close()


def open_copy(path: Path, *, change: bool = False) -> Engine:
    """A database of a back-up: to read it without leaving a trace beside it, or to change it before it is finished."""
    uri = f"file:{quote(str(path.resolve()))}?{'mode=rw' if change else 'immutable=1'}"
    return create_engine(
        "sqlite://", module=pysqlite3, creator=lambda: pysqlite3.connect(uri, uri=True), poolclass=NullPool
    )
