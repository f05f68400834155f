"""Many rows at once, some of which a table does not take: exactly those stay out, each with its own reason."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from webapp.services.data import DataDatabase, DataWriter
from webapp.settings import Settings
from webapp.store.database import connect

ROWS = 1_000
TABLE = {
    "sqlite": "CREATE TABLE people (id INTEGER, name TEXT NOT NULL CHECK (length(name) <= 10), age INTEGER)",
    "postgresql": "CREATE TABLE people (id bigint, name varchar(10) NOT NULL, age smallint, s char(3))",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """The data database with a table that somebody else has made."""
    desk = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    settings = Settings(data=tmp_path, database_url=desk)
    database = DataDatabase(settings.data_database)
    database.take(uuid4(), 1)
    database.close()
    engine = connect(settings.data_database)
    with engine.begin() as connection:
        connection.exec_driver_sql(TABLE[engine.dialect.name])
        connection.exec_driver_sql("INSERT INTO people (id, name) VALUES (500, 'there')")
    yield engine
    engine.dispose()


@pytest.fixture
def writer(engine: Engine) -> Iterator[DataWriter]:
    database, job = DataDatabase(engine.url.render_as_string(hide_password=False)), uuid4()
    database.take(job, 1)
    yield database.writer(job, 1)
    database.close()


def commit(writer: DataWriter) -> dict[int, str]:
    found: dict[int, str] = {}

    def settle(refused: Mapping[int, str]) -> dict[str, Any]:
        found.update(refused)
        return {}

    writer.commit(settle)
    return found


def rows(change: Callable[[int], tuple[object, ...] | None]) -> list[tuple[object, ...]]:
    return [change(row) or (row, f"name {row}", row % 90) for row in range(1, ROWS + 1)]


ODD: dict[int, tuple[object, ...]] = {
    7: (7, "a name that is too long", 1),
    8: (8, None, 1),
    100: (99, "again", 1),
    101: (99, "again", 1),
    300: (300, "broken \ud800", 1),
    999: (2**63, "big", 1),
}


def test_each_row_that_is_not_taken_stays_out_alone(writer: DataWriter, engine: Engine) -> None:
    writer.insert_many("people", ["id", "name", "age"], rows(ODD.get), range(1, ROWS + 1), "id")
    refused = commit(writer)
    assert sorted(refused) == [7, 8, 100, 101, 300, 500, 999]
    for row in (100, 101):
        assert refused[row].startswith("a row with id “99” is already in table people")
    assert refused[500].startswith("a row with id “500” is already in table people")
    assert refused[300] == "a broken character in it cannot be kept in a table"
    assert refused[999] == "id is too large for a table"
    with engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT id, name FROM people ORDER BY id").all()
    left_out = {7, 8, 100, 101, 300, 999}
    assert [tuple(row) for row in kept] == [
        (row, "there" if row == 500 else f"name {row}") for row in range(1, ROWS + 1) if row not in left_out
    ]


def test_of_rows_with_one_key_the_last_that_is_taken_stands(writer: DataWriter, engine: Engine) -> None:
    odd: dict[int, tuple[object, ...]] = {
        100: (99, "second", 1),
        101: (99, "much too long a name", 1),
        500: (500, "new", 1),
    }
    writer.upsert_many("people", ["id", "name", "age"], rows(odd.get), range(1, ROWS + 1), ["id"])
    assert sorted(commit(writer)) == [101]
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT id, name FROM people WHERE id IN (99, 500) ORDER BY id").all()
        (count,) = connection.exec_driver_sql("SELECT count(*) FROM people").one()
    assert [tuple(row) for row in found] == [(99, "second"), (500, "new")]
    assert count == ROWS - 2


def test_a_text_too_long_is_never_cut(writer: DataWriter, engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no texts of a set length")
    found = [(row, "x", "abcd" if row == 3 else "abc") for row in range(1, 51)]
    writer.insert_many("people", ["id", "name", "s"], found, range(1, 51))
    assert list(commit(writer)) == [3]
