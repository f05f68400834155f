"""Column types and expressions of our own."""

from pathlib import Path

from sqlalchemy import select

from webapp.store.database import Database
from webapp.store.types import DatabaseNow


def test_the_databases_clock_is_asked_for_so_many_seconds_from_now_each_time(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'desk.sqlite3'}")
    with database.read() as session:
        now, later, earlier = (session.execute(select(DatabaseNow(each))).scalar_one() for each in (0.0, 60.0, -60.0))
    database.close()
    assert round((later - now).total_seconds()) == 60
    assert round((earlier - now).total_seconds()) == -60


def test_a_statement_that_asks_for_it_is_compiled_once() -> None:
    once, again, other = (select(DatabaseNow(each))._generate_cache_key() for each in (5.0, 5.0, 6.0))
    assert once == again
    assert once != other
