"""What a job writes: gathered row by row, and committed in one transaction with the account of the rows."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from webapp.services.datatables.catalog import is_postgres
from webapp.services.datatables.execution import Execution, Statements
from webapp.services.datatables.execution_postgres import PostgresExecution
from webapp.services.datatables.execution_sqlite import SqliteExecution
from webapp.services.datatables.fitting import fitted
from webapp.services.datatables.form import Form, Values, make_form
from webapp.services.datatables.gathered import Gathered
from webapp.services.datatables.images import Images
from webapp.services.datatables.kinds import BY_TYPE, python_type
from webapp.services.datatables.marker import FenceLostError, check_fence, save_batch, take
from webapp.services.datatables.schema import ensure_table
from webapp.services.targets.setting import Target
from webapp.services.targets.trouble import told

Act = Callable[[Connection], Mapping[int, str]]
"""What is done last in the transaction of a job's last rows; it gives the reasons for rows that are refused."""

Settle = Callable[[Mapping[int, str]], dict[str, Any]]
"""Told why rows were refused, by their number; gives the account of the batch, as JSON values."""


class DataWriter:
    """The `authoring.DataStore` of one claim of a job.

    What one row writes goes in whole or not at all. A row that the database does not take is refused with a
    sentence, and its neighbours go in.
    """

    def __init__(
        self, engine: Engine, job_id: UUID, fence: int, target: Target | None = None, *, taken: bool = True
    ) -> None:
        """Gather nothing yet.

        Args:
            engine: of the database.
            job_id: whose writes they are.
            fence: that of its claim.
            target: what the administrator says of the database, if it is somebody else's.
            taken: whether the claim has taken the job's writes; else its first transaction does.
        """
        self._engine = engine
        self._taken = taken
        self._job_id = job_id
        self._fence = fence
        self._target = target
        self._gathered = Gathered()
        self._forms: dict[object, Form] = {}
        self._fitted: dict[Form, Form] = {}
        self._statements: Statements = {}
        self.images: Images | None = None
        """Where what is there before and after is kept, of the one table that the job loads."""
        self.last_act: Act | None = None
        """What is done with the job's last commit."""
        self.current_row: int | None = None
        """The row that a write belongs to if it does not say."""

    @property
    def pending(self) -> int:
        """How many writes are not committed yet; what is done at last is one."""
        return len(self._gathered) + (self.last_act is not None)

    def insert(
        self,
        table: str,
        row: Mapping[str, object],
        *,
        key: str | Sequence[str] | None = None,
        row_number: int | None = None,
    ) -> None:
        """Add a row. With a `key`, one whose values are in the table already is refused.

        Raises:
            JobError: the table's name or the key is no good.
        """
        self._gather(self._form(table, tuple(row), key, replace=False), tuple(row.values()), row_number)

    def upsert(
        self, table: str, row: Mapping[str, object], key: str | Sequence[str], *, row_number: int | None = None
    ) -> None:
        """Add a row, or change the one that has the same values in the `key` columns.

        Raises:
            JobError: the table's name or the key is no good.
        """
        self._gather(self._form(table, tuple(row), key, replace=True), tuple(row.values()), row_number)

    def insert_many(
        self,
        table: str,
        columns: Sequence[str],
        values: Sequence[Values],
        row_numbers: Sequence[int],
        key: str | Sequence[str] | None = None,
    ) -> None:
        """`insert` for many rows of the file at once."""
        self._gathered.add_many(self._form(table, tuple(columns), key, replace=False), row_numbers, values)

    def upsert_many(
        self,
        table: str,
        columns: Sequence[str],
        values: Sequence[Values],
        row_numbers: Sequence[int],
        key: str | Sequence[str],
    ) -> None:
        """`upsert` for many rows of the file at once."""
        self._gathered.add_many(self._form(table, tuple(columns), key, replace=True), row_numbers, values)

    def create_table(
        self, table: str, columns: Mapping[str, type], key: str | Sequence[str] | None = None
    ) -> dict[str, type]:
        """Make a table, or what it lacks, at once; doing so again changes nothing.

        Args:
            table: its name, made safe.
            columns: names, made safe, with int, float, Decimal, str, bool, date or datetime.
            key: columns by which rows are told apart.

        Returns:
            For each of `columns` what the table keeps: of a column that was there before, its own type; `object`
            for one that somebody else made to keep anything.

        Raises:
            JobError: the table cannot be made so.
            FenceLostError: the job has a newer claim.
        """
        form = self.form(table, tuple(columns), key, replace=False)
        wanted = {name: BY_TYPE[python] for name, python in zip(form.columns, columns.values(), strict=True)}
        with self.transaction() as connection:
            kinds = ensure_table(connection, form.table, wanted, form.key)
        self._statements.clear()
        return {name: python_type(kinds[safe]) for name, safe in zip(columns, form.columns, strict=True)}

    def commit(
        self, settle: Settle, without: Collection[int] = (), keep: int | None = None, *, last: bool = False
    ) -> None:
        """Write everything gathered, and the batch's account beside it, in one transaction.

        With nothing gathered there is no transaction and the marker stays as it is: it is always as new as the last
        batch that had effects.

        Args:
            settle: called once; what it returns is the marker's batch.
            without: rows that are not done, whatever they have written: nothing of it is.
            keep: one of these that goes on; what it has written is committed later.
            last: whether the job's function has returned.

        Raises:
            FenceLostError: the job has a newer claim; nothing was written.
            JobError: the table cannot take such rows, or a write that belongs to no row was refused.
        """
        act = self.last_act if last else None
        if not (self._gathered or act):
            settle({})
            return
        try:
            with self.transaction() as connection:
                execution = make_execution(connection, self._statements, self.images)
                execution.write(self._gathered, without)
                refused = {**execution.refused, **(act(connection) if act else {})}
                save_batch(connection, self._job_id, self._fence, settle(refused))
        except BaseException:
            self._statements.clear()  # tables they made ready may be gone with the transaction
            raise
        self._gathered.clear(keep)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that holds the job's claim from its beginning."""
        with told(self._target), self._engine.begin() as connection:
            if is_postgres(connection):
                connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")  # a row is judged when it comes
            if self._taken:
                check_fence(connection, self._job_id, self._fence)
            elif take(connection, self._job_id, self._fence) is not None:
                raise FenceLostError(
                    f"job {self._job_id} had a claim that the desk does not know of: the next recovers"
                )
            yield connection
        self._taken = True

    def form(self, table: str, columns: Sequence[str], key: str | Sequence[str] | None, *, replace: bool) -> Form:
        """The form of rows with these columns, for a table that jobs may write into.

        Raises:
            JobError: the table's name is no good, the administrator does not allow it, or the key is not a column.
        """
        form = make_form(table, columns, key, replace=replace)
        if self._target is None:
            return form
        if form not in self._fitted:
            with self.transaction() as connection:
                self._fitted[form] = fitted(connection, form)
        self._target.require_allowed(self._fitted[form].table)
        return self._fitted[form]

    def _form(self, table: str, columns: tuple[str, ...], key: str | Sequence[str] | None, *, replace: bool) -> Form:
        like = (table, columns, key if key is None or isinstance(key, str) else tuple(key), replace)
        form = self._forms.get(like)
        if form is None:
            form = self._forms[like] = self.form(table, columns, key, replace=replace)
        return form

    def _gather(self, form: Form, values: Values, row_number: int | None) -> None:
        self._gathered.add(form, self.current_row if row_number is None else row_number, values)


def make_execution(connection: Connection, statements: Statements, images: Images | None) -> Execution:
    """Writing in a transaction, in the way of its database."""
    kind = PostgresExecution if is_postgres(connection) else SqliteExecution
    return kind(connection, statements, images)
