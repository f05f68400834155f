"""The server that tests use: one that is killed must really have been killed, and lose nothing that was committed."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import create_engine

from tests.postgres import PostgresServer


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.close()


def test_each_test_has_an_empty_database(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        assert connection.exec_driver_sql(tables).scalar_one() == 0
    engine.dispose()


def test_a_server_that_is_killed_or_stopped_comes_back_with_what_was_committed(server: PostgresServer) -> None:
    with server.connect() as connection:
        connection.execute("CREATE TABLE kept (value int)")
    for value, end in enumerate([server.kill, server.stop, server.kill]):
        with server.connect() as connection:
            connection.execute("INSERT INTO kept VALUES (%s)", (value,))
        cut_off = server.connect()
        end()
        with pytest.raises(psycopg.OperationalError):
            server.connect()
        with pytest.raises(psycopg.OperationalError):
            cut_off.execute("SELECT 1")
        cut_off.close()
        server.start()
    with server.connect() as connection:
        assert connection.execute("SELECT value FROM kept ORDER BY value").fetchall() == [(0,), (1,), (2,)]
