"""`python -m tests.chaos.power.writers FOLDER SAID HOW`: processes commit numbered rows by the desk's own sessions.

Each commit takes the next number, in two tables and in a sum. That it was committed is said in the file `SAID` once the
session has been left, and whether it was synced.
"""

import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from webapp.store import database as store
from webapp.store.database import Database

WRITERS = 3
COMMITS = 70
TABLES = (
    "CREATE TABLE one (number INTEGER PRIMARY KEY, text BLOB)",
    "CREATE TABLE other (number INTEGER PRIMARY KEY)",
    "CREATE TABLE total (sum INTEGER)",
    "INSERT INTO total VALUES (0)",
)
NAME = "batchdesk.sqlite3"
SYNCED: dict[str, Callable[[random.Random], bool]] = {
    "all": lambda _: True,
    "none": lambda _: False,
    "some": lambda chance: chance.random() < 0.3,
    "never": lambda _: True,  # but the disk is never waited for
}


def text(number: int) -> bytes:
    """What is written with a number: some of it goes over several pages."""
    chance = random.Random(number)
    return chance.randbytes(chance.choice((10, 200, 1500, 9000)))


def main() -> None:
    """Make the tables, and write from several processes."""
    folder, said, how = sys.argv[1:]
    if how == "never":
        store.SYNCED = store.UNSYNCED = "PRAGMA synchronous=OFF"
    url = f"sqlite:///{Path(folder) / NAME}"
    database = Database(url)
    with database.write() as session:
        for statement in TABLES:
            session.connection().exec_driver_sql(statement)
    database.close()
    saying = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(saying, b"0 True\n")
    writers = [_start(url, saying, seed, SYNCED[how]) for seed in range(WRITERS)]
    failed = [os.waitpid(writer, 0)[1] for writer in writers]
    sys.exit(any(failed))


def _start(url: str, saying: int, seed: int, is_synced: Callable[[random.Random], bool]) -> int:
    pid = os.fork()
    if not pid:
        try:
            _write(Database(url), saying, random.Random(seed), is_synced)
        except BaseException as error:  # noqa: BLE001 (told by the test)
            os.write(2, repr(error).encode())
            os._exit(1)
        os._exit(0)
    return pid


def _write(database: Database, saying: int, chance: random.Random, is_synced: Callable[[random.Random], bool]) -> None:
    for _ in range(COMMITS):
        synced = is_synced(chance)
        with database.write(synced=synced) as session:
            connection = session.connection()
            connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint={chance.choice((2, 10, 40))}")
            number = connection.exec_driver_sql("UPDATE total SET sum = sum + 1 RETURNING sum").scalar_one()
            connection.exec_driver_sql("INSERT INTO one VALUES (?, ?)", (number, text(number)))
            connection.exec_driver_sql("INSERT INTO other VALUES (?)", (number,))
        os.write(saying, b"%d %s\n" % (number, str(synced).encode()))
        if chance.random() < 0.05:
            with database.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()
        if chance.random() < 0.1:
            database.engine.dispose()  # who closes the last connection empties the log and removes it
        time.sleep(chance.random() * 0.004)


if __name__ == "__main__":
    main()
