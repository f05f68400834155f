"""Bring the database's schema to the version that this code knows."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from webapp.store.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"


class NewerSchemaError(Exception):
    """The database was made by a newer Batchdesk; using it with this one could damage it."""


def migrate(database: Database) -> tuple[str | None, str]:
    """Apply every migration that is missing, in one transaction.

    Two processes may call it at once: the second waits for the first and finds nothing left to do.

    Returns:
        The version before (None if the database was empty) and after.

    Raises:
        NewerSchemaError: the database's version is unknown to this code.
    """
    config, head = _config()
    with database.engine.connect() as connection:
        before = schema_version(connection)
    if before == head:
        return before, head
    with database.engine.connect().execution_options(write=True) as connection, connection.begin():
        before = schema_version(connection)
        _refuse_newer(config, before)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return before, head


def is_current(connection: Connection) -> bool:
    """Whether no migration is missing."""
    return schema_version(connection) == _config()[1]


def schema_version(connection: Connection) -> str | None:
    """The schema's version in the database; None if it has none yet."""
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> tuple[Config, str]:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    head = ScriptDirectory.from_config(config).get_current_head()
    if head is None:
        raise FileNotFoundError(f"no migrations in {MIGRATIONS}")
    return config, head


def _refuse_newer(config: Config, version: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise NewerSchemaError(
            f"The database has schema version {version}, which this Batchdesk does not know. "
            "It was made by a newer version: start that one, or restore a back-up made by this one."
        )
