"""Somebody reads for long while much is written: the log grows, which is to be seen, and shrinks afterwards."""

from pathlib import Path

from webapp.store.database import LOG_KEPT, Database, log_bytes

PIECE = 1_000_000
PIECES = LOG_KEPT // PIECE + 30


def fill(database: Database, pieces: int) -> None:
    for _ in range(pieces):
        with database.write() as session:
            session.connection().exec_driver_sql("INSERT INTO much VALUES (randomblob(?))", (PIECE,))


def test_the_log_shrinks_once_nobody_reads_any_more(database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        session.connection().exec_driver_sql("CREATE TABLE much (value BLOB)")
    with database.read() as reading:
        reading.connection().exec_driver_sql("SELECT count(*) FROM much").scalar_one()
        fill(database, PIECES)
        assert log_bytes(database) > LOG_KEPT, "it has all that was written since"
        assert reading.connection().exec_driver_sql("SELECT count(*) FROM much").scalar_one() == 0
    fill(database, 2)
    assert log_bytes(database) <= LOG_KEPT
    assert log_bytes(database) == (tmp_path / "desk.sqlite3-wal").stat().st_size
    with database.read() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM much").scalar_one() == PIECES + 2
