"""A data database on SQLite and on PostgreSQL, and a claim that writes into it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.services.datatables.support import JOB, Query, as_text
from webapp.services.data import DataDatabase, DataWriter
from webapp.settings import Settings
from webapp.store.database import connect


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the rows go: each test runs on both."""
    desk = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    return Settings(data=tmp_path, database_url=desk).data_database


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """A way into the same database for the tests' own questions."""
    engine = connect(url)
    yield engine
    engine.dispose()


@pytest.fixture
def database(url: str) -> Iterator[DataDatabase]:
    database = DataDatabase(url)
    yield database
    database.close()


@pytest.fixture
def writer(database: DataDatabase) -> DataWriter:
    database.take(JOB, 1)
    return database.writer(JOB, 1)


@pytest.fixture
def query(engine: Engine) -> Query:
    """Ask for rows; what SQLite keeps as text, PostgreSQL's own types are given as."""

    def run(sql: str) -> list[Any]:
        with engine.connect() as connection:
            rows = [tuple(map(as_text, row)) for row in connection.exec_driver_sql(sql)]
        return [row[0] if len(row) == 1 else row for row in rows]

    return run


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[DataDatabase]:
    database = DataDatabase(Settings(database_url=postgres_url).data_database)
    yield database
    database.close()


@pytest.fixture
def on_postgres(postgres: DataDatabase) -> DataWriter:
    postgres.take(JOB, 1)
    return postgres.writer(JOB, 1)
