"""The database: a commit is a promise, whichever process made it."""

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pysqlite3
import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from webapp.store.database import DATABASE_TROUBLE, Database, UnsafeSqliteError, connect, is_safe_sqlite

PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 15_000, "foreign_keys": 1}
PROCESSES, ROUNDS = 4, 100


def pragmas(database: Database) -> dict[str, object]:
    with database.engine.connect() as connection:
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in PRAGMAS}


def do(database: Database, *statements: str) -> None:
    with database.write() as session:
        for statement in statements:
            session.connection().exec_driver_sql(statement)


def test_every_new_connection_is_set_up_for_durability(database: Database) -> None:
    assert pragmas(database) == PRAGMAS
    gate = threading.Barrier(15)

    def look(_: int) -> dict[str, object]:
        with database.engine.connect() as connection:
            gate.wait()  # so that each has a connection of its own, beyond those that the pool keeps
            return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in PRAGMAS}

    with ThreadPoolExecutor(15) as pool:
        assert list(pool.map(look, range(15))) == [PRAGMAS] * 15
    database.engine.dispose()
    assert pragmas(database) == PRAGMAS, "and after the pool was renewed"


def test_a_write_that_waits_for_no_disk_leaves_the_next_as_it_was(database: Database) -> None:
    def synced(**how: bool) -> object:
        with database.write(**how) as session:
            return session.connection().exec_driver_sql("PRAGMA synchronous").scalar_one()

    assert [synced(), synced(synced=False), synced()] == [2, 1, 2]


def test_other_databases_that_are_written_to_are_set_up_alike(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'data.sqlite3'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
    engine.dispose()


def add_often(url: str, gate: Barrier) -> None:
    database = Database(url)
    gate.wait()
    for _ in range(ROUNDS):
        with database.write() as session:
            connection = session.connection()
            value = connection.exec_driver_sql("SELECT value FROM tally").scalar_one()
            connection.exec_driver_sql("UPDATE tally SET value = ?", (value + 1,))
    database.close()


def test_four_processes_that_read_and_then_write_lose_nothing(database: Database) -> None:
    with database.write() as session:
        session.connection().exec_driver_sql("CREATE TABLE tally (value INTEGER)")
        session.connection().exec_driver_sql("INSERT INTO tally VALUES (0)")
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(PROCESSES)
    workers = [context.Process(target=add_often, args=(database.url, gate)) for _ in range(PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES, "none was told that the database is locked"
    with database.read() as session:
        assert session.connection().exec_driver_sql("SELECT value FROM tally").scalar_one() == PROCESSES * ROUNDS


def test_a_block_that_raises_writes_nothing(database: Database) -> None:
    with database.write() as session:
        session.connection().exec_driver_sql("CREATE TABLE tally (value INTEGER)")
    with pytest.raises(OperationalError):
        do(database, "INSERT INTO tally VALUES (1)", "no such statement")
    with database.read() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM tally").scalar_one() == 0


def test_tables_made_in_a_block_that_raises_are_not_there(database: Database) -> None:
    with pytest.raises(OperationalError):
        do(database, "CREATE TABLE half (value INTEGER)", "no such statement")
    with database.read() as session:
        names = session.connection().exec_driver_sql("SELECT name FROM sqlite_master WHERE name = 'half'").all()
    assert names == []


def test_a_reader_sees_one_state_while_others_write(database: Database) -> None:
    with database.write() as session:
        session.connection().exec_driver_sql("CREATE TABLE tally (value INTEGER)")
    with database.read() as reading:
        before = reading.connection().exec_driver_sql("SELECT count(*) FROM tally").scalar_one()
        with database.write() as session:
            session.connection().exec_driver_sql("INSERT INTO tally VALUES (1)")
        assert reading.connection().exec_driver_sql("SELECT count(*) FROM tally").scalar_one() == before == 0


def test_what_belongs_to_nothing_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO upload (id, owner_id, name, size, created_at) VALUES ('a', 'nobody', 'x', 1, '2026-01-01')"
        )


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 44, 9), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_versions_that_can_corrupt_a_database_are_known(*, version: tuple[int, ...], safe: bool) -> None:
    assert is_safe_sqlite(version) is safe


def test_an_unsafe_sqlite_is_refused_with_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pysqlite3, "sqlite_version_info", (3, 40, 1))
    monkeypatch.setattr(pysqlite3, "sqlite_version", "3.40.1")
    with pytest.raises(UnsafeSqliteError, match=r"3\.40\.1 can corrupt"):
        Database(f"sqlite:///{tmp_path / 'desk.sqlite3'}")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_trouble_that_may_pass_and_leaves_what_was_there(database: Database) -> None:
    with database.write() as session:
        session.connection().exec_driver_sql("CREATE TABLE tally (value BLOB)")
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    database.engine.dispose()
    with pytest.raises(DATABASE_TROUBLE, match="full"):
        do(database, f"PRAGMA max_page_count = {pages + 2}", "INSERT INTO tally VALUES (zeroblob(1000000))")
    database.engine.dispose()
    with database.read() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM tally").scalar_one() == 0
        assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


def test_many_processes_may_make_the_file_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    gate = threading.Barrier(8)

    def first_use(_: int) -> dict[str, object]:
        database = Database(url)
        gate.wait()
        found = pragmas(database)
        database.close()
        return found

    for _ in range(5):
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(first_use, range(8))) == [PRAGMAS] * 8
        for path in tmp_path.iterdir():
            path.unlink()
