"""Changes: every commit of anybody else that a watcher should see is noticed, on either database."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, make_url, text, update
from sqlmodel import col

from tests.postgres import PostgresServer
from webapp.store.changes import Changes, _Notified
from webapp.store.database import DATABASE_TROUBLE, Database
from webapp.store.tables import Job, Role, State, User
from webapp.store.types import DatabaseNow

ROOT = Path(__file__).resolve().parents[2]
WRITE = """import sys
from webapp.store.database import Database
with Database(sys.argv[1]).write() as session:
    session.connection().exec_driver_sql("INSERT INTO tally VALUES (1)")
"""


@pytest.fixture
def changes(database: Database) -> Iterator[Changes]:
    if not database.is_postgres:
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


@pytest.fixture
def job_id(database: Database) -> UUID:
    """Somebody's job."""
    user = User(name="ann", role=Role.operator)
    job = Job(number=1, owner_id=user.id, job_type="x", state=State.queued)
    with database.write() as session:
        session.add(user)
        session.flush()
        session.add(job)
    return job.id


def soon(changes: Changes) -> bool:
    """Whether a change is noticed: PostgreSQL tells of it a moment after the commit."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if changes.moved():
            return True
        time.sleep(0.005)
    return False


def progress(database: Database, job_id: UUID) -> None:
    with database.write() as session:
        session.execute(update(Job).where(col(Job.id) == job_id).values(revision=Job.revision + 1))


MAKE_PROGRESS = """import sys
from uuid import UUID
from tests.store.test_changes import progress
from webapp.store.database import Database
progress(Database(sys.argv[1]), UUID(sys.argv[2]))
"""


@pytest.mark.both_databases
def test_what_happens_to_a_job_is_noticed_whichever_process_did_it(
    changes: Changes, database: Database, job_id: UUID
) -> None:
    assert soon(changes)
    assert not changes.moved()
    progress(database, job_id)
    assert soon(changes)
    subprocess.run([sys.executable, "-c", MAKE_PROGRESS, database.url, str(job_id)], check=True, cwd=ROOT)
    assert soon(changes)


@pytest.mark.both_databases(only="postgresql")
def test_a_lease_that_is_renewed_wakes_nobody(changes: Changes, database: Database, job_id: UUID) -> None:
    assert soon(changes)
    with database.write() as session:
        session.execute(update(Job).where(col(Job.id) == job_id).values(lease_until=DatabaseNow(10)))
    with database.write() as session:
        session.execute(text("SELECT pg_notify('batchdesk_changed', 'the next there is')"))
    ear = changes._ear
    assert isinstance(ear, _Notified)
    assert ear._connection is not None
    driver: Any = ear._connection.connection.driver_connection
    heard = list(driver.notifies(timeout=20, stop_after=1))
    assert [notice.payload for notice in heard] == ["the next there is"]


@pytest.mark.both_databases(only="postgresql")
def test_after_the_connection_was_lost_everything_may_have_moved(
    changes: Changes, database: Database, job_id: UUID, postgres_server: PostgresServer
) -> None:
    assert soon(changes)
    name = make_url(database.url).database
    with postgres_server.connect() as admin:
        ears = "FROM pg_stat_activity WHERE datname = %s AND query LIKE 'LISTEN%%'"
        assert admin.execute(f"SELECT pg_terminate_backend(pid, 5000) {ears}", (name,)).fetchall() == [(True,)]
    assert soon(changes)
    progress(database, job_id)
    assert soon(changes), "it listens again"


def test_while_the_server_is_gone_it_is_asked_now_and_then_only() -> None:
    server = PostgresServer()
    database = Database(server.url())
    changes = Changes(database)
    tries: list[float] = []
    event.listen(database.engine, "do_connect", lambda *_: tries.append(time.monotonic()))
    assert changes.moved()
    tries.clear()
    server.kill()
    end = time.monotonic() + 2
    while time.monotonic() < end:
        assert not _heals(changes)
    assert 1 <= len(tries) <= 10, "not as fast as it can"
    server.start()
    deadline = time.monotonic() + 20
    while not _heals(changes):
        assert time.monotonic() < deadline
    changes.close()
    database.close()
    server.close()


def _heals(changes: Changes) -> bool:
    with suppress(*DATABASE_TROUBLE):
        return changes.moved()
    return False
