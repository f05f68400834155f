"""The data database on PostgreSQL: its rules, its limits, and several jobs at once."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.postgres import PostgresServer
from tests.services.datatables.support import commit, look
from webapp.services.data import DataDatabase, DataWriter
from webapp.store.database import DATABASE_TROUBLE


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
