"""Writing into PostgreSQL: many rows in one go, and by itself the server finds those that it does not take."""

from collections import Counter
from collections.abc import Collection, Sequence

from sqlalchemy.exc import DBAPIError

from webapp.authoring import JobError
from webapp.services.datatables.catalog import read_columns
from webapp.services.datatables.execution import Execution
from webapp.services.datatables.form import Form, Values
from webapp.services.datatables.gathered import Alike
from webapp.services.datatables.incoming import MOST_WIDE, ROW_REFUSED, Incoming
from webapp.services.datatables.refusals import describe, is_there
from webapp.services.datatables.statement import Statement

FEW = 20
"""Rows for which it is not worth to copy them."""


class PostgresExecution(Execution):
    """See `Execution`. An error ends PostgreSQL's transaction, so each try stands behind a savepoint."""

    def _insert(self, run: Alike, statement: Statement, encoded: Sequence[Values], good: Sequence[int]) -> None:
        if self._images is None and (len(good) < FEW or len(statement.names) > MOST_WIDE):
            self._insert_halved(run, statement, encoded, good)
            return
        declared = read_columns(self._connection, run.form.table)
        absent = [name for name in statement.names if name not in declared]
        if absent:
            raise JobError(
                f"Table {run.form.table} has no column {absent[0]} any more: somebody has changed it in the meantime."
            )
        incoming = Incoming(self._connection, [declared[name] for name in statement.names])
        turns = _turns(statement.names, run.form.key, encoded, good)
        self._copy(run, incoming, encoded, turns)
        casts = ", ".join(incoming.casts)
        select = f"SELECT {casts} FROM {incoming.table} WHERE {{rows}} ORDER BY at"  # noqa: S608 (names of ours)
        by_name = dict(zip(statement.names, incoming.casts, strict=True))
        statements = self._kept(run.form, statement.from_rows_of(select), incoming, by_name)
        for turn in sorted(set(turns.values())):
            self._put(run, incoming, statements, turn, by_name)

    def _kept(self, form: Form, insert: str, incoming: Incoming, casts: dict[str, str]) -> list[str]:
        """The statements for what is written, with those that keep images of it."""
        if self._images is None:
            return [insert]
        key = [(name, casts[name]) for name in form.key]
        before = [self._images.before(self._connection, incoming.table, key)] if form.replace else []
        return [*before, self._images.after(self._connection, insert, replace=form.replace)]

    def _copy(self, run: Alike, incoming: Incoming, encoded: Sequence[Values], turns: dict[int, int]) -> None:
        """Copy the rows; one with a character that no text may hold is refused."""
        try:
            with self._connection.begin_nested():
                incoming.copy((index, turn, encoded[index]) for index, turn in turns.items())
        except Exception as error:
            if not _is_of_the_row(error):
                raise
            broken = {index: reason for index in turns if (reason := _broken(encoded[index]))}
            if not broken:
                raise
            for index, reason in broken.items():
                self._refuse(run.rows[index], reason)
                del turns[index]
            incoming.copy((index, turn, encoded[index]) for index, turn in turns.items())

    def _put(self, run: Alike, incoming: Incoming, statements: Sequence[str], turn: int, casts: dict[str, str]) -> None:
        """Put the rows of a turn where they belong; refuse those that the table does not take."""
        form = run.form
        try:
            with self._connection.begin_nested():
                if form.key and not form.replace:
                    key = [(name, casts[name]) for name in form.key]
                    for index in incoming.there_already(turn, form.table, key):
                        self._refuse(run.rows[index], is_there(form, run.values[index]))
                incoming.put(statements, turn)
        except DBAPIError as error:
            if not _is_of_the_row(error):
                raise
            for index, why in incoming.put_one_by_one(statements, turn):
                self._refuse(run.rows[index], describe(why, form, run.values[index]))

    def _insert_halved(self, run: Alike, statement: Statement, encoded: Sequence[Values], good: Sequence[int]) -> None:
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


def _turns(
    names: Sequence[str], key: Collection[str], encoded: Sequence[Values], good: Sequence[int]
) -> dict[int, int]:
    """The turn of each row: one with the key of an earlier row comes after that."""
    if not key:
        return dict.fromkeys(good, 0)
    places = [names.index(name) for name in key]
    seen: Counter[object] = Counter()
    turns = {}
    for index in good:
        same = tuple(encoded[index][place] for place in places)
        turns[index] = seen[same]
        seen[same] += 1
    return turns


def _broken(values: Values) -> str:
    """Why a row can't even be sent."""
    texts = [value for value in values if isinstance(value, str)]
    if any("\0" in text for text in texts):
        return "a NUL character in it cannot be kept in a table"
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return "a broken character in it cannot be kept in a table"
    return ""


def _is_of_the_row(error: Exception) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, UnicodeEncodeError):
        return True
    code = getattr(cause, "sqlstate", None)
    return code.startswith(ROW_REFUSED) if code else type(cause).__name__ == "DataError"
