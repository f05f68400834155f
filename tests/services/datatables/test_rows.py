"""Rows of the data database: told apart by keys, whole or not at all, and each refused alone."""

import pytest
from sqlalchemy import Engine

from tests.services.datatables.support import Query, commit, tables
from webapp.authoring import JobError
from webapp.services.data import DataWriter


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
