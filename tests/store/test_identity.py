"""A database that lacks what was committed last is not used."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.schema import bring_schema
from webapp.kit import new_id
from webapp.store.database import Database
from webapp.store.identity import NOTE, WrongDatabaseError, note_use, require_own
from webapp.store.tables import Worker

ROOT = Path(__file__).resolve().parents[2]
USE_AND_DIE = """
import os, sys
from webapp.store.database import Database
from webapp.store.identity import note_use
note_use(Database(sys.argv[1]))
os._exit(0)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A desk's database, that was used and closed in order."""
    file = tmp_path / "desk.sqlite3"
    database = opened(file)
    bring_schema(database)
    note_use(database)
    database.close()
    assert not file.with_name(f"{file.name}-wal").exists()
    return file


@pytest.fixture
def used_and_killed(file: Path) -> Path:
    """The same, but its last user was killed: what it committed last is in the log."""
    subprocess.run([sys.executable, "-c", USE_AND_DIE, f"sqlite:///{file}"], cwd=ROOT, check=True)
    assert file.with_name(f"{file.name}-wal").stat().st_size > 0
    return file


def opened(file: Path) -> Database:
    return Database(f"sqlite:///{file}")


def look(file: Path) -> None:
    database = opened(file)
    try:
        require_own(database)
    finally:
        database.close()


def test_a_file_that_was_closed_in_order_or_killed_over_is_used(file: Path, used_and_killed: Path) -> None:
    look(file)
    look(used_and_killed)


def test_a_file_that_was_moved_without_its_log_is_not_used(used_and_killed: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    for path in (used_and_killed, used_and_killed.with_name(used_and_killed.name + NOTE)):
        shutil.copy(path, moved)
    with pytest.raises(WrongDatabaseError, match=r"moved without the file desk\.sqlite3-wal"):
        look(moved / used_and_killed.name)


def test_a_log_that_was_deleted_is_noticed(used_and_killed: Path) -> None:
    used_and_killed.with_name(f"{used_and_killed.name}-wal").unlink()
    with pytest.raises(WrongDatabaseError, match="what was committed last is missing"):
        look(used_and_killed)


def test_an_older_copy_in_its_place_is_noticed_and_used_if_it_is_meant_to_be(file: Path, tmp_path: Path) -> None:
    shutil.copy(file, tmp_path / "older")
    database = opened(file)
    note_use(database)
    database.close()
    shutil.copy(tmp_path / "older", file)
    with pytest.raises(WrongDatabaseError, match="an older copy"):
        look(file)
    file.with_name(file.name + NOTE).unlink()
    look(file)


def test_a_note_that_was_lost_does_no_harm(file: Path) -> None:
    file.with_name(file.name + NOTE).write_text("")
    look(file)
    file.with_name(file.name + NOTE).unlink()
    look(file)


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    database = opened(tmp_path / "photos")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA application_id = 7")
    database.close()
    with pytest.raises(WrongDatabaseError, match="another program"):
        look(tmp_path / "photos")


def test_the_note_is_never_ahead_of_what_is_durable(file: Path) -> None:
    database = opened(file)
    for _ in range(3):
        note_use(database)
        with database.engine.connect() as connection:
            number = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        assert int(file.with_name(file.name + NOTE).read_text()) == number
    database.close()


def test_in_postgresql_there_is_nothing_to_look_at(postgres_desk_url: str) -> None:
    database = Database(postgres_desk_url)
    note_use(database)
    require_own(database)
    with database.write() as session:
        session.add(Worker(id=new_id()))
    database.close()
