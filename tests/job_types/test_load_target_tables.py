"""Tables that somebody else has made: with names, columns and rules of their own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.elsewhere import NAME, Elsewhere
from tests.job_types.desk import Desk
from webapp.jobs.run import run_claim
from webapp.store.tables import State

Csv = Callable[..., Path]


@pytest.fixture
def both(request: pytest.FixtureRequest) -> Elsewhere:
    there = request.getfixturevalue(request.param)
    assert isinstance(there, Elsewhere)
    return there


@pytest.mark.parametrize("both", ["crm", "shop"], indirect=True)
def test_a_table_is_found_by_its_name_however_it_is_written(both: Elsewhere, tmp_path: Path, csv_file: Csv) -> None:
    both.query('CREATE TABLE "Order Lines" ("No" integer PRIMARY KEY, "Unit Price" numeric, "Größe" text)')
    both.query("INSERT INTO \"Order Lines\" VALUES (1, 2.5, 'S')")
    how = {"table": "order_lines", "mode": "upsert", "key": ["No"]}
    desk = Desk(tmp_path / "desk", targets=both.setting)
    ran = desk.run("load_table", csv_file("No,Unit price,Größe\n1,3.5,M\n2,4.5,L\n"), database=NAME, **how)
    assert (ran.job.problem, ran.counts) == (None, {"done": 2})
    assert both.query('SELECT "Größe" FROM "Order Lines" ORDER BY "No"') == ["M", "L"]
    assert desk.undo(ran.job.id).job.state is State.completed
    assert both.query('SELECT "No", "Größe" FROM "Order Lines"') == [(1, "S")]
    desk.close()


def test_columns_that_the_database_fills_itself(crm: Elsewhere, tmp_path: Path, csv_file: Csv) -> None:
    crm.query(
        "CREATE TABLE people (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, "
        "big text GENERATED ALWAYS AS (upper(name)) STORED, made timestamptz DEFAULT now())"
    )
    desk = Desk(tmp_path / "desk", targets=crm.setting)
    ran = desk.run("load_table", csv_file("name\nAda\nBob\n\n"), database=NAME, table="people")
    assert ran.counts == {"done": 2}
    assert crm.query("SELECT id, big FROM people ORDER BY id") == [(1, "ADA"), (2, "BOB")]
    for name in ("big", "id"):
        ran = desk.run("load_table", csv_file(f"name,{name}\nCy,7\nDi,8\n"), database=NAME, table="people")
        assert ran.job.state is State.failed
        assert ran.job.problem == (
            f"The database “{NAME}” does not take what the job writes: cannot insert a non-DEFAULT value into column "
            f'"{name}". It fills that column itself: leave it out of the file.'
        )
    assert crm.query("SELECT count(*) FROM people") == [2]
    desk.close()


@pytest.mark.parametrize("both", ["crm", "shop"], indirect=True)
def test_a_view_is_no_table(both: Elsewhere, tmp_path: Path, csv_file: Csv) -> None:
    both.query("CREATE VIEW people AS SELECT 1 AS id")
    desk = Desk(tmp_path / "desk", targets=both.setting)
    ran = desk.run("load_table", csv_file("id\n1\n"), database=NAME, table="people")
    assert (ran.job.state, "people is not a table" in (ran.job.problem or "")) == (State.failed, True)
    desk.close()


@pytest.mark.parametrize("both", ["crm", "shop"], indirect=True)
def test_a_table_that_changes_between_the_check_and_the_run(both: Elsewhere, tmp_path: Path, csv_file: Csv) -> None:
    both.query("CREATE TABLE people (id integer, name text)")
    desk = Desk(tmp_path / "desk", targets=both.setting)
    file = csv_file("id,name\n1,Ada\nx,Bob\n")
    desk.run("load_table", file, database=NAME, table="people", dry_run=True)
    both.query("ALTER TABLE people DROP COLUMN name", "ALTER TABLE people ADD COLUMN name integer")
    ran = desk.run("load_table", file, database=NAME, table="people")
    assert ran.counts == {"rejected": 2}
    both.query("DROP TABLE people")
    ran = desk.run("load_table", file, database=NAME, table="people", load_again=True)
    assert ran.counts == {"done": 2}
    desk.close()


def test_a_table_that_is_dropped_in_the_middle_ends_the_job_in_words_with_its_rows_accounted_for(
    crm: Elsewhere, tmp_path: Path, csv_file: Csv
) -> None:
    desk = Desk(tmp_path / "desk", targets=crm.setting)
    file = csv_file("id\n" + "".join(f"{number}\n" for number in range(1, 12_001)))
    job_id = desk.submit("load_table", file, database=NAME, table="people")
    work = desk.claim()
    commit = work.ledger.commit

    def drop_after(*given: Any, **more: Any) -> None:
        commit(*given, **more)
        crm.query("DROP TABLE IF EXISTS people")

    work.ledger.commit = drop_after  # type: ignore[method-assign]
    run_claim(work)
    ran = desk.result(job_id)
    assert ran.job.state is State.failed
    assert "Table people has no column id any more" in (ran.job.problem or "")
    assert ran.counts == {"done": 5_000, "skipped": 7_000}
    desk.close()
