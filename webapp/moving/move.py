"""Copying a whole desk: both databases held still at the one end, and one transaction in each at the other."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, make_url
from sqlmodel import Session

from webapp.errors import Refused
from webapp.jobs.halt import COPIED, stand_still
from webapp.jobs.workers import alive
from webapp.kit import now
from webapp.moving.data_tables import copy_data, require_no_tables
from webapp.moving.desk_tables import copy_desk, require_empty
from webapp.moving.own_tables import copy_own_tables
from webapp.moving.sums import Sum
from webapp.settings import Settings
from webapp.store.database import Database, connect
from webapp.store.locks import hold
from webapp.store.migrate import NEWEST, is_current, migrate


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied: each table of the desk, and of the data database if that is PostgreSQL too."""

    desk: dict[str, Sum]
    data: dict[str, Sum]


def copy_into_postgres(settings: Settings, source: str, data_source: str | None = None) -> Copied:
    """Copy a desk from SQLite into the PostgreSQL that the settings name.

    Args:
        settings: they name the target.
        source: the URL of the desk's SQLite database.
        data_source: that of the data database; `data.sqlite3` beside the desk's unless given.

    Raises:
        Refused: the desk runs, the target is not empty, or something can't be copied; nothing was.
        NewerSchemaError: a newer Batchdesk made the target.
    """
    desk = _open_source(source)
    data_source = data_source or f"sqlite:///{_file(source).with_name('data.sqlite3')}"
    if not settings.database.startswith("postgresql"):
        raise Refused("BATCHDESK_DATABASE_URL does not name a PostgreSQL: a desk is copied into one.")
    with ExitStack() as stack:
        stack.callback(desk.close)
        target = Database(settings.database)
        stack.callback(target.close)
        migrate(target)
        seen = stack.enter_context(_writing(desk.engine))  # nobody writes there until all has been copied
        _require_still(desk, seen)
        into = stack.enter_context(_writing(target.engine))
        hold(into, "copy a desk")
        require_empty(into)
        data = _copy_data(settings, data_source, stack)
        copied = Copied(copy_desk(seen, into) | copy_own_tables(seen, into), data)
        _leave_still(seen)  # committed after all that was copied
        return copied


def _copy_data(settings: Settings, source: str, stack: ExitStack) -> dict[str, Sum]:
    """Copy the data database, if there is one and it is to be in PostgreSQL. It is committed before the desk's."""
    if not settings.data_database.startswith("postgresql") or not _file(source).exists():
        return {}
    engines = connect(source), connect(settings.data_database)
    for engine in engines:
        stack.callback(engine.dispose)
    seen, into = (stack.enter_context(_writing(engine)) for engine in engines)
    require_no_tables(into)
    return copy_data(seen, into)


@contextmanager
def _writing(engine: Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield connection


def _open_source(url: str) -> Database:
    if not url.startswith("sqlite:///") or not _file(url).is_file():
        raise Refused("There is no SQLite desk there. Write it as sqlite:///path/to/batchdesk.sqlite3.")
    return Database(url)


def _file(url: str) -> Path:
    return Path(make_url(url).database or "")


def _leave_still(seen: Connection) -> None:
    """Have the old desk start nothing again, should somebody start it."""
    at = now()
    with Session(seen) as session:
        stand_still(session, f"This desk was copied into PostgreSQL on {at:%Y-%m-%d %H:%M} UTC.", at, COPIED)
        session.flush()


def _require_still(desk: Database, seen: Connection) -> None:
    if not is_current(seen):
        raise Refused(f"That desk is not at version {NEWEST}. Run `batchdesk migrate` over it first.")
    if alive(desk):
        raise Refused("That desk is running: stop it, wait half a minute, and try again.")
