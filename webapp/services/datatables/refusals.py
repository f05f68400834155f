"""Why the database did not take a row, in words."""

from collections.abc import Mapping

from webapp.services.datatables.form import Form, Values
from webapp.services.datatables.kinds import plain, shown

BIGGEST = 2**63


def describe(error: Exception, form: Form, values: Values) -> str:
    """The sentence for a row that was refused with this error."""
    row = dict(zip(form.columns, values, strict=True))
    if isinstance(error, OverflowError):
        return f"{_too_large(row)} is too large for a table"
    if isinstance(error, UnicodeEncodeError):
        return "a broken character in it cannot be kept in a table"
    same = _same(str(error), row)
    if same:
        return f"a row with {same} is already in table {form.table}, perhaps from an earlier row of this file"
    return f"table {form.table} does not take it: {error}"


def _too_large(row: Mapping[str, object]) -> str:
    numbers = ((name, plain(value)) for name, value in row.items())
    return next((name for name, number in numbers if isinstance(number, int) and abs(number) >= BIGGEST), "a value")


def _same(message: str, row: Mapping[str, object]) -> str:
    """Which values another row has already: SQLite says "UNIQUE constraint failed: people.country, people.code"."""
    rule, _, places = message.partition(" constraint failed: ")
    names = [place.rpartition(".")[2] for place in places.split(", ")]
    if rule != "UNIQUE" or not row.keys() >= set(names):
        return ""
    return " and ".join(f"{name} {shown(row[name])}" for name in names)
