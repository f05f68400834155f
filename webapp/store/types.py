"""Column types and SQL expressions that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Float, Integer, TypeDecorator
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import InternalTraversal

BigId = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers only INTEGER keys by itself


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC. A naive one is refused: nobody can know what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone can't be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


class DatabaseNow(FunctionElement[datetime]):
    """The database's own clock, `seconds` from now: leases are judged by one clock, whoever asks."""

    type = UtcDateTime()
    inherit_cache = True
    # what tells one from another, so that a statement is compiled once for each number of seconds
    _traverse_internals = [("seconds", InternalTraversal.dp_plain_obj)]  # noqa: RUF012 (as SQLAlchemy declares it)

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        super().__init__()


class Epoch(FunctionElement[float]):
    """Seconds since 1970 of a time, with their fractions."""

    type = Float()
    inherit_cache = True


@compiles(Epoch, "sqlite")
def _sqlite_epoch(element: Epoch, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401
    return f"unixepoch({compiler.process(element.clauses, **how)}, 'subsec')"


@compiles(Epoch, "postgresql")
def _postgresql_epoch(element: Epoch, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401
    return f"extract(epoch FROM {compiler.process(element.clauses, **how)})"


@compiles(DatabaseNow, "sqlite")
def _sqlite(element: DatabaseNow, compiler: SQLCompiler, **_: Any) -> str:  # noqa: ARG001, ANN401 (the hook's signature)
    # the same text as SQLAlchemy's own: six digits of a second, so that texts compare as times do
    return f"(strftime('%Y-%m-%d %H:%M:%f', 'now', '{element.seconds:+.3f} seconds') || '000')"


@compiles(DatabaseNow, "postgresql")
def _postgresql(element: DatabaseNow, compiler: SQLCompiler, **_: Any) -> str:  # noqa: ARG001, ANN401
    return f"(clock_timestamp() + interval '{element.seconds:.3f} seconds')"
