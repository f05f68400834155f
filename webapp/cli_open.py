"""Opening what commands work on. What is wrong with it is said in one sentence, with its mend."""

import os

from sqlalchemy.exc import DatabaseError

from webapp.engines.base import Engine
from webapp.settings import Settings, SettingsError
from webapp.store.database import Database, database_said
from webapp.store.identity import require_own
from webapp.store.migrate import migrate
from webapp.store.shared import Place, require_shared


def open_database(settings: Settings) -> Database:
    """The desk's database, brought up to date.

    Raises:
        SettingsError: it can't be opened.
        WrongDatabaseError: it is not the desk's, or lacks what was committed last.
        NewerSchemaError: a newer Batchdesk made it.
    """
    database = connect_database(settings)
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def open_desk_here(settings: Settings) -> tuple[Database, Engine]:
    """The desk's database and engine, on a machine that has the desk's key and files.

    Raises:
        SettingsError, WrongDatabaseError, NewerSchemaError: as for `open_database`.
        NotSharedError: it has not.
        StorageTrouble: the storage of files does not answer, or is not there.
    """
    database = open_database(settings)
    require_shared(database, place_of(settings))
    engine = engine_of(settings, database)
    engine.migrate()
    return database, engine


def place_of(settings: Settings) -> Place:
    """Where this machine keeps the key and the files."""
    return Place(settings.data.absolute(), settings.files)


def engine_of(settings: Settings, database: Database) -> Engine:
    """What carries jobs to workers."""
    from webapp.engines.choice import choose_engine  # noqa: PLC0415 (most commands run no jobs)

    return choose_engine(database, settings)


def connect_database(settings: Settings) -> Database:
    """The desk's database as it is.

    Raises:
        SettingsError: it can't be opened.
        WrongDatabaseError: it is not the desk's, or lacks what was committed last.
    """
    database = Database(_prepared(settings).database)
    try:
        database.engine.connect().close()
    except DatabaseError as error:
        raise SettingsError(
            f"The desk's database can't be opened: {database_said(error)} Check BATCHDESK_DATA and "
            "BATCHDESK_DATABASE_URL."
        ) from error
    require_own(database)
    return database


def _prepared(settings: Settings) -> Settings:
    os.umask(0o077)  # what the desk keeps is for its own account only
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"BATCHDESK_DATA: the folder can't be made ({error.strerror}).") from error
    return settings
