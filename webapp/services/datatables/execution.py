"""Writing what was gathered, in the caller's transaction: the rows a table takes, and the reasons for the others."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from webapp.authoring import JobError
from webapp.services.datatables.form import Form, Values
from webapp.services.datatables.gathered import Alike, Gathered, Together
from webapp.services.datatables.images import Images
from webapp.services.datatables.statement import Statement

Statements = dict[Form, Statement]


class Execution(ABC):
    """One transaction's writes. `refused` has the reason for each row that stayed out."""

    def __init__(self, connection: Connection, statements: Statements, images: Images | None = None) -> None:
        """`images`: of the one table that is written into, where what is there before and after is kept."""
        self.refused: dict[int, str] = {}
        self._connection = connection
        self._statements = statements
        self._images = images

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
        statement = self._ready(run.form, run.values)
        encoded, misfits = statement.encode(run.values)
        for index, reason in misfits.items():
            self._refuse(run.rows[index], reason)
        good = [index for index in range(len(encoded)) if index not in misfits] if misfits else range(len(encoded))
        self._insert(run, statement, encoded, good)

    def _write_together(self, unit: Together) -> None:
        """All of a row's writes, or none."""
        statements = [self._ready(form, [values]) for form, values in unit.writes]
        ready: list[tuple[Statement, Form, Values, Values]] = []
        for statement, (form, values) in zip(statements, unit.writes, strict=True):
            encoded, misfits = statement.encode([values])
            if misfits:
                self._refuse(unit.row, misfits[0])
                return
            ready.append((statement, form, values, encoded[0]))
        reason = self._insert_together(ready)
        if reason:
            self._refuse(unit.row, reason)

    @abstractmethod
    def _insert(self, run: Alike, statement: Statement, encoded: Sequence[Values], good: Sequence[int]) -> None:
        """Insert the rows of a run at the places `good`, as `encoded`; refuse those that the table does not take."""

    @abstractmethod
    def _insert_together(self, writes: Sequence[tuple[Statement, Form, Values, Values]]) -> str | None:
        """Insert all or nothing, each row as given and as encoded; the reason if a table does not take its row."""

    def _ready(self, form: Form, rows: Sequence[Values]) -> Statement:
        statement = self._statements.get(form)
        if statement is None or not statement.covers(rows):
            statement = self._statements[form] = Statement(self._connection, form, rows)
        return statement

    def _refuse(self, row: int | None, reason: str) -> None:
        if row is None:
            raise JobError(f"A row could not be written: {reason}.")
        self.refused[row] = reason
