"""PostgreSQL: connections set up so that a lost one is noticed soon, and nobody waits for anybody for ever."""

import logging
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError

STATEMENT_S = 300  # the longest statement of the desk's own: far more than any needs
NUL_SIGN = "\N{SYMBOL FOR NULL}"
IDLE_S = 15  # how long a process that stopped in the midst of a transaction may keep its locks

ON_THE_WIRE = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "application_name": "batchdesk",
    "target_session_attrs": "read-write",  # of several hosts the one that leads, and never one that only follows
}
"""How soon a server that is gone is noticed. Whatever of it the URL says stands."""

OWN_SESSION = "batchdesk.session"
"""A setting that stands only for telling whether what is set for a session has reached the server."""

POOLER = (
    "a pooler stands before PostgreSQL and keeps nothing of what the desk sets for its sessions: "
    "give the address of PostgreSQL itself"
)

PASSING = {
    "25006",  # the server has become one that only follows another
    "25P03",  # we were silent for longer than IDLE_S within a transaction
    "25P04",  # a transaction took longer than the server's administrator allows
}
"""Errors that pass, although the driver does not count them among those of operation."""

LIMIT_PASSED = "54"
"""How the codes of errors begin that say that one of its limits is passed: no time makes that better."""


class MissingDriverError(Exception):
    """The URL names PostgreSQL, and what speaks to it is not installed."""


def is_pooler(said: str) -> bool:
    """Whether this is the word of a pooler that the desk can't work with, or ours on one."""
    return "unsupported startup parameter" in said or POOLER in said


def without_nul(value: Any) -> Any:  # noqa: ANN401 (whatever a column holds)
    """The value as PostgreSQL can keep it: where a text has a NUL, it gets the sign for one."""
    return value.replace("\0", NUL_SIGN) if isinstance(value, str) else value


def connect_postgres(url: URL, *, patience_s: float, for_desk: bool) -> Engine:
    """An engine for a PostgreSQL URL.

    What is set for a session is sent when it begins, so that a pooler that would lose it refuses the connection. One
    that was told to drop it in silence is refused by us: rows would go into other tables than were meant, locks would
    be waited for without end, and nothing that is told would be heard.

    Args:
        url: the database; its own options stand.
        patience_s: how long to wait for another's lock before giving up.
        for_desk: whether it holds the desk's own tables. Their statements are short, and what a cell or an error
            says must not keep the account of it from being written, so NULs are replaced.

    Raises:
        MissingDriverError: psycopg is not installed.
    """
    settings = {
        "timezone": "UTC",
        "lock_timeout": _ms(patience_s),
        "statement_timeout": _ms(STATEMENT_S if for_desk else 0),
        "idle_in_transaction_session_timeout": _ms(IDLE_S),
        OWN_SESSION: "begun",
    }
    options = " ".join([*(f"-c {name}={value}" for name, value in settings.items()), _options(url)]).strip()
    arguments = {name: value for name, value in ON_THE_WIRE.items() if name not in url.query}
    try:
        engine = create_engine(
            url,
            connect_args={**arguments, "options": options},
            hide_parameters=True,  # they hold people's rows: an error that is logged must not tell them
            pool_pre_ping=True,
            pool_size=5,
            max_overflow=15,  # a server has some hundred connections, for all machines
            pool_timeout=max(patience_s, 1),
        )
    except ModuleNotFoundError:
        raise MissingDriverError(
            "The database is PostgreSQL, and what speaks to it is not installed: install batchdesk[postgres]."
        ) from None
    event.listen(engine, "connect", lambda connection, _: _require_own_session(connection))
    if for_desk:
        event.listen(engine, "connect", lambda connection, _: _replace_nuls(connection))
    # it warns of each batch that a refused row has stopped, and that is told where it belongs
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    event.listen(engine, "handle_error", _tell_what_passes)
    return engine


def _options(url: URL) -> str:
    own = url.query.get("options", "")
    return own if isinstance(own, str) else " ".join(own)


def _require_own_session(connection: Any) -> None:  # noqa: ANN401 (psycopg's, which may not be installed)
    """See that the server has what was set for the session.

    Raises:
        psycopg.OperationalError: a pooler has dropped it.
    """
    from psycopg import OperationalError  # noqa: PLC0415

    try:
        connection.autocommit = True  # one question, and no transaction around it
        begun = connection.execute("SELECT current_setting(%s, true)", [OWN_SESSION]).fetchone()[0]
        connection.autocommit = False
    except BaseException:
        connection.close()
        raise
    if begun is None:
        connection.close()
        raise OperationalError(POOLER)


def _replace_nuls(connection: Any) -> None:  # noqa: ANN401 (psycopg's, which may not be installed)
    from psycopg.types.string import StrDumperUnknown  # noqa: PLC0415

    class WithoutNul(StrDumperUnknown):
        def dump(self, obj: str) -> Any:  # noqa: ANN401
            return super().dump(without_nul(obj))

    connection.adapters.register_dumper(str, WithoutNul)


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


def _hide_rows(error: BaseException) -> bool:
    """Leave out what PostgreSQL adds to an error: it cites whole rows, and errors are logged. Whether it did."""
    diagnosis = getattr(error, "diag", None)
    if diagnosis is None or diagnosis.message_detail is None:
        return False
    error.args = (diagnosis.message_primary,)
    return True


def _tell_what_passes(context: ExceptionContext) -> Exception | None:
    error, wrapped = context.original_exception, context.sqlalchemy_exception
    if context.is_pre_ping:
        return None  # the pool connects anew
    if getattr(error, "sqlstate", None) in PASSING:
        context.is_disconnect = True  # what the pool still holds is as good for nothing
        return OperationalError(context.statement, None, error, hide_parameters=True)
    if _hide_rows(error) and isinstance(wrapped, DBAPIError):
        return type(wrapped)(context.statement, None, error, hide_parameters=True)
    return None
