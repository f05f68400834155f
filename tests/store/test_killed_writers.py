"""Processes write by the desk's own sessions and are killed -9 again and again, while others read and empty the log.

What a process was told is kept is there, nobody ever sees half a commit, and the file is whole. Writers that empty the
log at every other commit, and two more processes that do nothing else, are what broke SQLite before 3.51.3.
"""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from webapp.store.database import DATABASE_TROUBLE, Database

KILLS = 60
SECONDS_BETWEEN = 0.06
WRITERS = 4
BOTH = ("one", "other")


def write(database: Database, folder: Path, name: str) -> None:
    """Count in two tables, and note each number that was committed."""
    noted = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in range(1, 1_000_000):
        with database.write() as session:
            connection = session.connection()
            connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint={1 + number % 5}")
            for table in BOTH:
                connection.exec_driver_sql(f"INSERT INTO {table} VALUES (?, ?)", (name, number))
        os.write(noted, b"%d\n" % number)


def read(database: Database, folder: Path, name: str) -> None:
    """Look whether both tables say the same."""
    while True:
        with database.read() as session:
            sums = [
                session.connection().exec_driver_sql(f"SELECT count(*), sum(number) FROM {table}").one()
                for table in BOTH
            ]
        if sums[0] != sums[1]:
            (folder / f"torn-{name}").write_text(str(sums))


def empty_the_log(database: Database, _folder: Path, _name: str) -> None:
    """As a checkpointer does."""
    while True:
        with suppress(*DATABASE_TROUBLE), database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        time.sleep(0.002)


DEEDS = (*[write] * WRITERS, read, read, empty_the_log, empty_the_log)


def start(url: str, folder: Path, serial: int, deed: Callable[[Database, Path, str], None]) -> int:
    """A process that does this until it is killed."""
    pid = os.fork()
    if not pid:
        try:
            deed(Database(url), folder, f"writer-{serial}" if deed is write else f"other-{serial}")
        except BaseException as error:  # noqa: BLE001 (told by the test)
            (folder / f"failed-{serial}").write_text(repr(error))
        finally:
            os._exit(1)
    return pid


def storm(url: str, folder: Path) -> None:
    """Start them all, and kill one after the other, a new one in its place."""
    chance = random.Random(1)
    at_work = {start(url, folder, serial, deed): deed for serial, deed in enumerate(DEEDS)}
    for serial in range(len(DEEDS), len(DEEDS) + KILLS):
        time.sleep(SECONDS_BETWEEN * 2 * chance.random())
        killed = chance.choice(sorted(at_work))
        os.kill(killed, signal.SIGKILL)
        os.waitpid(killed, 0)
        deed = at_work.pop(killed)
        at_work[start(url, folder, serial, deed)] = deed
    for pid in at_work:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_what_was_committed_is_there_and_nobody_sees_half_of_it(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "noted"
    folder.mkdir()
    with database.write() as session:
        for table in BOTH:
            session.connection().exec_driver_sql(
                f"CREATE TABLE {table} (name TEXT, number INTEGER, PRIMARY KEY (name, number))"
            )
    database.engine.dispose()
    killer = multiprocessing.get_context("spawn").Process(target=storm, args=(database.url, folder))
    killer.start()
    killer.join(60)
    assert killer.exitcode == 0
    assert [path.read_text() for path in folder.iterdir() if not path.name.startswith("writer-")] == []
    written = 0
    with database.read() as session:
        connection = session.connection()
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
        for path in folder.iterdir():
            noted = [int(number) for number in path.read_text().split()]
            for table in BOTH:
                query = f"SELECT number FROM {table} WHERE name = ? ORDER BY number"
                found = list(connection.exec_driver_sql(query, (path.name,)).scalars())
                assert found[: len(noted)] == noted, f"{path.name} was told that these are kept"
                assert len(found) - len(noted) <= 1, "one may have been killed before it could note it"
            written += len(noted)
    assert written > KILLS
