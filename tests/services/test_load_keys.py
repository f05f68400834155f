"""Loads into tables whose own keys make it hard to find a row again: they are undone and tried out all the same."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.services.test_load_undo import Base, try_out
from webapp.services.datatables.compare import Counts
from webapp.services.datatables.load import Load, Order
from webapp.settings import Settings


@pytest.fixture(params=["sqlite", "postgresql"])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Base]:
    desk = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    base = Base(Settings(data=tmp_path, database_url=desk).data_database)
    yield base
    base.database.close()
    base.engine.dispose()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Base]:
    base = Base(Settings(data=tmp_path).data_database)
    yield base
    base.database.close()
    base.engine.dispose()


@pytest.mark.parametrize(("declared", "given"), [("INTEGER", (9, 1)), ("TEXT", ("9", "1"))])
def test_rows_without_the_tables_own_key_are_undone_too(
    sqlite: Base, declared: str, given: tuple[object, object]
) -> None:
    sqlite.query(f"CREATE TABLE people (id {declared} PRIMARY KEY, name TEXT, amount REAL)")
    sqlite.query("INSERT INTO people VALUES (3, 'Ada', 1.0)")
    before = sqlite.rows()
    ids = (None, given[0], None, given[1], None)
    job, refused = sqlite.load([(one, "new", 1.0) for one in ids])
    assert refused == {}
    undone = sqlite.undo(job)
    assert (sqlite.rows(), undone.rows, undone.left) == (before, 5, [])


def test_a_dry_run_counts_rows_without_the_tables_own_key(sqlite: Base) -> None:
    sqlite.query("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, amount REAL)")
    counts, _, _ = try_out(sqlite, "insert", ())
    assert counts == Counts(new=5)


def test_a_keyed_replace_is_undone_though_the_old_rows_repeat_the_key(base: Base) -> None:
    base.load([(1, "a", 1.0), (1, "b", 1.0), (2, "c", 1.0)])
    before = base.rows()
    job, _ = base.load([(1, "x", 1.0), (2, "y", 1.0)], "replace", ("id",), together=True)
    assert len(base.rows()) == 3
    undone = base.undo(job)
    assert (base.rows(), undone.left) == (before, [])


def test_old_rows_that_repeat_a_key_stay_away_if_it_is_there_again(base: Base) -> None:
    base.load([(1, "a", 1.0), (1, "b", 1.0), (2, "c", 1.0), (2, "d", 1.0)])
    job, _ = base.load([(1, "x", 1.0), (2, "y", 1.0)], "replace", ("id",), together=True)
    base.query("UPDATE people SET name = 'edited' WHERE id = 1")
    undone = base.undo(job)
    assert base.rows()[1:] == [(1, "edited", 1.0), (2, "c", 1.0), (2, "d", 1.0)]
    assert len(undone.left) == 3


def test_a_comma_in_a_columns_name_is_a_part_of_it(base: Base) -> None:
    base.load([(1, "Ada", 1.0)])
    base.query('ALTER TABLE people ADD COLUMN "a, b" text')
    before = base.rows()
    job, refused = base.load([(1, "Bea", 1.0), (2, "Cy", 1.0)], "upsert", ("id",))
    assert refused == {}
    base.undo(job)
    assert base.rows() == before


def test_rows_of_nothing_but_the_key_are_counted_as_they_are(base: Base) -> None:
    columns = {"id": int}
    base.load([(1,), (2,)], "upsert", ("id",), columns=columns)
    job = uuid4()
    base.database.take(job, 1)
    order = Order(job, 7, "people", columns, ("id",), "upsert", "f")
    trial = Load(base.database.writer(job, 1), order, together=True)
    trial.add([1, 2, 3], [(2,), (3,), (2,)])
    counts, _ = trial.try_out(lambda _: None)
    assert counts == Counts(new=1, unchanged=1)
