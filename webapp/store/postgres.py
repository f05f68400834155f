"""PostgreSQL: connections set up so that a lost one is noticed soon, and nobody waits for anybody for ever."""

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError

STATEMENT_S = 300  # the longest statement of the desk's own: far more than any needs
IDLE_S = 60  # how long a process that stopped in the midst of a transaction may keep its locks

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

PASSING = {
    "25006",  # the server has become one that only follows another
    "25P03",  # we were silent for longer than IDLE_S within a transaction
    "25P04",  # a transaction took longer than the server's administrator allows
}
"""Errors that pass, although the driver does not count them among those of operation."""


class MissingDriverError(Exception):
    """The URL names PostgreSQL, and what speaks to it is not installed."""


def connect_postgres(url: URL, *, patience_s: float, statement_s: float) -> Engine:
    """An engine for a PostgreSQL URL.

    What is set for a session is sent when it begins, so that a pooler that would lose it refuses the connection.

    Args:
        url: the database; its own options stand.
        patience_s: how long to wait for another's lock before giving up.
        statement_s: how long a statement may take; 0 for as long as it needs.

    Raises:
        MissingDriverError: psycopg is not installed.
    """
    settings = {
        "timezone": "UTC",
        "lock_timeout": _ms(patience_s),
        "statement_timeout": _ms(statement_s),
        "idle_in_transaction_session_timeout": _ms(IDLE_S),
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
    event.listen(engine, "handle_error", _tell_what_passes)
    return engine


def _options(url: URL) -> str:
    own = url.query.get("options", "")
    return own if isinstance(own, str) else " ".join(own)


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
