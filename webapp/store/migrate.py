"""Bring the database's schema to the version that this code knows."""

from pathlib import Path

from sqlalchemy import Connection, inspect

from webapp.store.database import PATIENCE_S, Database
from webapp.store.locks import hold

MIGRATIONS = Path(__file__).parent / "migrations"
NEWEST = "0017"  # the last of the migrations; a test holds it to that


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
    with database.engine.connect() as connection:
        before = schema_version(connection)
    if before == NEWEST:
        return before, NEWEST
    with database.engine.connect().execution_options(write=True) as connection, connection.begin():
        _wait_for_others(connection)
        before = schema_version(connection)
        _upgrade(connection, before)
    return before, NEWEST


def _wait_for_others(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")  # another's migration takes as long as it takes
        hold(connection, "migrate")
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(PATIENCE_S * 1000)}")


def is_current(connection: Connection) -> bool:
    """Whether no migration is missing."""
    return schema_version(connection) == NEWEST


def schema_version(connection: Connection) -> str | None:
    """The schema's version in the database; None if it has none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return version


def _upgrade(connection: Connection, version: str | None) -> None:
    # imported here, because a database is nearly always up to date, and Alembic takes a third of a second to import
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise NewerSchemaError(
            f"The database has schema version {version}, which this Batchdesk does not know. "
            "It was made by a newer version: start that one, or restore a back-up made by this one."
        )
    command.upgrade(config, "head")
