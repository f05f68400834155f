"""Connections to a SQLite file of somebody else's: nothing leads out of it, and nothing of how it is kept changes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from tests.elsewhere import Elsewhere
from webapp.services.targets.opening import open_target
from webapp.services.targets.setting import Target


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    elsewhere = Elsewhere(f"sqlite:///{tmp_path / 'a file, 100%.db'}")
    elsewhere.query("CREATE TABLE t (id integer)")
    opened = open_target(Target("shop", elsewhere.url), 1)
    yield opened
    opened.dispose()
    elsewhere.close()


@pytest.mark.parametrize(
    "statement",
    ["ATTACH '/etc/passwd' AS p", "ATTACH ':memory:' AS m", "SELECT load_extension('x')", "DETACH main"],
)
def test_nothing_leads_out_of_the_file(engine: Engine, statement: str) -> None:
    with engine.connect() as connection, pytest.raises(DBAPIError, match=r"not authorized|prohibited"):
        connection.exec_driver_sql(statement)


def test_the_journal_stays_as_it_was_given(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "delete"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar_one() == 0
