"""Writing what was gathered, in the caller's transaction: the rows a table takes, and the reasons for the others."""

from collections.abc import Collection, Sequence
from operator import length_hint
from typing import Any

from sqlalchemy import Connection

from webapp.authoring import JobError
from webapp.services.datatables.form import Form, Values
from webapp.services.datatables.gathered import Alike, Gathered, Together
from webapp.services.datatables.refusals import describe
from webapp.services.datatables.statement import Statement

Statements = dict[Form, Statement]


class Execution:
    """One transaction's writes. `refused` has the reason for each row that stayed out."""

    def __init__(self, connection: Connection, statements: Statements) -> None:
        dbapi = connection.dialect.dbapi
        if dbapi is None:
            raise LookupError("the connection has no driver")
        self.refused: dict[int, str] = {}
        self._connection = connection
        self._driver: Any = connection.connection.driver_connection
        self._statements = statements
        self._refusable = (dbapi.IntegrityError, dbapi.DataError, OverflowError, UnicodeEncodeError)

    def write(self, gathered: Gathered, without: Collection[int]) -> None:
        """Write everything in order, except what the rows `without` wrote.

        Raises:
            JobError: a table cannot take such rows, or something that belongs to no row was refused.
        """
        for unit in gathered.units(without):
            if isinstance(unit, Alike):
                self._write_alike(unit)
            else:
                self._write_together(unit)

    def _write_alike(self, run: Alike) -> None:
        """As fast as the driver goes; a row that it stops at is refused, and it goes on with the next.

        The driver asks for a row when it is done with the one before: at an error the row it took last is the one
        that was refused, those before it are in, and those after it have not been touched.
        """
        statement = self._ready(run.form, run.values)
        encoded, misfits = statement.encode(run.values)
        for index, reason in misfits.items():
            self._refuse(run.rows[index], reason)
        good = [index for index in range(len(encoded)) if index not in misfits] if misfits else range(len(encoded))
        waiting = iter([encoded[index] for index in good] if misfits else encoded)
        while length_hint(waiting):
            try:
                self._driver.executemany(statement.sql, waiting)
            except self._refusable as error:
                index = good[len(good) - length_hint(waiting) - 1]
                self._refuse(run.rows[index], self._reason(error, run.form, run.values[index]))

    def _write_together(self, unit: Together) -> None:
        """All of a row's writes, or none."""
        statements = [self._ready(form, [values]) for form, values in unit.writes]
        self._driver.execute("SAVEPOINT batchdesk_row")
        for statement, (form, values) in zip(statements, unit.writes, strict=True):
            reason = self._write_one(statement, form, values)
            if reason:
                self._refuse(unit.row, reason)
                self._driver.execute("ROLLBACK TO batchdesk_row")
                break
        self._driver.execute("RELEASE batchdesk_row")

    def _write_one(self, statement: Statement, form: Form, values: Values) -> str | None:
        encoded, misfits = statement.encode([values])
        if misfits:
            return misfits[0]
        try:
            self._driver.execute(statement.sql, encoded[0])
        except self._refusable as error:
            return self._reason(error, form, values)
        return None

    def _ready(self, form: Form, rows: Sequence[Values]) -> Statement:
        statement = self._statements.get(form)
        if statement is None or not statement.covers(rows):
            statement = self._statements[form] = Statement(self._connection, form, rows)
        return statement

    def _reason(self, error: Exception, form: Form, values: Values) -> str:
        if not self._driver.in_transaction:
            raise error  # a rule of the table undid everything, not only the row
        return describe(error, form, values)

    def _refuse(self, row: int | None, reason: str) -> None:
        if row is None:
            raise JobError(f"A row could not be written: {reason}.")
        self.refused[row] = reason
