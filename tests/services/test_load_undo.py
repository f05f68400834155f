"""A load and its undo leave a table as it was, bit for bit, but for rows that were edited since: on both databases."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from webapp.authoring import JobError
from webapp.services.data import DataDatabase
from webapp.services.datatables.compare import Counts, Difference
from webapp.services.datatables.load import Contents, Load, Mode, Order
from webapp.services.datatables.undoing import Undone, undo
from webapp.settings import Settings
from webapp.store.database import connect

COLUMNS = {"id": int, "name": str, "amount": float}
BEFORE = [(1, "Ada", 1.5), (2, "Bob", 0.1), (3, None, None), (4, "Dee", -0.0)]
FILE = [(2, "Bea", 0.2), (3, None, None), (5, "Eve", 1e300), (6, "", 6.0)]


class Base:
    """A data database, and short ways to load into it."""

    def __init__(self, url: str) -> None:
        self.database = DataDatabase(url)
        self.engine: Engine = connect(url)
        self.contents: list[Contents] = []

    def load(  # noqa: PLR0913 (what a load is)
        self,
        rows: Sequence[tuple[object, ...]],
        mode: Mode = "insert",
        key: tuple[str, ...] = (),
        *,
        together: bool = False,
        sha256: str | None = None,
        again: bool = False,
        columns: Mapping[str, type] = COLUMNS,
        size: int = 3,
        whole: bool = False,
    ) -> tuple[UUID, dict[int, str]]:
        job, refused = uuid4(), dict[int, str]()
        self.database.take(job, 1)
        writer = self.database.writer(job, 1)
        order = Order(job, 7, "people", columns, key, mode, sha256 or job.hex, again=again)
        load = Load(writer, order, together=together)

        def settle(found: Mapping[int, str]) -> dict[str, Any]:
            refused.update(found)
            return {}

        for first in range(0, len(rows), size):
            part = rows[first : first + size]
            load.add(range(first + 1, first + 1 + len(part)), part)
            if not together:
                writer.commit(settle)
        load.end(self.contents.append, lambda found: whole and bool(found))
        writer.commit(settle, last=True)
        return job, refused

    def undo(self, job: UUID) -> Undone:
        with self.engine.execution_options(write=True).begin() as connection:
            return undo(connection, job, uuid4())

    def rows(self) -> list[tuple[object, ...]]:
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT * FROM people")
            names = [str(name) for name in found.keys()]  # noqa: SIM118 (no mapping)
            return [tuple(names), *sorted((tuple(row) for row in found), key=repr)]

    def tables(self) -> set[str]:
        from sqlalchemy import inspect  # noqa: PLC0415

        return set(inspect(self.engine).get_table_names())

    def query(self, sql: str) -> None:
        with self.engine.execution_options(write=True).begin() as connection:
            connection.exec_driver_sql(sql)


@pytest.fixture(params=["sqlite", "postgresql"])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Base]:
    desk = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    base = Base(Settings(data=tmp_path, database_url=desk).data_database)
    yield base
    base.database.close()
    base.engine.dispose()


MODES: list[tuple[Mode, tuple[str, ...]]] = [
    ("insert", ()),
    ("insert", ("id",)),
    ("upsert", ("id",)),
    ("replace", ()),
    ("replace", ("id",)),
]


@pytest.mark.parametrize(("mode", "key"), MODES)
@pytest.mark.parametrize("together", ["", "together"])
def test_an_undone_load_leaves_the_table_as_it_was(base: Base, mode: Mode, key: tuple[str, ...], together: str) -> None:
    base.load(BEFORE)
    before = base.rows()
    job, _ = base.load(FILE, mode, key, together=bool(together) or mode == "replace")
    assert base.rows() != before
    undone = base.undo(job)
    assert (base.rows(), undone.left) == (before, [])
    assert not [name for name in base.tables() if name.endswith(job.hex)]
    with pytest.raises(JobError, match="nothing kept"):
        base.undo(job)


def test_all_rows_are_replaced_by_those_of_the_file(base: Base) -> None:
    base.load(BEFORE)
    base.load(FILE, "replace", together=True)
    assert base.rows()[1:] == sorted(FILE, key=repr)
    assert (base.contents[-1].count, len(base.contents[-1].rows)) == (4, 4)


def test_rows_that_were_edited_since_stay_and_are_listed(base: Base) -> None:
    base.load(BEFORE)
    job, _ = base.load(FILE, "upsert", ("id",))
    base.query("UPDATE people SET name = 'Bix' WHERE id = 2")
    base.query("UPDATE people SET amount = NULL WHERE id = 5")
    base.query("DELETE FROM people WHERE id = 6")
    undone = base.undo(job)
    assert [left.reason for left in undone.left] == [
        "The row with id “2” was edited since: name is “Bix”, and the load had left “Bea”. It stays as it is.",
        "The row with id “5” was edited since: amount is empty, and the load had left “1e+300”. It stays as it is.",
        "The row with id “6” is not in the table any more.",
    ]
    assert undone.rows == 4
    assert base.rows()[1:] == sorted([BEFORE[0], (2, "Bix", 0.2), BEFORE[2], BEFORE[3], (5, "Eve", None)], key=repr)


def test_of_rows_without_a_key_those_that_were_edited_stay_too(base: Base) -> None:
    base.load(BEFORE)
    job, _ = base.load([(7, "Gil", 1.0), (7, "Gil", 1.0), (8, "Hal", 1.0)])
    base.query("UPDATE people SET name = 'Hel' WHERE id = 8")
    undone = base.undo(job)
    assert [left.number for left in undone.left] == [3]
    assert base.rows()[1:] == sorted([*BEFORE, (8, "Hel", 1.0)], key=repr)


def test_a_row_that_the_file_has_several_times_becomes_what_it_was_at_first(base: Base) -> None:
    base.load(BEFORE)
    before = base.rows()
    job, _ = base.load([(1, "x", 1.0), (1, "y", 2.0), (9, "a", 1.0), (1, "z", 3.0), (9, "b", 2.0)], "upsert", ("id",))
    undone = base.undo(job)
    assert (base.rows(), undone.rows, undone.left) == (before, 2, [])


def test_rows_that_were_refused_are_no_part_of_what_is_undone(base: Base) -> None:
    base.load(BEFORE, "insert", ("id",))
    before = base.rows()
    job, refused = base.load([(1, "again", 0.0), (7, "new", 1.0), (7, "twice", 1.0)], "insert", ("id",))
    assert sorted(refused) == [1, 3]
    undone = base.undo(job)
    assert (base.rows(), undone.rows) == (before, 1)


def test_what_the_load_has_made_goes_with_it(base: Base) -> None:
    job, _ = base.load(FILE)
    base.undo(job)
    assert "people" not in base.tables()
    base.load(BEFORE)
    before = base.rows()
    job, _ = base.load([(9, "new", 1.0, "red")], columns={**COLUMNS, "colour": str})
    assert "colour" in base.rows()[0]
    base.undo(job)
    assert base.rows() == before


def test_a_file_is_added_twice_only_if_somebody_says_so(base: Base) -> None:
    base.load(FILE, sha256="f1")
    with pytest.raises(JobError, match=r"loaded into people already, by job 7 on .* tick “Load it again”"):
        base.load(FILE, sha256="f1")
    assert len(base.rows()) == 5
    base.load(FILE, sha256="f1", again=True)
    base.load(FILE, "replace", sha256="f1", together=True)
    other, _ = base.load(FILE, sha256="f2")
    base.undo(other)
    base.load(FILE, sha256="f2")
    assert len(base.rows()) == 9


@pytest.mark.parametrize("together", ["", "together"])
def test_of_a_file_of_which_no_row_went_in_nothing_else_is_said(base: Base, together: str) -> None:
    base.load(BEFORE, "insert", ("id",))
    _, refused = base.load(BEFORE, "insert", ("id",), sha256="f1", together=bool(together))
    assert len(refused) == len(BEFORE)
    with pytest.raises(JobError, match=r"was begun by job 7 on .*no row.* tick “Load it again”"):
        base.load(BEFORE, "insert", ("id",), sha256="f1")


def try_out(base: Base, mode: Mode, key: tuple[str, ...]) -> tuple[Counts | None, list[Difference], Mapping[int, str]]:
    job, found = uuid4(), list[Difference]()
    base.database.take(job, 1)
    load = Load(base.database.writer(job, 1), Order(job, 7, "people", COLUMNS, key, mode, "f"), together=True)
    load.add([1, 2, 3, 4, 5], [*FILE, (None, "no key", 1.0)])
    counts, refused = load.try_out(found.append)
    return counts, found, refused


TRIED: list[tuple[Mode, tuple[str, ...], tuple[Counts, list[int], int]]] = [
    ("insert", (), (Counts(new=5), [], 5)),
    ("insert", ("id",), (Counts(new=2), [1, 2, 5], 2)),
    ("upsert", ("id",), (Counts(new=2, changed=1, unchanged=1), [5], 4)),
    ("replace", ("id",), (Counts(new=2, changed=1, unchanged=1, removed=2), [5], 6)),
    ("replace", (), (Counts(new=4, unchanged=1, removed=3), [], 7)),
]


@pytest.mark.parametrize(("mode", "key", "foreseen"), TRIED)
def test_a_dry_run_says_what_would_be_and_changes_nothing(
    base: Base, mode: Mode, key: tuple[str, ...], foreseen: tuple[Counts, list[int], int]
) -> None:
    base.load(BEFORE)
    before, tables = base.rows(), base.tables()
    said, found, not_taken = try_out(base, mode, key)
    assert (said, sorted(not_taken), len(found)) == foreseen
    if mode == "upsert":
        assert Difference("changed", (2,), "name", "Bob", "Bea") in found
    assert (base.rows(), base.tables()) == (before, tables)


def test_all_or_nothing_leaves_no_trace_of_what_is_given_up(base: Base) -> None:
    job, refused = base.load([(1, "a", 1.0), (1, "b", 1.0)], "insert", ("id",), together=True, whole=True)
    assert sorted(refused) == [2]
    assert "people" not in base.tables()
    with pytest.raises(JobError, match="nothing kept"):
        base.undo(job)


def test_a_load_into_a_table_with_partitions_is_undone_too(postgres_url: str, tmp_path: Path) -> None:
    base = Base(Settings(data=tmp_path, database_url=postgres_url).data_database)
    base.load(BEFORE)  # for the schema
    base.query("DROP TABLE people")
    base.query("CREATE TABLE people (id bigint, name text, amount double precision) PARTITION BY RANGE (id)")
    base.query("CREATE TABLE people_low PARTITION OF people FOR VALUES FROM (0) TO (5)")
    base.query("CREATE TABLE people_high PARTITION OF people FOR VALUES FROM (5) TO (100)")
    base.load(BEFORE, key=("id",))
    before = base.rows()
    job, refused = base.load(FILE, "upsert", ("id",))
    assert (refused, len(base.rows())) == ({}, 7)
    undone = base.undo(job)
    assert (base.rows(), undone.left) == (before, [])
    base.database.close()
    base.engine.dispose()
