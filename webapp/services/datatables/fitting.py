"""Names as a table of somebody else's has them: "Order Lines" and "Unit Price" are found by order_lines, unit_price."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy import Connection, text

from webapp.services.datatables.catalog import is_postgres, read_columns
from webapp.services.datatables.form import Form
from webapp.services.datatables.names import safe_name

_POSTGRES_TABLES = text(
    "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
    "WHERE nspname = current_schema() AND relkind IN ('r', 'p', 'v', 'm', 'f')"
)
_SQLITE_TABLES = text("SELECT lower(name) FROM sqlite_schema WHERE type IN ('table', 'view')")


def fitted(connection: Connection, form: Form) -> Form:
    """The form with the names that are there; what is not there keeps its safe name."""
    tables = connection.execute(_POSTGRES_TABLES if is_postgres(connection) else _SQLITE_TABLES).scalars()
    table = _found(form.table, _by_safe_name(tables))
    there = _by_safe_name(read_columns(connection, table))
    names = {name: _found(name, there) for name in form.columns}
    key = tuple(names[name] for name in form.key)
    return replace(form, table=table, columns=tuple(names.values()), key=key)


def _by_safe_name(names: Iterable[str]) -> dict[str, str]:
    """Each name by its safe one: itself, if it is that; and nothing where two are alike."""
    given = list(names)
    alike = Counter(map(safe_name, given))
    return {safe_name(name): name for name in given if alike[safe_name(name)] == 1} | {name: name for name in given}


def _found(name: str, there: Mapping[str, str]) -> str:
    return there.get(name, name)
