"""Opening what commands work on. What is wrong with it is said in one sentence, with its mend."""

import os
import sys
import time

from sqlalchemy import make_url
from sqlalchemy.exc import DatabaseError, OperationalError

from webapp.engines.base import Engine
from webapp.services.targets.trouble import is_for_good
from webapp.settings import Settings, SettingsError
from webapp.store.database import Database, connect, database_said
from webapp.store.identity import require_own
from webapp.store.migrate import migrate
from webapp.store.shared import Place, require_shared

PATIENCE_S = 30.0
"""How long a desk that starts waits for its database: machines that start together do not do so in order."""


def open_database(settings: Settings, *, patience_s: float = 0) -> Database:
    """The desk's database, brought up to date; a server that is not up yet is waited for so long.

    Raises:
        SettingsError: it can't be opened.
        WrongDatabaseError: it is not the desk's, or lacks what was committed last.
        NewerSchemaError: a newer Batchdesk made it.
    """
    database = connect_database(settings, patience_s=patience_s)
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def open_desk_here(settings: Settings) -> tuple[Database, Engine]:
    """The desk's database and engine, on a machine that has the desk's key and files.

    Raises:
        SettingsError, WrongDatabaseError, NewerSchemaError: as for `open_database`; or no job could load a row.
        NotSharedError: it has not.
        StorageTrouble: the storage of files does not answer, or is not there.
    """
    database = open_database(settings, patience_s=PATIENCE_S)
    try:
        require_shared(database, place_of(settings))
        _require_data_database(settings)
        engine = engine_of(settings, database)
        engine.migrate()
    except BaseException:
        database.close()
        raise
    return database, engine


def _require_data_database(settings: Settings) -> None:
    """See that jobs can load rows, where that is a PostgreSQL of its own; one that is away may come back."""
    if make_url(settings.data_database_url or "sqlite://").get_backend_name() != "postgresql":
        return
    engine = connect(settings.data_database)
    try:
        engine.connect().close()
    except OperationalError as error:
        if is_for_good(error):
            raise SettingsError(
                f"The data database can't be opened: {database_said(error)} Check BATCHDESK_DATA_DATABASE_URL."
            ) from error
    finally:
        engine.dispose()


def place_of(settings: Settings) -> Place:
    """Where this machine keeps the key and the files."""
    return Place(settings.data.absolute(), settings.files)


def engine_of(settings: Settings, database: Database) -> Engine:
    """What carries jobs to workers."""
    from webapp.engines.choice import choose_engine  # noqa: PLC0415 (most commands run no jobs)

    return choose_engine(database, settings)


def connect_database(settings: Settings, *, patience_s: float = 0) -> Database:
    """The desk's database as it is; a server that is not up yet is waited for so long.

    Raises:
        SettingsError: it can't be opened.
        WrongDatabaseError: it is not the desk's, or lacks what was committed last.
    """
    database = Database(_prepared(settings).database)
    try:
        _reach(database, patience_s)
    except DatabaseError as error:
        raise SettingsError(
            f"The desk's database can't be opened: {database_said(error)} Check BATCHDESK_DATA and "
            "BATCHDESK_DATABASE_URL."
        ) from error
    require_own(database)
    return database


def _reach(database: Database, patience_s: float) -> None:
    """Connect once; a server that may still be starting is tried again, and whoever watches is told so once."""
    deadline, told = time.monotonic() + patience_s, False
    while True:
        try:
            database.engine.connect().close()
        except OperationalError as error:
            if not database.is_postgres or is_for_good(error) or time.monotonic() >= deadline:
                raise
            if not told:
                sys.stderr.write(
                    f"The desk's database does not answer yet: {database_said(error)} "
                    f"It is tried again for {patience_s:.0f} seconds.\n"
                )
                told = True
            time.sleep(1)
        else:
            return


def _prepared(settings: Settings) -> Settings:
    os.umask(0o077)  # what the desk keeps is for its own account only
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"BATCHDESK_DATA: the folder can't be made ({error.strerror}).") from error
    if not os.access(settings.data, os.W_OK):
        raise SettingsError("BATCHDESK_DATA: the folder can't be written to. Mend that, then start again.")
    return settings
