"""Loading a file into one table: added, added or changed, or in place of all rows; so that it can be undone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection

from webapp.services.datatables import register
from webapp.services.datatables.catalog import quoted, read_columns
from webapp.services.datatables.compare import Counts, Note, compare
from webapp.services.datatables.form import Values
from webapp.services.datatables.gathered import Gathered
from webapp.services.datatables.images import Images, make_images, name_of
from webapp.services.datatables.kinds import BY_TYPE, Kind, python_type
from webapp.services.datatables.schema import ensure_table, has_index, index_name
from webapp.services.datatables.spool import Spool
from webapp.services.datatables.writer import DataWriter, make_execution

Mode = Literal["insert", "upsert", "replace"]
KEPT = timedelta(days=30)
"""How long a load can be undone."""
FIRST_ROWS = 10


@dataclass(frozen=True, slots=True)
class Order:
    """What is loaded into which table, and how."""

    job_id: UUID
    number: int
    table: str
    columns: Mapping[str, type]
    key: tuple[str, ...]
    mode: Mode
    sha256: str
    again: bool = False
    """Whether the file may be added although it was before."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a table holds: how many rows, and the first of them."""

    table: str
    count: int
    columns: tuple[str, ...]
    rows: Sequence[Values]


class Load:
    """One job's load; see `Order`. Unless it is `together`, rows go in as they come."""

    def __init__(self, writer: DataWriter, order: Order, *, together: bool) -> None:
        """Find out what the table keeps; unless all go in together, make what it lacks.

        Raises:
            JobError: the table can't take such rows, or the file was loaded before.
            FenceLostError: the job has a newer claim.
        """
        self._writer, self._order = writer, order
        self._form = writer.form(order.table, tuple(order.columns), order.key, replace=order.mode == "upsert")
        self._spool = Spool() if together else None
        with writer.transaction() as connection:
            if together:
                with connection.begin_nested() as savepoint:
                    kinds, _ = self._prepare(connection)
                    savepoint.rollback()
            else:
                kinds, writer.images = self._prepare(connection)
        pairs = zip(order.columns, self._form.columns, strict=True)
        self.kinds = {name: python_type(kinds[safe]) for name, safe in pairs}

    def add(self, rows: Sequence[int], values: Sequence[Values]) -> None:
        """Add rows of the file by their numbers."""
        order = self._order
        if self._spool is not None:
            self._spool.add(rows, values)
        elif order.mode == "upsert":
            self._writer.upsert_many(order.table, tuple(order.columns), values, rows, order.key)
        else:
            self._writer.insert_many(order.table, tuple(order.columns), values, rows, order.key or None)

    def end(self, tell: Callable[[Contents], None], give_up: Callable[[Mapping[int, str]], bool]) -> None:
        """Have what is left done with the job's last commit.

        Args:
            tell: told what the table holds then.
            give_up: told why rows are refused; whether nothing at all shall go in.
        """

        def act(connection: Connection) -> Mapping[int, str]:
            if self._spool is None:
                tell(contents_of(connection, self._form.table))
                return {}
            with connection.begin_nested() as savepoint:
                refused, _ = self._write(connection, self._spool)
                if give_up(refused):
                    savepoint.rollback()
                else:
                    tell(contents_of(connection, self._form.table))
            return refused

        self._writer.last_act = act

    def try_out(self, note: Note) -> tuple[Counts | None, Mapping[int, str]]:
        """Do all of it and undo it at once.

        Returns:
            What it comes to, unless its rows can't be compared; and the reasons for rows that would be refused.
        """
        if self._spool is None:
            raise LookupError("rows that went in one by one can't be tried out")
        with self._writer.transaction() as connection, connection.begin_nested() as savepoint:
            refused, images = self._write(connection, self._spool)
            counts = compare(connection, images, self._form.key, note) if images else None
            savepoint.rollback()
        return counts, refused

    def _write(self, connection: Connection, spool: Spool) -> tuple[dict[int, str], Images | None]:
        _, images = self._prepare(connection)
        if self._order.mode == "replace":
            if images:
                images.clear_table(connection)
            else:
                connection.exec_driver_sql(f"DELETE FROM {quoted(connection, self._form.table)}")  # noqa: S608
        execution = make_execution(connection, {}, images)
        for rows, values in spool.parts():
            gathered = Gathered()
            gathered.add_many(self._form, rows, values)
            execution.write(gathered, ())
        return execution.refused, images

    def _prepare(self, connection: Connection) -> tuple[dict[str, Kind], Images | None]:
        """Make what is lacking, and write the load down."""
        order, form = self._order, self._form
        register.make_register(connection)
        entry = register.find(connection, order.job_id)
        if entry is None and order.mode == "insert" and not order.again:
            register.require_first_time(connection, order.job_id, form.table, order.sha256)
        before, index = read_columns(connection, form.table), index_name(form.table, form.key)
        had_index = has_index(connection, index)
        wanted = {name: BY_TYPE[python] for name, python in zip(form.columns, order.columns.values(), strict=True)}
        replace = order.mode == "replace"
        kinds = ensure_table(connection, form.table, wanted, () if replace else form.key)
        images = make_images(connection, order.job_id, form, replace=replace)
        if entry is None:
            made = register.Made(
                table=not before,
                columns=tuple(name for name in kinds if name not in before),
                index=index if form.key and not had_index else None,
                key=form.key,
                identity=images.identity if images else None,
            )
            new = register.Entry(form.table, order.mode, made)
            register.add(connection, (order.job_id, order.number), new, order.sha256)
            for old in register.forget_old(connection, datetime.now(UTC) - KEPT):
                connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name_of(old)}")
        return kinds, images


def contents_of(connection: Connection, table: str) -> Contents:
    """What a table holds now."""
    name = quoted(connection, table)
    count: int = connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()  # noqa: S608 (quoted)
    found = connection.exec_driver_sql(f"SELECT * FROM {name} LIMIT {FIRST_ROWS}")  # noqa: S608
    return Contents(table, count, tuple(found.keys()), [tuple(row) for row in found])
