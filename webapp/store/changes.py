"""Noticing that something in the database has changed, whichever process changed it."""

from sqlalchemy import PoolProxiedConnection

from webapp.store.database import Database


class Changes:
    """Tells whether anything was committed since the last look. For one thread at a time.

    SQLite's `data_version` moves with every commit of any other connection, in this process or another;
    https://sqlite.org/pragma.html#pragma_data_version. Asking costs some microseconds.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: PoolProxiedConnection | None = None
        self._version: int | None = None

    def moved(self) -> bool:
        """Whether there was a commit since the last call; True at the first."""
        if self._connection is None:
            # below SQLAlchemy, which would begin a transaction, and within one the version stands still
            self._connection = self._database.engine.raw_connection()
        cursor = self._connection.cursor()
        (version,) = cursor.execute("PRAGMA data_version").fetchone()
        cursor.close()
        before, self._version = self._version, int(version)
        return before != self._version

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = self._version = None  # versions of two connections can't be compared
