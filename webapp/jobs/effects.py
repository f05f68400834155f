"""What a job's rows do in the desk's own database: executed in the transaction that writes their outcomes down."""

from collections.abc import Mapping

from sqlalchemy import Executable, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from webapp.authoring import JobError
from webapp.jobs.batch import Batch
from webapp.jobs.lanes import present
from webapp.store.postgres import LIMIT_PASSED
from webapp.store.tables import Outcome

SQLITE_ERROR = (
    1  # a statement that makes no sense, such as one on a table that is not there: https://sqlite.org/rescode.html
)
REFUSED_STATES = (LIMIT_PASSED, "57014")
"""Of PostgreSQL: a limit of the database is passed, or the time for one statement."""

Statement = tuple[Executable, Mapping[str, object]]


class DeskEffects:
    """The `authoring.DeskTables` of one claim of a job: statements are gathered, and executed with the next commit."""

    def __init__(self) -> None:
        self._gathered: dict[int | None, list[Statement]] = {}
        self._row: int | None = None

    @property
    def current_row(self) -> int | None:
        """The row that a statement belongs to; None if it belongs to none."""
        lane = present.get()
        return self._row if lane is None else lane.row

    @current_row.setter
    def current_row(self, row: int | None) -> None:
        self._row = row

    def __bool__(self) -> bool:
        return bool(self._gathered)

    def execute(self, statement: Executable | str, parameters: Mapping[str, object] | None = None) -> None:
        """Gather a statement for the present row."""
        made = text(statement) if isinstance(statement, str) else statement
        self._gathered.setdefault(self.current_row, []).append((made, dict(parameters or {})))

    def take(self, without: range) -> "DeskEffects":
        """What was gathered, but for rows in `without`; only theirs is kept here."""
        taken = DeskEffects()
        for row in list(self._gathered):
            if row is None or row not in without:
                taken._gathered[row] = self._gathered.pop(row)
        return taken

    def execute_all(self, session: Session, batch: Batch) -> None:
        """Execute what was gathered for rows that are done; one that is refused keeps nothing, and gets an entry.

        Raises:
            JobError: a statement that belongs to no row was refused.
        """
        for row, statements in self._gathered.items():
            if row in batch.entries:
                continue
            try:
                with session.begin_nested():
                    for statement, parameters in statements:
                        session.execute(statement, dict(parameters))
            except DBAPIError as error:
                if _is_trouble(error):
                    raise
                _refuse(batch, row, error)


def _refuse(batch: Batch, row: int | None, error: DBAPIError) -> None:
    sentence = f"The desk's database did not take what was to be written: {error.orig}"
    if row is None:
        raise JobError(sentence) from error
    batch.add(batch.entry(row, Outcome.rejected, sentence, code="refused"))


def makes_no_sense(error: Exception) -> bool:
    """Whether a database refused a statement for good, by the kind of error that ailing databases give as well."""
    cause = getattr(error, "orig", error)
    state = getattr(cause, "sqlstate", None) or ""
    return getattr(cause, "sqlite_errorcode", None) == SQLITE_ERROR or state.startswith(REFUSED_STATES)


def _is_trouble(error: DBAPIError) -> bool:
    """Whether the database itself is ailing, so that the statement may be all right."""
    return isinstance(error, OperationalError) and not makes_no_sense(error)
