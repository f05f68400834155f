"""Tables that jobs made by `ctx.db` go wherever the desk goes."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.backup.conftest import quietly
from tests.jobs.bench import Bench, items
from webapp.backup.restore import restore_backup
from webapp.backup.take import take_backup
from webapp.errors import Refused
from webapp.jobs.firing import fire_due
from webapp.jobs.halt import go_on
from webapp.jobs.schedules import Schedules
from webapp.moving.move import copy_into_postgres
from webapp.moving.own_tables import plain_default
from webapp.settings import Settings
from webapp.store.database import Database

MADE = (
    "CREATE TABLE stock (id INTEGER PRIMARY KEY)",
    (
        "CREATE TABLE Notes (no INTEGER PRIMARY KEY, said TEXT NOT NULL DEFAULT 'nothing', "
        "seen BOOLEAN DEFAULT 0, at DATE, open INTEGER DEFAULT TRUE)"
    ),
    "CREATE UNIQUE INDEX notes_at ON Notes (at)",
    "CREATE UNIQUE INDEX notes_seen ON Notes (seen) WHERE seen",
    "INSERT INTO Notes (said, seen, at) VALUES ('Größe', 1, '2026-03-01')",
)


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Bench]:
    """A desk in SQLite whose jobs have tables of their own in it."""
    bench = Bench(tmp_path / "data")
    with bench.database.write() as session:
        for statement in MADE:
            session.execute(text(statement))
        session.execute(text("INSERT INTO Notes (said) VALUES (:said)"), {"said": "NUL \0"})
    bench.run("count_stock", items(3))
    yield bench
    bench.close()


def held(database: Database, statement: str) -> Sequence[Sequence[Any]]:
    with database.read() as session:
        return [tuple(row) for row in session.execute(text(statement))]


def require_all(database: Database) -> None:
    """What the jobs of the old desk wrote is there, and jobs go on writing."""
    assert held(database, "SELECT id FROM stock ORDER BY id") == [(1,), (2,), (3,)]
    with database.write() as session:
        session.execute(text("INSERT INTO notes (at) VALUES (NULL)"))
    first, *others = held(database, "SELECT no, said, seen, at FROM notes ORDER BY no")
    assert [str(value) for value in first[:2]] + [bool(first[2]), str(first[3])] == ["1", "Größe", True, "2026-03-01"]
    assert [(no, said.replace("\0", "␀"), bool(seen)) for no, said, seen, _ in others] == [
        (2, "NUL ␀", False),
        (3, "nothing", False),
    ]
    with pytest.raises(Exception, match=r"(?i)unique"), database.write() as session:
        session.execute(text("INSERT INTO notes (at) VALUES ('2026-03-01')"))


def test_a_copy_takes_them_along(old: Bench, postgres_url: str) -> None:
    copied = copy_into_postgres(Settings(data=old.settings.data, database_url=postgres_url), old.settings.database)
    assert (copied.desk["stock"].rows, copied.desk["notes"].rows) == (3, 2)
    new = Bench(old.settings.data, database_url=postgres_url)
    require_all(new.database)
    assert new.run("count_stock", "id,do\n7,\n").done == 1
    new.close()


def test_a_back_up_takes_them_from_sqlite_into_postgresql_and_back(
    old: Bench, postgres_url: str, tmp_path: Path
) -> None:
    take_backup(old.settings, tmp_path / "first", quietly)
    there = Settings(data=tmp_path / "there", database_url=postgres_url)
    restore_backup(there, tmp_path / "first", quietly)
    take_backup(there, tmp_path / "second", quietly)
    back = Settings(data=tmp_path / "back")
    restore_backup(back, tmp_path / "second", quietly)
    for settings in (there, back):
        database = Database(settings.database)
        require_all(database)
        database.close()


def test_rows_of_such_a_table_that_are_there_already_are_never_mixed_with_others(old: Bench, postgres_url: str) -> None:
    target = Database(postgres_url)
    with target.write() as session:
        session.execute(text("CREATE TABLE stock (id bigint)"))
        session.execute(text("INSERT INTO stock VALUES (1)"))
    with pytest.raises(Refused, match="in table stock, which jobs of the desk use"):
        copy_into_postgres(Settings(data=old.settings.data, database_url=postgres_url), old.settings.database)
    assert held(target, "SELECT count(*) FROM job") == [(0,)]
    target.close()


def test_what_postgresql_cannot_keep_is_named(old: Bench, postgres_url: str) -> None:
    with old.database.write() as session:
        session.execute(text("CREATE TABLE pictures (seen BLOB)"))
        session.execute(text("INSERT INTO pictures VALUES (x'00')"))
    with pytest.raises(Refused, match="Table pictures holds a value in seen"):
        copy_into_postgres(Settings(data=old.settings.data, database_url=postgres_url), old.settings.database)


def test_the_old_desk_starts_nothing_more_unless_an_administrator_wants_it(old: Bench, postgres_url: str) -> None:
    old.submit("count_stock", items(1))
    copy_into_postgres(Settings(data=old.settings.data, database_url=postgres_url), old.settings.database)
    assert old.try_claim() is None
    assert fire_due(Schedules(old.submissions)) == 0
    (halt,) = held(old.database, "SELECT reason FROM halt")
    assert "was copied into PostgreSQL on" in halt[0]
    new = Bench(old.settings.data, database_url=postgres_url)
    assert held(new.database, "SELECT reason FROM halt") == []
    assert new.try_claim() is not None, "the new one goes on"
    new.close()
    go_on(old.database, None)
    assert old.try_claim() is not None


def test_a_copy_that_fails_leaves_the_old_desk_as_it_was(old: Bench, postgres_url: str) -> None:
    with old.database.write() as session:
        session.execute(text("CREATE TABLE odd (n INTEGER)"))
        session.execute(text("INSERT INTO odd VALUES ('seven')"))
    with pytest.raises(Refused, match="Table odd"):
        copy_into_postgres(Settings(data=old.settings.data, database_url=postgres_url), old.settings.database)
    assert held(old.database, "SELECT reason FROM halt") == []


@pytest.mark.parametrize(
    ("written", "begins"),
    [
        ("0", "0"),
        ("-1.5", "-1.5"),
        ("'it''s'", "'it''s'"),
        ("'x'::text", "'x'"),
        ("(0)::bigint", "0"),
        ("true", "true"),
        ("CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP"),
        ("nextval('stock_id_seq'::regclass)", None),
        ("datetime('now')", None),
        (None, None),
    ],
)
def test_what_a_column_begins_with_is_kept_if_both_databases_know_it(written: str | None, begins: str | None) -> None:
    assert plain_default(written) == begins
