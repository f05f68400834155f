"""Which engine a desk has: its database decides."""

from webapp.engines.base import Engine
from webapp.engines.embedded import EmbeddedEngine
from webapp.settings import Settings
from webapp.store.database import Database


def choose_engine(database: Database, settings: Settings) -> Engine:
    """The engine for one machine, or, where several share a PostgreSQL, the one for several."""
    if not database.is_postgres:
        return EmbeddedEngine(database, settings)
    from webapp.engines.procrastinate import ProcrastinateEngine  # noqa: PLC0415 (not installed for SQLite alone)

    return ProcrastinateEngine(database, settings)
