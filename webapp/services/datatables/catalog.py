"""What a data database says of its tables, and how names stand in a statement: SQLite's way and PostgreSQL's."""

from sqlalchemy import Connection, text

from webapp.authoring import JobError

MOST_COLUMNS = {"sqlite": 2_000, "postgresql": 1_600}
"""What the database keeps in one table."""

_SQLITE_RELATION = text("SELECT type FROM sqlite_schema WHERE lower(name) = :name")
_SQLITE_COLUMNS = text("SELECT lower(name), type FROM pragma_table_info(:name)")
_POSTGRES_RELATION = text(
    "SELECT CASE relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'v' THEN 'view' ELSE 'no table' END "
    "FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
    "WHERE relname = :name AND nspname = current_schema()"
)
_POSTGRES_PARTITIONED = text(
    "SELECT relkind = 'p' FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
    "WHERE relname = :name AND nspname = current_schema()"
)
_POSTGRES_COLUMNS = text(
    "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
    "JOIN pg_class ON pg_class.oid = attrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace "
    "WHERE relname = :name AND nspname = current_schema() AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
)


def is_postgres(connection: Connection) -> bool:
    """Whether the tables are in PostgreSQL."""
    return connection.dialect.name == "postgresql"


def read_columns(connection: Connection, table: str) -> dict[str, str]:
    """The columns of a table, in order, with the words of their types; empty if there is no such table.

    Raises:
        JobError: the name belongs to something else than a table.
    """
    asked = {"name": table}
    relation, columns = (
        (_POSTGRES_RELATION, _POSTGRES_COLUMNS) if is_postgres(connection) else (_SQLITE_RELATION, _SQLITE_COLUMNS)
    )
    found = connection.execute(relation, asked).scalar()
    if found not in {None, "table"}:
        raise JobError(f"{table} is not a table in the data database ({found}): choose another name.")
    return {str(name): str(declared) for name, declared in connection.execute(columns, asked)}


def is_partitioned(connection: Connection, table: str) -> bool:
    """Whether a table's rows are kept in others, its partitions. PostgreSQL only."""
    return bool(connection.execute(_POSTGRES_PARTITIONED, {"name": table}).scalar())


def make_schema(connection: Connection) -> None:
    """Make the schema that is first in the connection's search path, if none of the path is there. PostgreSQL only."""
    if connection.exec_driver_sql("SELECT current_schema()").scalar() is None:
        path: str = connection.exec_driver_sql("SHOW search_path").scalar_one()
        first = path.split(",", maxsplit=1)[0].strip().strip('"')
        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {quoted(connection, first)}")


def quoted(connection: Connection, *names: str) -> str:
    """Names as they stand in a statement, in the way of the database, with commas between."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    return ", ".join(quote(name) for name in names)


def marks(connection: Connection, count: int) -> str:
    """So many places for values, in the way of the database's driver, with commas between."""
    return ", ".join(["%s" if is_postgres(connection) else "?"] * count)
