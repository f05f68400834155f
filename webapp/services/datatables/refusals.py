"""Why the database did not take a row, in words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.exc import DBAPIError

from webapp.services.datatables.form import Form, Values
from webapp.services.datatables.kinds import plain, shown

BIGGEST = 2**63

# codes of PostgreSQL's errors, and what stays the same of what it says in any language
TOO_LARGE, EMPTY, TWICE = "22003", "23502", "23505"
SAME = re.compile(r"\(([a-z0-9_, ]+)\)=\(")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What PostgreSQL says of an error."""

    code: str | None
    message: str
    detail: str = ""
    column: str = ""


def describe(error: Exception | Diagnosis, form: Form, values: Values) -> str:
    """The sentence for a row that was refused with this error."""
    row = dict(zip(form.columns, values, strict=True))
    if isinstance(error, OverflowError):
        return f"{_too_large(row)} is too large for a table"
    if isinstance(error, UnicodeEncodeError):
        return "a broken character in it cannot be kept in a table"
    if isinstance(error, Diagnosis):
        return _of_postgres(error, form, row)
    if isinstance(error, DBAPIError):
        return _of_postgres(_diagnosis(error), form, row)
    same = _same(str(error), row)
    if same:
        return _is_there(same, form)
    return f"table {form.table} does not take it: {error}"


def _is_there(same: str, form: Form) -> str:
    return f"a row with {same} is already in table {form.table}, perhaps from an earlier row of this file"


def is_there(form: Form, values: Values) -> str:
    """The sentence for a row whose key another row has already."""
    return _is_there(_values(form.key, dict(zip(form.columns, values, strict=True))), form)


def _diagnosis(error: DBAPIError) -> Diagnosis:
    cause = error.orig
    said = getattr(cause, "diag", None)
    parts = (getattr(said, name, None) or "" for name in ("message_primary", "message_detail", "column_name"))
    message, detail, column = parts
    return Diagnosis(getattr(cause, "sqlstate", None), message or str(cause), detail, column)


def _of_postgres(said: Diagnosis, form: Form, row: Mapping[str, object]) -> str:
    code = said.code
    if code is None and "NUL" in said.message:
        return "a NUL character in it cannot be kept in a table"
    if code == TOO_LARGE:
        return f"{_too_large(row)} is too large for a table"
    if code == EMPTY and said.column:
        return f"{said.column} is empty, but table {form.table} keeps no row without it"
    found = SAME.search(said.detail) if code == TWICE else None
    names = found[1].split(", ") if found else []
    if names and row.keys() >= set(names):
        return _is_there(_values(names, row), form)
    return f"table {form.table} does not take it: {said.message}"


def _too_large(row: Mapping[str, object]) -> str:
    for name, value in row.items():
        number = plain(value)
        if isinstance(number, int | Decimal) and not -BIGGEST < number < BIGGEST:
            return name
    return "a value"


def _same(message: str, row: Mapping[str, object]) -> str:
    """Which values another row has already: SQLite says "UNIQUE constraint failed: people.country, people.code"."""
    rule, _, places = message.partition(" constraint failed: ")
    names = [place.rpartition(".")[2] for place in places.split(", ")]
    if rule != "UNIQUE" or not row.keys() >= set(names):
        return ""
    return _values(names, row)


def _values(names: Sequence[str], row: Mapping[str, object]) -> str:
    return " and ".join(f"{name} {shown(row[name])}" for name in names)
