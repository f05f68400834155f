"""The data database: exactly the rows a table takes, each refusal in words, and nothing twice."""

import math
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import OperationalError

from tests.postgres import PostgresServer
from webapp.authoring import JobError
from webapp.services.data import DataDatabase, DataWriter, FenceLostError, Marker, safe_names
from webapp.services.datatables.catalog import read_columns
from webapp.settings import Settings
from webapp.store.database import DATABASE_TROUBLE, connect

JOB = UUID("01890000-0000-7000-8000-000000000001")


class Colour(Enum):
    red = "r"


class Size(StrEnum):
    small = "S"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the rows go: each test runs on both."""
    desk = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    return Settings(data=tmp_path, database_url=desk).data_database


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """A way into the same database for the tests' own questions."""
    engine = connect(url)
    yield engine
    engine.dispose()


@pytest.fixture
def database(url: str) -> Iterator[DataDatabase]:
    database = DataDatabase(url)
    yield database
    database.close()


@pytest.fixture
def writer(database: DataDatabase) -> DataWriter:
    database.take(JOB, 1)
    return database.writer(JOB, 1)


@pytest.fixture
def query(engine: Engine) -> "Query":
    """Ask for rows; what SQLite keeps as text, PostgreSQL's own types are given as."""

    def run(sql: str) -> list[Any]:
        with engine.connect() as connection:
            rows = [tuple(map(as_text, row)) for row in connection.exec_driver_sql(sql)]
        return [row[0] if len(row) == 1 else row for row in rows]

    return run


def as_text(value: object) -> object:
    return str(value) if isinstance(value, date | Decimal) else value


def tables(engine: Engine) -> set[str]:
    """The tables that there are, beside the desk's own."""
    return set(inspect(engine).get_table_names()) - {"batchdesk_marker"}


def columns(engine: Engine, table: str) -> dict[str, str]:
    """The columns of a table with their types."""
    with engine.connect() as connection:
        return read_columns(connection, table)


def commit(writer: DataWriter, without: tuple[int, ...] = ()) -> dict[int, str]:
    """Commit, and give the refusals."""
    found: dict[int, str] = {}

    def settle(refused: Mapping[int, str]) -> dict[str, Any]:
        found.update(refused)
        return {"refused": len(refused)}

    writer.commit(settle, without)
    return found


Query = Callable[[str], list[Any]]
TYPES = {
    "sqlite": {"id": "INTEGER", "unit_price": "DECIMAL_TEXT", "since": "DATE", "sold": "BOOLEAN"},
    "postgresql": {"id": "bigint", "unit_price": "numeric", "since": "date", "sold": "boolean"},
}


def test_a_row_makes_its_table_with_types_taken_from_its_values(
    writer: DataWriter, query: Query, engine: Engine
) -> None:
    writer.insert("goods", {"id": 1, "Unit Price (€)": Decimal("1.10"), "since": date(2026, 1, 31), "sold": True})
    assert commit(writer) == {}
    assert columns(engine, "goods") == TYPES[engine.dialect.name]
    assert query("SELECT * FROM goods") == [(1, "1.10", "2026-01-31", 1)]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (-(2**63), -(2**63)),
        (Decimal("0.1000000000000000055511151231257827"), "0.1000000000000000055511151231257827"),
        (Decimal("123456789012345678901234567890.10"), "123456789012345678901234567890.10"),
        (Decimal("1E+3"), "1000"),
        (1.5, 1.5),
        ('it\'s "quoted"; DROP TABLE goods;-- %s :x ?', 'it\'s "quoted"; DROP TABLE goods;-- %s :x ?'),
        ("x" * 10_000_000, "x" * 10_000_000),
        (False, 0),
        (date(1, 1, 1), "0001-01-01"),
        (date(9999, 12, 31), "9999-12-31"),
        (datetime(2026, 1, 31, 12), "2026-01-31 12:00:00"),  # noqa: DTZ001 (a time without a zone is kept as it is)
        (Colour.red, "r"),
        (Size.small, "S"),
        (JOB, str(JOB)),
        (None, None),
    ],
)
def test_a_value_comes_back_as_it_was_written(
    writer: DataWriter, query: Query, engine: Engine, value: object, kept: object
) -> None:
    writer.insert("t", {"id": 1, "value": value}, row_number=1)
    writer.insert("t", {"id": 2, "value": value}, row_number=2)
    assert commit(writer) == {}
    assert "value" not in columns(engine, "t") if value is None else query("SELECT value FROM t") == [kept, kept]


ODD = {
    "sqlite": {"big": "1E+999999", "text": "NUL\0inside", "at": "2026-01-31 10:00:00+00:00"},
    "postgresql": {
        "big": "big is too large for a table",
        "text": "a NUL character in it cannot be kept in a table",
        "at": "2026-01-31 10:00:00",
    },
}


def test_what_only_one_database_can_keep_is_refused_by_the_other_in_words(
    writer: DataWriter, query: Query, engine: Engine
) -> None:
    noon = datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=2)))
    writer.create_table("t", {"id": int, "big": Decimal, "text": str, "at": datetime})
    writer.insert("t", {"id": 1, "big": Decimal("1E+999999")}, row_number=1)
    writer.insert("t", {"id": 2, "text": "NUL\0inside"}, row_number=2)
    writer.insert("t", {"id": 3, "at": noon}, row_number=3)
    refused = commit(writer)
    kept = query("SELECT max(big), max(text), max(at) FROM t")[0]
    found = {"big": refused.get(1, kept[0]), "text": refused.get(2, kept[1]), "at": refused.get(3, kept[2])}
    assert found == ODD[engine.dialect.name]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("whole", 2**63, "whole is too large for a table"),
        ("whole", "seven", "whole is “seven”, but the table keeps whole numbers there"),
        ("whole", 1.5, "whole is “1.5”, but the table keeps whole numbers there"),
        ("number", math.nan, "number is not a finite number"),
        ("number", -math.inf, "number is not a finite number"),
        ("amount", Decimal("NaN"), "amount is not a finite number"),
        ("amount", 0.1, "amount is “0.1”, but the table keeps decimal numbers there"),
        ("name", "\ud800", "a broken character in it cannot be kept in a table"),
        ("name", 7, "name is “7”, but the table keeps text there"),
        ("name", "x" * 70 + "\ud800", "a broken character in it cannot be kept in a table"),
        (
            "day",
            datetime(2026, 1, 31, tzinfo=UTC),
            "day is “2026-01-31 00:00:00+00:00”, but the table keeps dates there",
        ),
        ("at", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2))), "at is too early or too late a time"),
        ("name", ["a"], "name is something a table cannot keep (list)"),
        ("name", {"a": 1}, "name is something a table cannot keep (dict)"),
    ],
)
def test_a_value_that_does_not_fit_refuses_its_row_alone(
    writer: DataWriter, query: Query, column: str, value: object, reason: str
) -> None:
    kinds = {"id": int, "whole": int, "number": float, "amount": Decimal, "name": str, "day": date, "at": datetime}
    writer.create_table("t", kinds)
    writer.insert("t", {"id": 1, column: None}, row_number=1)
    writer.insert("t", {"id": 2, column: value}, row_number=2)
    writer.insert("t", {"id": 3, column: None}, row_number=3)
    assert commit(writer) == {2: reason}
    assert query("SELECT id FROM t") == [1, 3]


def test_rows_with_a_key_that_is_there_already_are_refused_and_their_neighbours_go_in(
    writer: DataWriter, query: Query
) -> None:
    writer.insert("people", {"id": 17, "name": "Ada"}, key="id", row_number=1)
    commit(writer)
    writer.insert_many(
        "people", ["id", "name"], [[16, "B"], [17, "C"], [18, "D"], [18, "E"], [19, "F"]], range(2, 7), "id"
    )
    assert commit(writer) == {
        3: "a row with id “17” is already in table people, perhaps from an earlier row of this file",
        5: "a row with id “18” is already in table people, perhaps from an earlier row of this file",
    }
    assert query("SELECT id, name FROM people") == [(17, "Ada"), (16, "B"), (18, "D"), (19, "F")]


def test_a_key_of_two_columns_names_both(writer: DataWriter) -> None:
    rows = [["DE", 1], ["FR", 1], ["DE", 1]]
    writer.insert_many("t", ["country", "code"], rows, [1, 2, 3], ["country", "code"])
    assert commit(writer) == {
        3: "a row with country “DE” and code “1” is already in table t, perhaps from an earlier row of this file"
    }


def test_a_row_without_its_key_is_refused_even_before_the_key_was_ever_seen(writer: DataWriter, query: Query) -> None:
    writer.upsert("people", {"id": None, "name": "A"}, "id", row_number=1)
    assert commit(writer) == {1: "id is empty, but rows are told apart by it"}
    writer.upsert("people", {"id": None, "name": "B"}, "id", row_number=2)
    writer.upsert("people", {"id": 3, "name": "C"}, "id", row_number=3)
    assert commit(writer) == {2: "id is empty, but rows are told apart by it"}
    assert query("SELECT id, name FROM people") == [(3, "C")]


def test_upsert_changes_the_row_that_is_there_and_the_last_of_a_batch_stands(writer: DataWriter, query: Query) -> None:
    writer.upsert("people", {"id": 1, "name": "A", "city": "Kiel"}, "id", row_number=1)
    commit(writer)
    writer.upsert("people", {"id": 1, "name": "B"}, "id", row_number=2)
    writer.upsert_many("people", ["id", "name"], [[2, "C"], [2, "D"]], [3, 4], "id")
    assert commit(writer) == {}
    assert query("SELECT id, name, city FROM people") == [(1, "B", "Kiel"), (2, "D", None)]


def test_upsert_of_nothing_but_the_key_keeps_the_row(writer: DataWriter, query: Query) -> None:
    writer.upsert_many("seen", ["email"], [["a@example.com"], ["a@example.com"]], [1, 2], ["email"])
    assert commit(writer) == {}
    assert query("SELECT * FROM seen") == ["a@example.com"]


def test_what_a_row_writes_goes_in_whole_or_not_at_all(writer: DataWriter, query: Query) -> None:
    for row, (person, visit) in enumerate([(1, 10), (2, 10), (3, 12)], 1):
        writer.current_row = row
        writer.insert("people", {"id": person}, key="id")
        writer.insert("visits", {"id": visit}, key="id")
    assert commit(writer) == {
        2: "a row with id “10” is already in table visits, perhaps from an earlier row of this file"
    }
    assert query("SELECT id FROM people") == [1, 3]
    assert query("SELECT id FROM visits") == [10, 12]


def test_a_row_that_is_not_done_writes_nothing(writer: DataWriter, query: Query) -> None:
    writer.insert_many("t", ["id"], [[1], [2], [3]], [1, 2, 3])
    assert commit(writer, without=(2,)) == {}
    assert query("SELECT id FROM t") == [1, 3]


def test_a_write_that_belongs_to_no_row_fails_the_job_when_it_is_refused(writer: DataWriter, engine: Engine) -> None:
    writer.insert("runs", {"id": 1}, key="id")
    commit(writer)
    writer.insert("other", {"id": 5}, row_number=1)
    writer.insert("runs", {"id": 1}, key="id")
    with pytest.raises(JobError, match="a row with id “1” is already in table runs"):
        commit(writer)
    assert "other" not in tables(engine)


def test_a_table_gets_the_columns_that_later_rows_bring(writer: DataWriter, query: Query, engine: Engine) -> None:
    writer.insert("t", {"id": 1, "born": None}, row_number=1)
    commit(writer)
    writer.insert("t", {"id": 2, "born": date(2000, 2, 29)}, row_number=2)
    writer.insert("t", {"id": 3, "born": None, "note": "new"}, row_number=3)
    assert commit(writer) == {}
    assert query("SELECT id, born, note FROM t") == [(1, None, None), (2, "2000-02-29", None), (3, None, "new")]
    assert columns(engine, "t")["born"].upper() == "DATE"


def test_a_row_of_nothing_but_blanks_is_a_row(writer: DataWriter, query: Query) -> None:
    writer.insert("t", {"a": None, "b": None}, row_number=1)
    assert commit(writer) == {}
    assert query("SELECT count(*) FROM t") == [1]


def test_create_table_tells_what_the_columns_keep_and_may_be_repeated(writer: DataWriter) -> None:
    first = {"Id": int, "Amount": Decimal, "at": datetime}
    assert writer.create_table("t", first, "Id") == first
    assert writer.create_table("t", {"Id": str, "Amount": float, "new": bool}, "Id") == {
        "Id": int,
        "Amount": Decimal,
        "new": bool,
    }


FOREIGN = {
    "sqlite": 'CREATE TABLE "People" (ID INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL, born TIMESTAMP, x)',
    "postgresql": "CREATE TABLE people (id integer PRIMARY KEY, name varchar(20) NOT NULL, born timestamptz, x inet)",
}


def test_a_table_that_somebody_else_made_is_written_by_its_own_types(
    writer: DataWriter, engine: Engine, query: Query
) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(FOREIGN[engine.dialect.name])
    kinds = writer.create_table("people", {"id": str, "name": int, "born": str, "x": str})
    assert kinds == {"id": int, "name": str, "born": datetime, "x": object}
    writer.insert("people", {"id": 1, "name": "A", "x": "::1"}, row_number=1)
    writer.insert("people", {"id": 2, "name": None, "x": "::2"}, row_number=2)
    assert commit(writer) == {
        2: "table people does not take it: NOT NULL constraint failed: People.name"
        if engine.dialect.name == "sqlite"
        else "name is empty, but table people keeps no row without it"
    }
    assert query("SELECT id, name FROM people") == [(1, "A")]


def test_rows_that_are_alike_already_cannot_get_a_key(writer: DataWriter, query: Query) -> None:
    writer.insert_many("t", ["id"], [[1], [1]], [1, 2])
    commit(writer)
    with pytest.raises(JobError, match="Table t already holds rows with the same id"):
        writer.create_table("t", {"id": int}, "id")
    writer.upsert("t", {"id": 1}, "id", row_number=3)
    with pytest.raises(JobError, match="Choose another key or another table"):
        commit(writer)
    assert query("SELECT count(*) FROM t") == [2]


@pytest.mark.parametrize(
    ("table", "columns", "key", "reason"),
    [
        ("", {"id": 1}, None, "cannot be the name of a table"),
        ("€€", {"id": 1}, None, "cannot be the name of a table"),
        ("sqlite_master", {"id": 1}, None, "is reserved"),
        ("batchdesk_marker", {"id": 1}, None, "is reserved"),
        ("BatchDesk Marker", {"id": 1}, None, "is reserved"),
        ("pg_catalog.x", {"id": 1}, None, "is reserved"),
        ("t", {"id": 1}, "email", "email cannot be the key of table t"),
        ("t", {}, None, "has no columns"),
        ("batchdesk_key_x", {"id": 1}, None, "is reserved"),
    ],
)
def test_tables_that_cannot_be_are_refused_at_once(
    writer: DataWriter, table: str, columns: dict[str, object], key: str | None, reason: str
) -> None:
    with pytest.raises(JobError, match=reason):
        writer.insert(table, columns, key=key)


@pytest.mark.parametrize(
    "name",
    ['a"; DROP TABLE job;--', 'a""b', "select", "%s", ":x", "?", "%(x)s", "x" * 5_000, "nul\0", "rowid", "Ärger"],
)
def test_names_that_attack_are_only_names(writer: DataWriter, engine: Engine, name: str) -> None:
    writer.upsert("keep", {"id": 1}, "id", row_number=1)
    writer.upsert("t_" + name, {"id": 1, name: "x"}, ["id", name], row_number=2)
    assert commit(writer) == {}
    assert len(tables(engine)) == 2
    assert "keep" in tables(engine)


def test_columns_that_become_the_same_name_stay_apart(writer: DataWriter, query: Query) -> None:
    writer.insert("t", {"Name": "a", "name": "b", "NAME ": "c", "名": "d"}, row_number=1)
    commit(writer)
    names = ", ".join(safe_names(["Name", "name", "NAME ", "名"]))
    assert query(f"SELECT {names} FROM t") == [("a", "b", "c", "d")]
    assert query("SELECT name, c_51a5d681 FROM t") == [("b", "d")]


def test_a_table_too_wide_is_refused_in_words(writer: DataWriter) -> None:
    with pytest.raises(JobError, match=r"Table t would have 10,000 columns; (2,000|1,600) is the most it can keep"):
        writer.create_table("t", {f"c{i}": str for i in range(10_000)})


def test_a_name_that_belongs_to_a_view_is_refused(writer: DataWriter, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE VIEW people AS SELECT 1 AS id")
    writer.insert("people", {"id": 1}, row_number=1)
    with pytest.raises(JobError, match="people is not a table"):
        commit(writer)


def test_an_older_claim_can_write_nothing_more(database: DataDatabase, writer: DataWriter, engine: Engine) -> None:
    writer.insert("t", {"id": 1}, row_number=1)
    database.take(JOB, 2)
    with pytest.raises(FenceLostError):
        commit(writer)
    with pytest.raises(FenceLostError):
        writer.create_table("t", {"id": int})
    with pytest.raises(FenceLostError):
        database.take(JOB, 1)
    assert tables(engine) == set()


def test_the_next_claim_is_told_of_the_last_batch(database: DataDatabase) -> None:
    assert database.take(JOB, 2) is None
    second = database.writer(JOB, 2)
    second.insert("t", {"id": 1}, row_number=1)
    second.commit(lambda refused: {"end": 1, "refused": dict(refused), "note": "Größe"})
    assert database.take(uuid4(), 1) is None
    assert database.take(JOB, 5) == Marker(2, {"end": 1, "refused": {}, "note": "Größe"})


def test_a_batch_without_writes_is_settled_and_leaves_the_marker_alone(
    database: DataDatabase, writer: DataWriter
) -> None:
    settled: list[Mapping[int, str]] = []
    writer.commit(lambda refused: settled.append(refused) or {"end": 1})  # type: ignore[func-returns-value] # None or ...
    assert settled == [{}]
    assert database.take(JOB, 2) is None


def test_when_the_account_fails_nothing_was_written_and_the_batch_can_be_tried_again(
    writer: DataWriter, query: Query, engine: Engine
) -> None:
    writer.insert("t", {"id": 1}, row_number=1)

    def settle(_: Mapping[int, str]) -> dict[str, Any]:
        raise RuntimeError("no account")

    with pytest.raises(RuntimeError, match="no account"):
        writer.commit(settle)
    assert tables(engine) == set()
    assert writer.pending == 1
    assert commit(writer) == {}
    assert writer.pending == 0
    assert query("SELECT id FROM t") == [1]


KILLED = """
import os, signal, sys
from uuid import UUID
from webapp.services.data import DataDatabase

database = DataDatabase(sys.argv[1])
job, point = UUID(sys.argv[2]), sys.argv[3]
database.take(job, 1)
writer = database.writer(job, 1)
kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
for end in (1, 2):
    writer.insert("t", {"id": end}, row_number=end)
    writer.commit(lambda refused: kill() if (point, end) == ("inside", 2) else {"end": end})
kill()
"""


@pytest.mark.parametrize(("point", "end"), [("inside", 1), ("after", 2)])
def test_after_a_kill_the_marker_and_the_rows_agree(database: DataDatabase, query: Query, point: str, end: int) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, database.url, str(JOB), point], check=False)
    assert done.returncode == -signal.SIGKILL
    assert database.take(JOB, 2) == Marker(1, {"end": end})
    assert query("SELECT id FROM t") == list(range(1, end + 1))


def test_who_may_not_wait_long_for_a_lock_is_told_soon(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'data.sqlite3'}"
    hurried = DataDatabase(url, patience_s=0.2)
    hurried.take(uuid4(), 1)
    engine = connect(url)
    with engine.execution_options(write=True).begin():
        began = time.monotonic()
        with pytest.raises(OperationalError, match="locked"):
            hurried.take(uuid4(), 1)
        assert time.monotonic() - began < 5, "not the fifteen seconds of one who writes rows"
    engine.dispose()
    hurried.take(uuid4(), 1)
    hurried.close()


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[DataDatabase]:
    database = DataDatabase(Settings(database_url=postgres_url).data_database)
    yield database
    database.close()


@pytest.fixture
def on_postgres(postgres: DataDatabase) -> DataWriter:
    postgres.take(JOB, 1)
    return postgres.writer(JOB, 1)


def look(database: DataDatabase, *statements: str) -> list[Any]:
    """Run statements; the rows of the last."""
    engine = connect(database.url)
    with engine.begin() as connection:
        *_, last = [connection.exec_driver_sql(statement) for statement in statements]
        rows = [tuple(row) for row in last] if last.returns_rows else []
    engine.dispose()
    return rows


def test_rows_are_in_a_schema_apart_from_the_desks_tables(postgres: DataDatabase, on_postgres: DataWriter) -> None:
    on_postgres.insert("job", {"id": 1}, row_number=1)
    commit(on_postgres)
    where = look(postgres, "SELECT schemaname FROM pg_tables WHERE tablename IN ('job', 'batchdesk_marker')")
    assert where == [("batchdesk_data",)] * 2


def test_of_many_rows_exactly_the_bad_ones_are_refused(
    postgres: DataDatabase, on_postgres: DataWriter, caplog: pytest.LogCaptureFixture
) -> None:
    bad = {3, 4, 77, 500, 998}
    rows = [[row, "NUL\0" if row in bad else "x"] for row in range(1, 1_000)]
    rows[699] = [1, "twice"]
    on_postgres.insert_many("t", ["id", "text"], rows, range(1, 1_000), "id")
    assert set(commit(on_postgres)) == {*bad, 700}
    bad.add(700)
    assert caplog.messages == [], "the log is not filled with what is told of each row"
    assert [row for (row,) in look(postgres, "SELECT id FROM t ORDER BY id")] == sorted({*range(1, 1_000)} - bad)


RULES = """
CREATE SCHEMA IF NOT EXISTS batchdesk_data;
CREATE TABLE country (code text PRIMARY KEY);
INSERT INTO country VALUES ('DE');
CREATE TABLE people (
  id smallint, name varchar(3), age integer CHECK (age < 150),
  country text REFERENCES country DEFERRABLE INITIALLY DEFERRED
);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN IF NEW.name = 'Eve' THEN RAISE EXCEPTION 'Eve is not welcome'; END IF; RETURN NEW; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION refuse();
"""


def test_each_rule_of_a_table_refuses_its_row_alone(postgres: DataDatabase, on_postgres: DataWriter) -> None:
    look(postgres, RULES)
    good: dict[str, object] = {"id": 1, "name": "Ada", "age": 36, "country": "DE"}
    changes: list[dict[str, object]] = [{}, {"id": 40_000}, {"name": "Adam"}, {"age": 150}, {"country": "XX"}]
    changes += [{"name": "Eve"}, {"id": 2}]
    for row, change in enumerate(changes, 1):
        on_postgres.insert("people", good | change, row_number=row)
    refused = commit(on_postgres)
    assert refused == {
        2: "a value is too large for a table",
        3: "table people does not take it: value too long for type character varying(3)",
        4: 'table people does not take it: new row for relation "people" violates check constraint "people_age_check"',
        5: "table people does not take it: "
        'insert or update on table "people" violates foreign key constraint "people_country_fkey"',
        6: "table people does not take it: Eve is not welcome",
    }
    assert look(postgres, "SELECT id FROM people ORDER BY id") == [(1,), (2,)]


def test_a_key_too_long_for_an_index_refuses_its_row_alone(postgres: DataDatabase, on_postgres: DataWriter) -> None:
    random = "".join(chr(ord("a") + number * number % 26) + str(number * 7919) for number in range(20_000))
    on_postgres.insert_many("t", ["id"], [["a"], [random], ["b"]], [1, 2, 3], "id")
    assert list(commit(on_postgres)) == [2]
    assert look(postgres, "SELECT id FROM t ORDER BY id") == [("a",), ("b",)]


def test_jobs_that_make_the_same_table_at_once_all_write_into_it(postgres: DataDatabase) -> None:
    jobs = [uuid4() for _ in range(6)]

    def load(job: UUID) -> dict[int, str]:
        postgres.take(job, 1)
        writer = postgres.writer(job, 1)
        writer.upsert("t", {"job": str(job), "n": 1}, "job", row_number=1)
        return commit(writer)

    with ThreadPoolExecutor(len(jobs)) as pool:
        assert list(pool.map(load, jobs)) == [{}] * len(jobs)
    assert look(postgres, "SELECT count(*) FROM t") == [(len(jobs),)]


def test_a_server_that_is_gone_refuses_no_row(on_postgres: DataWriter, postgres_server: PostgresServer) -> None:
    on_postgres.insert("t", {"id": 1}, row_number=1)
    told: list[Mapping[int, str]] = []

    def settle(refused: Mapping[int, str]) -> dict[str, Any]:
        told.append(refused)
        with postgres_server.connect() as admin:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'RELEASE%'")
        return {}

    with pytest.raises(DATABASE_TROUBLE):
        on_postgres.commit(settle)
    assert told == [{}]
    assert on_postgres.pending == 1
    assert commit(on_postgres) == {}
