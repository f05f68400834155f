"""Copying a desk from SQLite into PostgreSQL: all of it, as it was, or nothing."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel, col, select

from tests.jobs.bench import JOB_TYPES, Bench, items
from webapp.errors import Refused
from webapp.jobs.workers import beat
from webapp.kit import new_id
from webapp.moving.move import copy_into_postgres
from webapp.settings import Settings
from webapp.store.database import Database, connect
from webapp.store.postgres import without_nul
from webapp.store.tables import Job, LedgerEntry, LogLine, State

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Bench]:
    """A desk in SQLite that has been used."""
    bench = Bench(tmp_path / "data")
    bench.run("keep_rows", items(6, r2="error", r4="NUL \0 in a cell"))
    again = bench.run("keep_table", items(5))
    waiting = bench.submit("keep_rows", items(3))
    with bench.database.write() as session:
        session.get_one(Job, waiting).again_of = again.id
        first = session.exec(select(Job).order_by(col(Job.number))).first()
        assert first is not None
        first.again_of = waiting  # as after a clock was set back
        session.add(LogLine(job_id=waiting, attempt=1, level="info", message="NUL \0 and Größe"))
    yield bench
    bench.close()


@pytest.fixture
def settings(old: Bench, postgres_url: str) -> Settings:
    return Settings(data=old.settings.data, database_url=postgres_url, job_types=JOB_TYPES)


def copy(old: Bench, settings: Settings) -> None:
    copy_into_postgres(settings, old.settings.database)


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    with database.engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(table.select())), key=str)
            for table in SQLModel.metadata.sorted_tables
        }


def test_every_row_of_the_desk_arrives_as_it_was(old: Bench, settings: Settings) -> None:
    before = everything(old.database)
    copy(old, settings)
    new = Database(settings.database)
    after = everything(new)
    new.close()
    assert after == {name: [tuple(map(without_nul, row)) for row in rows] for name, rows in before.items()}
    assert len(after["job"]) == 3
    assert after["ledger"]


def test_the_new_desk_goes_on_where_the_old_one_stood(old: Bench, settings: Settings) -> None:
    copy(old, settings)
    new = Bench(settings.data, database_url=settings.database_url)
    (waiting,) = [job_id for job_id in _jobs(new) if new.job(job_id).state is State.queued]
    assert new.run_waiting(waiting).done == 3
    new_one = new.run("keep_rows", items(1))
    assert (new_one.number, new_one.done) == (4, 1)
    assert new.kept() == sorted([*old.kept(), 1, 2, 3, 1])
    with new.database.read() as session:
        ids = session.exec(select(LedgerEntry.id)).all()
        assert len(ids) == len(set(ids))
    new.close()


def _jobs(bench: Bench) -> list[Any]:
    with bench.database.read() as session:
        return list(session.exec(select(Job.id)))


VALUES = {
    "id": 7,
    "price": Decimal("1.10"),
    "since": date(2026, 1, 31),
    "at": datetime(2026, 1, 31, 14, 30, tzinfo=UTC),
    "sold": True,
    "weight": 1.5,
    "note": "Größe; '\"",
}


def test_loaded_rows_get_types_of_their_own_and_keep_their_key(old: Bench, settings: Settings) -> None:
    job = uuid4()
    old.data.own.take(job, 1)
    writer = old.data.own.writer(job, 1)
    writer.upsert("goods", VALUES, "id", row_number=1)
    writer.upsert("goods", {"id": 8, "price": None}, "id", row_number=2)
    writer.commit(lambda _: {"end": 2})
    copy(old, settings)
    engine = connect(settings.data_database)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM goods ORDER BY id")).mappings().all()
    engine.dispose()
    assert dict(rows[0]) == VALUES | {"at": datetime(2026, 1, 31, 14, 30)}  # noqa: DTZ001 (kept in UTC, without saying so)
    assert rows[1]["id"] == 8
    new = Bench(settings.data, database_url=settings.database_url)
    marker = new.data.own.take(job, 2)
    assert marker is not None
    assert marker.batch == {"end": 2}
    again = new.data.own.writer(job, 2)
    again.insert("goods", {"id": 7}, key="id", row_number=1)
    refused: dict[int, str] = {}
    again.commit(lambda found: refused.update(found) or {})
    assert "a row with id “7” is already in table goods" in refused[1]
    new.close()


def is_empty(settings: Settings) -> bool:
    new = Database(settings.database)
    with new.engine.connect() as connection:
        data = "SELECT count(*) FROM pg_tables WHERE schemaname = 'batchdesk_data'"
        found = connection.execute(text(data)).scalar_one()
    rows = sum(len(rows) for rows in everything(new).values())
    new.close()
    return not rows and not found


def test_what_postgresql_cannot_keep_is_named_and_nothing_is_copied(old: Bench, settings: Settings) -> None:
    job = uuid4()
    old.data.own.take(job, 1)
    writer = old.data.own.writer(job, 1)
    writer.insert("notes", {"note": "NUL \0"}, row_number=1)
    writer.commit(lambda _: {})
    with pytest.raises(Refused, match="can't keep a row of table notes"):
        copy(old, settings)
    assert is_empty(settings)


def test_a_value_that_is_not_of_its_columns_kind_is_named(old: Bench, settings: Settings) -> None:
    engine = connect(old.settings.data_database)
    with engine.execution_options(write=True).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE odd (n INTEGER)")
        connection.exec_driver_sql("INSERT INTO odd VALUES ('seven')")
    engine.dispose()
    with pytest.raises(Refused, match=r"Table odd holds a value in n that is not of the column's kind \(whole numbers"):
        copy(old, settings)
    assert is_empty(settings)


def test_a_desk_that_is_there_already_is_never_copied_over(old: Bench, settings: Settings) -> None:
    copy(old, settings)
    with pytest.raises(Refused, match="There is a desk in this PostgreSQL already"):
        copy(old, settings)


def test_rows_that_are_there_already_are_never_copied_over(old: Bench, settings: Settings) -> None:
    engine = connect(settings.data_database)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA batchdesk_data")
        connection.exec_driver_sql("CREATE TABLE kept (id bigint)")
        connection.exec_driver_sql("INSERT INTO kept VALUES (1)")
    engine.dispose()
    with pytest.raises(Refused, match="There are rows in this PostgreSQL already, in table kept"):
        copy(old, settings)


def test_a_desk_that_runs_is_not_copied(old: Bench, settings: Settings) -> None:
    beat(old.database, new_id(), "here")
    with pytest.raises(Refused, match="running: stop it"):
        copy(old, settings)
    assert is_empty(settings)


def test_only_a_desk_is_copied_and_only_into_postgresql(old: Bench, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="There is no SQLite desk there"):
        copy_into_postgres(settings, f"sqlite:///{tmp_path / 'nothing'}")
    with pytest.raises(Refused, match="does not name a PostgreSQL"):
        copy_into_postgres(old.settings, old.settings.database)


def test_what_was_lost_on_the_way_is_noticed(old: Bench, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.moving.desk_tables._refer_to_own", lambda *_: None)
    with pytest.raises(Refused, match="Table job did not arrive as it was sent"):
        copy(old, settings)
    assert is_empty(settings)


def test_the_command_says_what_it_copied(old: Bench, settings: Settings) -> None:
    old.close()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BATCHDESK_")}
    own = {"BATCHDESK_DATA": str(settings.data), "BATCHDESK_DATABASE_URL": settings.database}
    done = subprocess.run(
        [sys.executable, "-m", "webapp", "copy", "--from", old.settings.database],
        cwd=ROOT,
        env={**environment, **own},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "desk: job, 3 rows" in done.stdout
    assert "data: kept, " in done.stdout
