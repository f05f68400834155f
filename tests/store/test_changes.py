"""Changes: every commit of anybody else is noticed, and nothing else."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.store.changes import Changes
from webapp.store.database import Database

ROOT = Path(__file__).resolve().parents[2]
WRITE = """import sys
from webapp.store.database import Database
with Database(sys.argv[1]).write() as session:
    session.connection().exec_driver_sql("INSERT INTO tally VALUES (1)")
"""


@pytest.fixture
def changes(database: Database) -> Iterator[Changes]:
    with database.write() as session:
        session.connection().exec_driver_sql("CREATE TABLE tally (value INTEGER)")
    changes = Changes(database)
    yield changes
    changes.close()


def write(database: Database) -> None:
    with database.write() as session:
        session.connection().exec_driver_sql("INSERT INTO tally VALUES (1)")


def test_the_first_look_is_a_change_and_the_second_is_none(changes: Changes) -> None:
    assert [changes.moved() for _ in range(3)] == [True, False, False]


def test_each_commit_is_noticed_once_and_several_are_one(changes: Changes, database: Database) -> None:
    changes.moved()
    for _ in range(3):
        write(database)
        assert [changes.moved(), changes.moved()] == [True, False]
    write(database)
    write(database)
    assert [changes.moved(), changes.moved()] == [True, False]


def test_a_commit_of_another_process_is_noticed(changes: Changes, database: Database) -> None:
    changes.moved()
    subprocess.run([sys.executable, "-c", WRITE, database.url], check=True, cwd=ROOT)
    assert changes.moved()


def test_what_is_rolled_back_or_only_read_is_no_change(changes: Changes, database: Database) -> None:
    changes.moved()
    with database.write() as session:
        session.connection().exec_driver_sql("INSERT INTO tally VALUES (1)")
        session.rollback()
    with database.read() as session:
        session.connection().exec_driver_sql("SELECT * FROM tally").all()
    assert not changes.moved()


def test_looking_holds_no_transaction(changes: Changes, database: Database) -> None:
    changes.moved()
    write(database)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    assert busy == 0, "a watcher would keep the log from being emptied"


def test_after_it_was_closed_it_begins_anew(changes: Changes) -> None:
    changes.moved()
    changes.close()
    assert changes.moved()
