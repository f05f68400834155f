"""The desk's database, SQLite or PostgreSQL: one engine a process, short transactions, and a commit is a promise."""

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pysqlite3
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session

from webapp.store.postgres import POOLER, connect_postgres, is_pooler

# Versions from 3.7.0 on can corrupt a WAL database that several processes checkpoint;
# https://sqlite.org/wal.html#walresetbug names these as mended.
MENDED = ((3, 44, 6, 3, 45, 0), (3, 50, 7, 3, 51, 0))
MENDED_SINCE = (3, 51, 3)

PATIENCE_S = 15.0
_LAST = object()  # where a session keeps what is done before its commit

LOG_KEPT = 16 * 2**20  # what the log beside the file has grown to while somebody read for long is given back
SYNCED, UNSYNCED = "PRAGMA synchronous=FULL", "PRAGMA synchronous=NORMAL"
PRAGMAS = (SYNCED, "PRAGMA foreign_keys=ON", f"PRAGMA journal_size_limit={LOG_KEPT}")


DATABASE_TROUBLE = (OperationalError, PoolTimeoutError, pysqlite3.OperationalError)
"""Busy for too long, a full disk, a file or a server that is gone: what the caller asked for may be all right."""


class UnsafeSqliteError(Exception):
    """The linked SQLite has a bug that can corrupt the database."""


def database_said(error: Exception) -> str:
    """What a database said, in one line, and how to mend it if that is known."""
    cause = getattr(error, "orig", error)
    said = str(cause).strip()
    line = said.partition("\n")[0].rstrip(".")
    if getattr(cause, "sqlstate", None) == "42501" or "permission denied" in said:
        return f"{line}. The desk's user may not do that there: GRANT CREATE ON DATABASE and ON SCHEMA public to it."
    if 'database "' in said and "does not exist" in said:
        return f"{line}. Make it first, with CREATE DATABASE, or name another."
    if is_pooler(said) and POOLER not in said:
        return f"{line}: {POOLER}."
    return f"{line}."


def is_safe_sqlite(version: tuple[int, ...]) -> bool:
    """Whether this SQLite version can be trusted with several processes on one WAL database."""
    return version >= MENDED_SINCE or any(fix[:3] <= version < fix[3:] for fix in MENDED)


class Database:
    """Sessions on one database. Make one in each process: no connection may cross a fork."""

    def __init__(self, url: str) -> None:
        """Prepare the engine; nothing is connected yet.

        Raises:
            UnsafeSqliteError: the linked SQLite could corrupt the file.
            MissingDriverError: what speaks to PostgreSQL is not installed.
        """
        self.url = url
        self.engine = connect(url, for_desk=True)
        self.is_postgres = self.engine.dialect.name == "postgresql"
        self._reading = (
            self.engine.execution_options(isolation_level="REPEATABLE READ") if self.is_postgres else self.engine
        )
        self._writing = self.engine.execution_options(write=True)
        self._writing_unsynced = self.engine.execution_options(write=True, synced=False)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one consistent state; nothing it changes is kept."""
        with Session(self._reading) as session:
            yield session

    @contextmanager
    def write(self, *, synced: bool = True) -> Iterator[Session]:
        """A session whose transaction commits at the end of the block.

        On SQLite it holds the write lock from its beginning: a lock taken at the first write may come too late, and
        the update is lost or refused. On PostgreSQL others write at the same time, and what was read may have changed
        before it is written. So whoever reads first takes the row `with_for_update`, makes the update conditional,
        lets a unique key decide, or takes a named lock (`store.locks`).

        Args:
            synced: whether a machine that loses power may not forget it. If not, and it is on SQLite, the commit waits
                for no disk: other processes see it, any that is killed leaves it there, and the next that is synced
                takes it along. It is for what nobody holds any more when the machine is off. PostgreSQL always syncs:
                its clients may live on.
        """
        with (
            Session(self._writing if synced else self._writing_unsynced, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session
            for deed in session.info.pop(_LAST, {}).values():
                deed()

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def before_commit(session: Session, key: Hashable, deed: Callable[[], None]) -> None:
    """Have something done at the end of a writing session's block, in its transaction; once for each key."""
    session.info.setdefault(_LAST, {})[key] = deed


def log_bytes(database: Database) -> int:
    """How large SQLite's log beside the file is: it can't be emptied as long as somebody reads. 0 on PostgreSQL."""
    file = database.engine.url.database
    if database.is_postgres or not file:
        return 0
    try:
        return Path(f"{file}-wal").stat().st_size
    except FileNotFoundError:
        return 0


def connect(url: str, *, patience_s: float = PATIENCE_S, for_desk: bool = False, keep_journal: bool = False) -> Engine:
    """An engine for a database, with every connection set up for durable use by several processes.

    Args:
        url: the database, SQLite or PostgreSQL.
        patience_s: how long to wait for another's lock before giving up.
        for_desk: whether it holds the desk's own tables.
        keep_journal: of SQLite: whether the file stays in the journal mode that somebody else has given it.

    Raises:
        UnsafeSqliteError: the linked SQLite could corrupt the file.
        MissingDriverError: what speaks to PostgreSQL is not installed.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return connect_postgres(parsed, patience_s=patience_s, for_desk=for_desk)
    return _connect_sqlite(url, patience_s, keep_journal=keep_journal)


def _connect_sqlite(url: str, patience_s: float, *, keep_journal: bool) -> Engine:
    if not is_safe_sqlite(pysqlite3.sqlite_version_info):
        raise UnsafeSqliteError(
            f"SQLite {pysqlite3.sqlite_version} can corrupt a database that several processes use. "
            "Install a pysqlite3 with SQLite 3.51.3 or newer."
        )
    # parameters hold people's rows: an error that is logged must not tell them
    engine = create_engine(url, module=pysqlite3, pool_size=10, max_overflow=40, hide_parameters=True)
    event.listen(engine, "connect", lambda connection, _: _set_up(connection, patience_s, keep_journal=keep_journal))
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: Any, patience_s: float, *, keep_journal: bool) -> None:  # noqa: ANN401 (the driver has no types)
    connection.isolation_level = None  # the driver starts no transaction of its own: `_begin` does
    connection.execute(f"PRAGMA busy_timeout={int(patience_s * 1000)}")
    if not keep_journal:
        _use_wal(connection, time.monotonic() + patience_s)
    for pragma in PRAGMAS:
        connection.execute(pragma)


def _use_wal(connection: Any, deadline: float) -> None:  # noqa: ANN401
    """Switch the file to WAL.

    Two first users can block each other there, and SQLite then refuses one of them at once, whatever its busy
    timeout: https://sqlite.org/c3ref/busy_handler.html.
    """
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except pysqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("write", False):
        # said each time, as nothing else gives it back: it is the connection's, and can't be changed in a transaction
        connection.exec_driver_sql(SYNCED if options.get("synced", True) else UNSYNCED)
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("BEGIN")
