"""Tables of the data database: made and widened, of somebody else’s making, and their names."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from tests.services.datatables.support import Query, columns, commit, tables
from webapp.authoring import JobError
from webapp.services.data import DataWriter, safe_names


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
