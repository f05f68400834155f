"""Writing into SQLite: as fast as its driver goes, which also tells at which row it stopped."""

from collections.abc import Sequence
from operator import length_hint
from typing import Any

from sqlalchemy import Connection

from webapp.services.datatables.execution import Execution, Statements
from webapp.services.datatables.form import Form, Values
from webapp.services.datatables.gathered import Alike
from webapp.services.datatables.images import Images
from webapp.services.datatables.refusals import describe
from webapp.services.datatables.statement import Statement


class SqliteExecution(Execution):
    """See `Execution`."""

    def __init__(self, connection: Connection, statements: Statements, images: Images | None = None) -> None:
        super().__init__(connection, statements, images)
        dbapi = connection.dialect.dbapi
        if dbapi is None:
            raise LookupError("the connection has no driver")
        self._driver: Any = connection.connection.driver_connection
        self._refusable = (dbapi.IntegrityError, dbapi.DataError, OverflowError, UnicodeEncodeError)

    def _insert(self, run: Alike, statement: Statement, encoded: Sequence[Values], good: Sequence[int]) -> None:
        images = self._images
        if images is None:
            self._insert_each(run, statement, encoded, good)
        elif images.identity:
            places = [statement.names.index(name) for name in images.identity]
            keys = [[encoded[index][place] for place in places] for index in good]
            blank = any(None in key for key in keys)  # by which nothing is found, or the database fills it in
            last = images.last_place(self._connection) if blank else 0
            images.take_keys(self._connection, keys)
            refused = self._insert_each(run, statement, encoded, good)
            images.keep_keys(self._connection, refused)
            if blank:
                images.keep_places(self._connection, last)
        else:
            last = images.last_place(self._connection)
            self._insert_each(run, statement, encoded, good)
            images.keep_places(self._connection, last)

    def _insert_each(
        self, run: Alike, statement: Statement, encoded: Sequence[Values], good: Sequence[int]
    ) -> list[int]:
        """A row that the driver stops at is refused, and it goes on with the next.

        The driver asks for a row when it is done with the one before: at an error the row it took last is the one
        that was refused, those before it are in, and those after it have not been touched.

        Returns:
            The places in `good` of those that were refused.
        """
        refused = []
        waiting = iter(encoded if len(good) == len(encoded) else [encoded[index] for index in good])
        while length_hint(waiting):
            try:
                self._driver.executemany(statement.sql, waiting)
            except self._refusable as error:
                refused.append(len(good) - length_hint(waiting) - 1)
                index = good[refused[-1]]
                self._refuse(run.rows[index], self._reason(error, run.form, run.values[index]))
        return refused

    def _insert_together(self, writes: Sequence[tuple[Statement, Form, Values, Values]]) -> str | None:
        reason = None
        self._driver.execute("SAVEPOINT batchdesk_row")
        for statement, form, values, encoded in writes:
            try:
                self._driver.execute(statement.sql, encoded)
            except self._refusable as error:
                reason = self._reason(error, form, values)
                self._driver.execute("ROLLBACK TO batchdesk_row")
                break
        self._driver.execute("RELEASE batchdesk_row")
        return reason

    def _reason(self, error: Exception, form: Form, values: Values) -> str:
        if not self._driver.in_transaction:
            raise error  # a rule of the table undid everything, not only the row
        return describe(error, form, values)
