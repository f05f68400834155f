"""Connections to a database of somebody else's: careful ones, which change nothing of how it is kept."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pysqlite3
from sqlalchemy import URL, Connection, Engine, event, make_url, text

from webapp.authoring import JobError
from webapp.services.targets.setting import Target
from webapp.services.targets.trouble import may_not
from webapp.store.database import connect

DENIED = {pysqlite3.SQLITE_ATTACH, pysqlite3.SQLITE_DETACH}
"""Of SQLite: what would lead out of the one file."""

_OF_A_DESK = text(
    "SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
    "WHERE nspname = current_schema() AND relname IN ('job', 'ledger', 'attempt', 'alembic_version')"
)
_OF_A_DESK_IN_SQLITE = text(
    "SELECT count(*) FROM sqlite_schema WHERE name IN ('job', 'ledger', 'attempt', 'alembic_version')"
)
MANY = 4
_MAY_CREATE = text("SELECT has_schema_privilege(current_schema(), 'CREATE')")


def open_target(target: Target, patience_s: float) -> Engine:
    """An engine for it; nothing is connected yet."""
    url = make_url(target.url)
    if target.is_postgres:
        engine = connect(_in_schema(url, target.schema), patience_s=patience_s)
    else:
        engine = connect(_existing_file(url), patience_s=patience_s, keep_journal=True)
        event.listen(engine, "connect", _keep_within)
    return engine


def require_ready(connection: Connection, target: Target) -> None:
    """See that there is a place for the desk's marker tables, and that it is no desk's own.

    Raises:
        JobError: it is not so.
    """
    if target.is_postgres and connection.exec_driver_sql("SELECT current_schema()").scalar() is None:
        raise JobError(
            f"The database “{target.name}” has no schema {target.schema or 'public'}, or the desk may not use it. "
            "Tell an administrator."
        )
    of_a_desk = _OF_A_DESK if target.is_postgres else _OF_A_DESK_IN_SQLITE
    if connection.execute(of_a_desk).scalar_one() >= MANY:
        raise JobError(
            f"The database “{target.name}” holds the tables of a Batchdesk, which jobs may not get at. "
            "Tell an administrator: it needs another schema, or another database."
        )


def require_rights(connection: Connection, target: Target) -> None:
    """See that the desk may make its marker tables, without making any.

    Raises:
        JobError: it may not.
    """
    if target.is_postgres and not connection.execute(_MAY_CREATE).scalar_one():
        raise JobError(may_not(target, "no table can be made there"))


def _in_schema(url: URL, schema: str | None) -> str:
    if schema is not None:
        name = schema.replace('"', '""').replace("\\", "\\\\").replace(" ", "\\ ")
        options = url.query.get("options", "")
        url = url.update_query_dict({"options": f'-c search_path="{name}" {options}'.strip()})
    return url.render_as_string(hide_password=False)


def _existing_file(url: URL) -> str:
    """So that no empty database is made where there is none."""
    path = quote(str(Path(url.database or "")))
    return URL.create("sqlite", database=f"file:{path}", query={"mode": "rw", "uri": "true"}).render_as_string()


def _keep_within(connection: Any, _: object) -> None:  # noqa: ANN401 (the driver has no types)
    def authorize(action: int, _: str | None, second: str | None, *_more: object) -> int:
        leads_out = action in DENIED or (action == pysqlite3.SQLITE_FUNCTION and second == "load_extension")
        return int(pysqlite3.SQLITE_DENY if leads_out else pysqlite3.SQLITE_OK)

    connection.execute("PRAGMA trusted_schema=OFF")
    connection.set_authorizer(authorize)
