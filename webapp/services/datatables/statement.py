"""One way of writing rows into one table: its SQL, and how each row's values are made ready for it."""

from collections.abc import Sequence
from operator import is_

from sqlalchemy import Connection

from webapp.services.datatables.catalog import marks, quoted
from webapp.services.datatables.form import Form, Values
from webapp.services.datatables.kinds import TEXT, Encoder, Kind, MisfitError, encoder, kind_of_value
from webapp.services.datatables.schema import ensure_table, read_kinds

Misfits = dict[int, str]


class Statement:
    """A form made ready for a table as it stands.

    A new column takes its kind from the first value there is for it; until there is one, it is left out.
    """

    def __init__(self, connection: Connection, form: Form, rows: Sequence[Values]) -> None:
        """Make what the table lacks, and the SQL.

        Raises:
            JobError: the table cannot take rows of this form.
        """
        kinds = _kinds(connection, form, rows)
        self._form = form
        self._kinds = {name: kinds[name] for name in form.columns if name in kinds}
        self._known = [(position, name) for position, name in enumerate(form.columns) if name in kinds]
        self._unknown = [position for position, name in enumerate(form.columns) if name not in kinds]
        self._keyless = next((name for name in form.key if name not in kinds), None)
        if not self._keyless:
            ensure_table(connection, form.table, self._kinds, form.key)
        self.names = list(self._kinds)
        self._into, self._otherwise = _into(connection, form, self.names), _otherwise(connection, form, self.names)
        self.sql = f"{self._into} VALUES ({marks(connection, len(self.names))}){self._otherwise}"

    def from_rows_of(self, select: str) -> str:
        """The SQL that writes what a SELECT gives, whose columns are `names`."""
        return f"{self._into} {select}{self._otherwise}"

    def covers(self, rows: Sequence[Values]) -> bool:
        """Whether these rows bring no value for a column that was left out."""
        return all(values[position] is None for position in self._unknown for values in rows)

    def encode(self, rows: Sequence[Values]) -> tuple[Sequence[Values], Misfits]:
        """The rows as the database takes them, and the reasons for those that cannot be kept, by their index."""
        if self._keyless:
            return rows, dict.fromkeys(range(len(rows)), f"{self._keyless} is empty, but rows are told apart by it")
        misfits: Misfits = {}
        columns = list(zip(*rows, strict=True))
        ready = [self._encode_column(name, columns[position], misfits) for position, name in self._known]
        unchanged = len(ready) == len(columns) and all(map(is_, ready, columns))
        return rows if unchanged else list(zip(*ready, strict=True)), misfits

    def _encode_column(self, name: str, column: Values, misfits: Misfits) -> Values:
        """A column at a time: most need no more than a look at the types in them."""
        kind, required = self._kinds[name], name in self._form.key
        found = {python: encoder(kind, python, required=required) for python in set(map(type, column))}
        if not any(found.values()):
            return column
        try:
            return [encode(value) if (encode := found[type(value)]) else value for value in column]
        except MisfitError:
            return [
                _encode_or_note(found[type(value)], name, value, index, misfits) for index, value in enumerate(column)
            ]


def _encode_or_note(encode: Encoder | None, name: str, value: object, index: int, misfits: Misfits) -> object:
    try:
        return encode(value) if encode else value
    except MisfitError as misfit:
        misfits.setdefault(index, f"{name} {misfit}")
        return None


def _kinds(connection: Connection, form: Form, rows: Sequence[Values]) -> dict[str, Kind]:
    kinds = read_kinds(connection, form.table)
    new = [(position, name) for position, name in enumerate(form.columns) if name not in kinds]
    for position, name in new:
        value = next((values[position] for values in rows if values[position] is not None), None)
        if value is not None:
            kinds[name] = kind_of_value(value)
    if not any(name in kinds for name in form.columns):
        kinds[form.columns[0]] = TEXT  # a row of nothing but blanks is a row all the same
    return kinds


def _into(connection: Connection, form: Form, names: Sequence[str]) -> str:
    return f"INSERT INTO {quoted(connection, form.table)} ({quoted(connection, *names)})"


def _otherwise(connection: Connection, form: Form, names: Sequence[str]) -> str:
    """What becomes of a row that is there already."""
    if not form.replace:
        return ""
    others = [quoted(connection, name) for name in names if name not in form.key]
    key = quoted(connection, *form.key)
    changes = others or [quoted(connection, form.key[0])]  # of what nothing is done with, nothing is returned
    changed = ", ".join(f"{name} = excluded.{name}" for name in changes)
    return f" ON CONFLICT ({key}) DO UPDATE SET {changed}"
