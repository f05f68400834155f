"""A database of somebody else's, for tests: with a table in it, looked at from outside."""

from pathlib import Path
from typing import Any

import pysqlite3
from sqlalchemy import Engine, create_engine, make_url

NAME = "Shop floor"


class Elsewhere:
    """One database in SQLite or PostgreSQL that a desk may write into."""

    def __init__(self, url: str, more: str = "") -> None:
        self.url = url
        self.setting = f"{NAME}={url}{more}"
        self.is_postgres = url.startswith("postgresql")
        if not self.is_postgres:
            pysqlite3.connect(make_url(url).database).close()
            Path(make_url(url).database or "").touch()
        self.engine: Engine = create_engine(url, **({} if self.is_postgres else {"module": pysqlite3}))

    def query(self, *statements: str) -> list[Any]:
        """Do something there, and give what the last of it found; a row of one column as its value."""
        found: list[Any] = []
        with self.engine.begin() as connection:
            for statement in statements:
                result = connection.exec_driver_sql(statement)
                found = [row[0] if len(row) == 1 else tuple(row) for row in result] if result.returns_rows else []
        return found

    def close(self) -> None:
        """Give back what is held."""
        self.engine.dispose()
