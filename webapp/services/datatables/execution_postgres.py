"""Writing into PostgreSQL: many rows in one go, and fewer where it does not take them, until a row stands alone."""

from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from webapp.services.datatables.execution import Execution
from webapp.services.datatables.form import Form, Values
from webapp.services.datatables.gathered import Alike
from webapp.services.datatables.refusals import describe
from webapp.services.datatables.statement import Statement

ROW_REFUSED = ("22", "23", "44", "54", "P0001")
"""How the codes of errors begin that are the row's own: a value, a rule of the table, a limit, a trigger's word."""


class PostgresExecution(Execution):
    """See `Execution`. An error ends PostgreSQL's transaction, so each try stands behind a savepoint."""

    def _insert(self, run: Alike, statement: Statement, encoded: Sequence[Values], good: Sequence[int]) -> None:
        start, size = 0, len(good)
        while start < len(good):
            part = good[start : start + size]
            error = self._try([(statement.sql, [encoded[index] for index in part])])
            if error is not None and len(part) > 1:
                size = len(part) // 2
                continue
            if error is not None:
                self._refuse(run.rows[part[0]], describe(error, run.form, run.values[part[0]]))
            start, size = start + len(part), 2 * size  # bad rows often stand together, and so do good ones

    def _insert_together(self, writes: Sequence[tuple[Statement, Form, Values, Values]]) -> str | None:
        if self._try([(statement.sql, [encoded]) for statement, _, _, encoded in writes]) is None:
            return None
        with self._connection.begin_nested() as savepoint:  # again one by one, to know at which it stops
            for statement, form, values, encoded in writes:
                error = self._try([(statement.sql, [encoded])])
                if error is not None:
                    savepoint.rollback()
                    return describe(error, form, values)
        return None

    def _try(self, writes: Sequence[tuple[str, Sequence[Values]]]) -> Exception | None:
        """Write all of it or nothing; the error if that is because of a row."""
        try:
            with self._connection.begin_nested():
                for sql, rows in writes:
                    self._connection.exec_driver_sql(sql, [tuple(values) for values in rows])
        except (DBAPIError, UnicodeEncodeError) as error:
            if not _is_of_the_row(error):
                raise
            return error
        return None


def _is_of_the_row(error: Exception) -> bool:
    if not isinstance(error, DBAPIError):
        return True
    code = getattr(error.orig, "sqlstate", None)
    return code.startswith(ROW_REFUSED) if code else type(error.orig).__name__ == "DataError"
