"""How the rows of a table are told apart: by a key of columns, or by the place where the database keeps them."""

from sqlalchemy import Connection, text

from webapp.services.datatables.catalog import is_postgres, quoted
from webapp.services.datatables.form import Form

_SQLITE_KEY = text("SELECT lower(name) FROM pragma_table_info(:name) WHERE pk > 0 ORDER BY pk")
_SQLITE_PLACELESS = text("SELECT wr FROM pragma_table_list WHERE schema = 'main' AND lower(name) = :name")
_POSTGRES_KEY = text(
    "SELECT attname FROM pg_index JOIN pg_class ON pg_class.oid = indrelid "
    "JOIN pg_namespace ON pg_namespace.oid = relnamespace "
    "JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey) "
    "WHERE indisprimary AND relname = :name AND nspname = current_schema()"
)
_POSTGRES_WRITABLE = text(
    "SELECT attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
    "JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE relname = :name AND nspname = current_schema() "
    "AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum"
)
_SQLITE_WRITABLE = text("SELECT lower(name) FROM pragma_table_info(:name)")  # it leaves out those that are computed

PLACES = ("rowid", "_rowid_", "oid")
"""What SQLite calls a row's place; a column of that name hides it."""


def primary_key(connection: Connection, table: str) -> tuple[str, ...]:
    """The columns of a table's primary key."""
    asked = _POSTGRES_KEY if is_postgres(connection) else _SQLITE_KEY
    return tuple(connection.execute(asked, {"name": table}).scalars())


def writable(connection: Connection, table: str) -> tuple[str, ...]:
    """The columns of a table that are not computed from others."""
    asked = _POSTGRES_WRITABLE if is_postgres(connection) else _SQLITE_WRITABLE
    return tuple(connection.execute(asked, {"name": table}).scalars())


def place_of(connection: Connection, columns: tuple[str, ...], alias: str) -> str:
    """The SQL for the place of a row of the table with these columns; empty if its rows have none."""
    if is_postgres(connection):
        return f"{alias}tableoid::text || {alias}ctid::text"
    free = next((name for name in PLACES if name not in columns), "")
    return f"{alias}{free}" if free else ""


def identity_of(connection: Connection, form: Form) -> tuple[str, ...] | None:
    """The columns by which rows are found again that are written so; none: by their place.

    Returns:
        None if they can't be found again.
    """
    table, names = form.table, {"name": form.table}
    if not is_postgres(connection) and connection.execute(_SQLITE_PLACELESS, names).scalar():
        return None
    if not place_of(connection, writable(connection, table), ""):
        return None
    own = form.key or primary_key(connection, table)
    return own if is_postgres(connection) or set(own) <= set(form.columns) else ()


def equal(connection: Connection, one: str, other: str, names: tuple[str, ...]) -> str:
    """The SQL that finds rows of `one` by the key of these columns in `other`.

    SQLite converts what is compared to the type of either column, and then passes over the index of one without types:
    a plus takes the other's type away (https://www.sqlite.org/datatype3.html, 4.2).
    """
    bare = "" if is_postgres(connection) else "+"
    return " AND ".join(f"{one}.{column} = {bare}{other}.{column}" for column in (quoted(connection, n) for n in names))
