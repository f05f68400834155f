"""Migrations: the old schema or the new, never between, and once however many start."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel, select

from webapp.store.database import Database
from webapp.store.locks import hold
from webapp.store.migrate import MIGRATIONS, NEWEST, NewerSchemaError, is_current, migrate, schema_version
from webapp.store.tables import Job, KnownRow, RememberedMatch

ROOT = Path(__file__).resolve().parents[2]

MIGRATE = "import sys; from webapp.store.database import Database; from webapp.store.migrate import migrate"
AND_SAY = f"{MIGRATE}; print(*migrate(Database(sys.argv[1])))"
DIE_IN_THE_MIDDLE = f"""{MIGRATE}
import os, signal
from sqlalchemy import event
database = Database(sys.argv[1])
statements = iter(range(int(sys.argv[2])))
@event.listens_for(database.engine, "after_cursor_execute")
def _(*_):
    if next(statements, None) is None:
        os.kill(os.getpid(), signal.SIGKILL)
migrate(database)
"""

A_USER = """
INSERT INTO "user" (id, name, role, active, created_at)
VALUES ('0198c0de00007000800000000000000a', 'Ann', 'operator', true, '2026-01-31 14:30:00.000000')
"""
A_JOB = """
INSERT INTO job (
    id, number, owner_id, job_type, state, priority, file_name, reading, params, request, counted, received, done,
    rejected, failed, skipped, unknown, attempt, fence, stalls, revision, created_at
) VALUES (
    '0198c0de00007000800000000000000b', 7, '0198c0de00007000800000000000000a', 'x', 'completed', 0, 'items.csv',
    '{"columns": ["id"]}', '{}', '{}', true, 3, 3, 0, 0, 0, 0, 1, 1, 0, 5, '2026-01-31 14:30:00.000000'
)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without anything in it, of each kind."""
    is_postgres = request.param == "postgresql"
    url = request.getfixturevalue("postgres_url") if is_postgres else f"sqlite:///{tmp_path / 'new.sqlite3'}"
    database = Database(url)
    yield database
    database.close()


def tables(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def is_whole(connection: Connection) -> bool:
    """Whether SQLite finds nothing wrong with the file; PostgreSQL keeps its references by itself."""
    if connection.dialect.name == "postgresql":
        return True
    found = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return not found and connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


def start(code: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def bring_to(connection: Connection, version: str) -> None:
    """Make the schema of an older version."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def test_an_empty_database_gets_every_table_and_a_second_time_changes_nothing(empty: Database) -> None:
    before, after = migrate(empty)
    assert before is None
    assert set(SQLModel.metadata.tables) <= tables(empty)
    assert migrate(empty) == (after, after)
    with empty.engine.connect() as connection:
        assert is_current(connection)
        assert schema_version(connection) == after


@pytest.mark.both_databases
def test_the_migrations_make_what_the_code_expects(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_a_desk_of_the_first_version_is_brought_forward_with_what_it_holds(empty: Database) -> None:
    with empty.engine.connect().execution_options(write=True) as connection, connection.begin():
        bring_to(connection, "0001")
        connection.exec_driver_sql(A_USER)
        connection.exec_driver_sql(A_JOB)
    assert migrate(empty) == ("0001", NEWEST)
    with empty.read() as session:
        job = session.exec(select(Job)).one()
        assert (job.number, job.file_name, job.reading, job.done) == (7, "items.csv", {"columns": ["id"]}, 3)
        assert (job.match, job.choices, job.settled) == (None, {}, 0)
        assert session.exec(select(RememberedMatch)).all() == []
    with empty.write() as session:
        job = session.exec(select(Job)).one()
        job.match = {"pairs": {"id": "id"}}
        columns, pairs = ["id", "note"], {"id": "id", "note": None}
        session.add(RememberedMatch(job_type="x", fingerprint="f", columns=columns, pairs=pairs, user_id=job.owner_id))
    with empty.engine.connect() as connection:
        assert is_whole(connection)
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_the_rows_that_jobs_have_done_are_known_as_before(empty: Database) -> None:
    with empty.engine.connect().execution_options(write=True) as connection, connection.begin():
        bring_to(connection, "0001")
        connection.exec_driver_sql(A_USER)
        connection.exec_driver_sql(A_JOB)
        bring_to(connection, "0014")
        connection.execute(text("INSERT INTO known_row VALUES (:key, 7, 3)"), {"key": b"k" * 16})
    migrate(empty)
    with empty.write() as session:
        session.add(KnownRow(fingerprint=b"k" * 16, job=7, row=4))
    with empty.read() as session:
        assert [(each.job, each.row) for each in session.exec(select(KnownRow))] == [(7, 3), (7, 4)]


def test_of_processes_that_start_at_once_one_migrates_and_the_others_wait(empty: Database) -> None:
    processes = [start(AND_SAY, empty.url) for _ in range(4)]
    said = [process.communicate(timeout=60)[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    assert sum(before == "None" for before, _ in said) >= 1
    assert len({after for _, after in said}) == 1
    with empty.engine.connect() as connection:
        assert is_current(connection)


@pytest.mark.both_databases
def test_a_database_of_a_newer_version_is_refused_and_left_alone(database: Database) -> None:
    with database.write() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = tables(database)
    with pytest.raises(NewerSchemaError, match="9999"):
        migrate(database)
    assert tables(database) == before
    with database.engine.connect() as connection:
        assert not is_current(connection)


@pytest.mark.parametrize("statements", [1, 5, 12, 20, 30])
def test_a_migration_that_is_killed_in_the_middle_leaves_the_old_schema(statements: int, empty: Database) -> None:
    process = start(DIE_IN_THE_MIDDLE, empty.url, str(statements))
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert tables(empty) == set(), "nothing of it"
    migrate(empty)
    with empty.engine.connect() as connection:
        assert is_current(connection)
        assert is_whole(connection)


def test_one_that_waits_for_a_migration_is_patient(empty: Database) -> None:
    with empty.engine.connect().execution_options(write=True) as connection, connection.begin():
        if empty.is_postgres:
            hold(connection, "migrate")
        process = start(AND_SAY, empty.url)
        time.sleep(2)
        assert process.poll() is None, "it waits for the lock"
        os.kill(process.pid, 0)
    assert process.communicate(timeout=30)[0].startswith("None ")
    assert process.returncode == 0
