"""Noticing that something in the database has changed, whichever process changed it."""

import time
from typing import Any

from sqlalchemy import Connection, PoolProxiedConnection

from webapp.store.database import DATABASE_TROUBLE, Database

CHANNEL = "batchdesk_changed"
LONGEST_PAUSE_S = 2.0  # between two tries to reach a server that is gone


class Changes:
    """Tells whether anything was committed since the last look that watchers should see. For one thread at a time."""

    def __init__(self, database: Database) -> None:
        self._ear = _Notified(database) if database.is_postgres else _DataVersion(database)

    def moved(self) -> bool:
        """Whether there was a commit since the last call; True at the first, and when some may have been missed.

        Raises:
            OperationalError: the database can't be reached; asking again finds out when it can.
        """
        return self._ear.moved()

    def close(self) -> None:
        """Give the connection back."""
        self._ear.close()


class _DataVersion:
    """SQLite's `data_version` moves with every commit of any other connection, in this process or another.

    See https://sqlite.org/pragma.html#pragma_data_version. Asking costs some microseconds.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: PoolProxiedConnection | None = None
        self._version: int | None = None

    def moved(self) -> bool:
        if self._connection is None:
            # below SQLAlchemy, which would begin a transaction, and within one the version stands still
            self._connection = self._database.engine.raw_connection()
        cursor = self._connection.cursor()
        (version,) = cursor.execute("PRAGMA data_version").fetchone()
        cursor.close()
        before, self._version = self._version, int(version)
        return before != self._version

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = self._version = None  # versions of two connections can't be compared


class _Notified:
    """PostgreSQL tells those who listen, on a connection of their own; triggers see to it that nobody forgets to.

    What was told while the connection was lost is lost: after each new one, everything may have changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._pause_s = 0.0
        self._try_at = 0.0
        self._trouble: Exception | None = None

    def moved(self) -> bool:
        if self._connection is not None:
            try:
                return self._was_told(self._connection)
            except Exception:  # noqa: BLE001 (whatever ails it, another one is needed)
                self.close()
        self._listen()
        return True

    def close(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()  # it listens: nobody else may get it
            self._connection.close()
            self._connection = None

    @staticmethod
    def _was_told(connection: Connection) -> bool:
        driver: Any = connection.connection.driver_connection
        return bool(list(driver.notifies(timeout=0)))

    def _listen(self) -> None:
        """Connect, unless the last try was a moment ago and failed."""
        if self._trouble is not None and time.monotonic() < self._try_at:
            raise self._trouble
        try:
            # within a transaction nothing would be heard
            connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql(f"LISTEN {CHANNEL}")
        except DATABASE_TROUBLE as error:
            self._trouble = error
            self._pause_s = min(max(2 * self._pause_s, 0.1), LONGEST_PAUSE_S)
            self._try_at = time.monotonic() + self._pause_s
            raise
        self._connection, self._trouble, self._pause_s = connection, None, 0.0
