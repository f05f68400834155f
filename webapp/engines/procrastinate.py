"""The engine for several machines: Procrastinate's table in PostgreSQL is the doorbell, and no more than that.

An entry is written in the transaction that makes the job wait; whoever takes it out looks into our own table. Its
retries, locks and cron stay off, and what becomes of an entry means nothing: the job's row is the truth.
"""

import threading
from contextlib import closing
from importlib.metadata import version
from uuid import UUID

from procrastinate import App, SyncPsycopgConnector
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, text
from sqlmodel import Session

from webapp.engines.doorbell import QUEUE, SCHEMA, TASK, Doorbell
from webapp.engines.embedded import EmbeddedEngine
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.locks import hold

REACH = text("SELECT set_config('search_path', current_setting('search_path') || ', ' || :schema, true)")
"""What Procrastinate has is found by its bare names, for the rest of the transaction."""


class ProcrastinateEngine(EmbeddedEngine):
    """The embedded engine on every machine that serves or works on one PostgreSQL, each hearing the others' bells."""

    def __init__(self, database: Database, settings: Settings) -> None:
        super().__init__(database, settings)
        self._database = database
        self._works = settings.workers > 0
        self._doorbell = Doorbell(database, self.wake)
        self._entries = App(
            connector=SyncPsycopgConnector()
        )  # never opened: each entry goes by the caller's connection

    def migrate(self) -> None:
        """Make Procrastinate's tables in a schema of their own; those of another version are made anew.

        Nothing is lost with them: a doorbell that nobody hears is made up for by looking.
        """
        with self._database.engine.begin() as connection:
            hold(connection, SCHEMA)
            if _made_by(connection) != version("procrastinate"):
                _make_anew(connection)

    def dispatch(self, session: Session, job_id: UUID) -> None:
        connection = session.connection()
        connection.execute(REACH, {"schema": SCHEMA})
        driver = connection.connection.driver_connection
        self._entries.configure_task(TASK, queue=QUEUE, connection=driver).defer(job_id=str(job_id))
        super().dispatch(session, job_id)  # this process is there already

    def serve(self, stop: threading.Event, drain_s: float) -> None:
        if self._works:
            self._doorbell.start()
        try:
            super().serve(stop, drain_s)
        finally:
            self._doorbell.stop()


def _made_by(connection: Connection) -> str | None:
    """Which version of Procrastinate made the tables; None if there are none."""
    comment = text("SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = :schema")
    return connection.execute(comment, {"schema": SCHEMA}).scalar_one_or_none()


def _make_anew(connection: Connection) -> None:
    connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
    connection.exec_driver_sql(f"SET LOCAL search_path = {SCHEMA}")
    with closing(
        connection.connection.cursor()
    ) as cursor:  # below SQLAlchemy, which would take % for a place of a parameter
        cursor.execute(SchemaManager.get_schema())
    connection.exec_driver_sql(f"COMMENT ON SCHEMA {SCHEMA} IS '{version('procrastinate')}'")
