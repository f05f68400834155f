"""Loading in other ways than row by row: in place of all rows, all or nothing, tried out first, and undone."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from tests.job_types.desk import Desk
from webapp.errors import BadInput, Refused
from webapp.jobs.run import run_claim
from webapp.jobs.same_file import NAMED

Csv = Callable[..., Path]

OLD = "id,name,born\n1,Ada,1815-12-10\n2,Bob,1990-01-01\n3,Cy,\n"
NEW = "id,name,born\n2,Bea,1990-01-01\n3,Cy,\n4,Dee,2000-02-29\n"
BAD = "id,name,born\n5,Eve,1999-01-01\nsix,Fay,1999-01-01\n7,Gil,1999-01-01\n"
PEOPLE = "SELECT id, name, born FROM people ORDER BY id"
FIRST = [(1, "Ada", "1815-12-10"), (2, "Bob", "1990-01-01"), (3, "Cy", None)]
SECOND = [(2, "Bea", "1990-01-01"), (3, "Cy", None), (4, "Dee", "2000-02-29")]


@pytest.fixture
def loaded(desk: Desk, csv_file: Csv) -> Desk:
    """A desk whose table has three people."""
    assert desk.run("load_table", csv_file(OLD), table="people", key=["id"]).counts == {"done": 3}
    return desk


def test_all_rows_of_a_table_are_replaced(loaded: Desk, csv_file: Csv) -> None:
    ran = loaded.run("load_table", csv_file(NEW), table="people", mode="replace", key=["id"])
    assert (ran.job.state, ran.counts) == ("completed", {"done": 3})
    assert loaded.query(PEOPLE) == SECOND


def test_refused_rows_stay_out_while_the_good_ones_replace_what_was_there(loaded: Desk, csv_file: Csv) -> None:
    ran = loaded.run("load_table", csv_file(BAD), table="people", mode="replace")
    assert ran.problems == [(2, "rejected", "id", "six", "is not a whole number")]
    assert loaded.query("SELECT id FROM people ORDER BY id") == [5, 7]


@pytest.mark.parametrize("mode", ["insert", "upsert", "replace"])
@pytest.mark.parametrize(
    ("text", "why"),
    [(BAD, "is not a whole number"), ("id,name,born\n8,H,\n,I,\n", "id is empty, but rows are told apart by it")],
)
def test_nothing_is_loaded_if_a_row_is_refused_and_that_was_chosen(
    loaded: Desk, csv_file: Csv, mode: str, text: str, why: str
) -> None:
    ran = loaded.run("load_table", csv_file(text), table="people", mode=mode, key=["id"], refused="nothing")
    assert loaded.query(PEOPLE) == FIRST
    assert (ran.counts["rejected"], ran.job.done, ran.job.state) == (1, 0, "completed_with_errors")
    assert [reason for *_, outcome, reason in _rows(ran.problems) if outcome == "rejected"] == [why]
    assert {reason for *_, outcome, reason in _rows(ran.problems) if outcome == "skipped"} == {
        "Nothing was loaded, because 1 row was refused. Mend what is listed and hand the whole file in again."
    }


def _rows(problems: list[tuple[int, str, str | None, str | None, str | None]]) -> list[tuple[int, str, str | None]]:
    return [(row, outcome, reason) for row, outcome, _, _, reason in problems]


def test_all_is_loaded_if_no_row_is_refused(loaded: Desk, csv_file: Csv) -> None:
    ran = loaded.run("load_table", csv_file(NEW), table="people", mode="upsert", key=["id"], refused="nothing")
    assert ran.counts == {"done": 3}
    assert loaded.query(PEOPLE) == [FIRST[0], *SECOND]


def test_a_dry_run_shows_what_would_be_and_changes_nothing(loaded: Desk, csv_file: Csv) -> None:
    text = NEW + "five,Eve,\n"
    ran = loaded.run("load_table", csv_file(text), table="people", mode="upsert", key=["id"], dry_run=True)
    said = "Dry run: nothing was changed. Rows of table people would be: 1 new, 1 changed, 1 unchanged, 1 refused."
    assert said in ran.log
    assert ran.counts == {"rejected": 1, "skipped": 3}
    assert ran.job.shown == {
        "title": said,
        "columns": ["what", "row", "column", "before", "after"],
        "rows": [["changed", "id 2", "name", "Bob", "Bea"], ["new", "id 4", "", "", ""]],
    }
    assert ran.files["people-dry-run.csv"].decode("utf-8-sig").splitlines() == [
        "what,row,column,before,after",
        "changed,id 2,name,Bob,Bea",
        "new,id 4,,,",
    ]
    assert loaded.query(PEOPLE) == FIRST
    with pytest.raises(Refused, match="done nothing"):
        loaded.undo(ran.job.id)


def test_a_dry_run_into_a_new_table_makes_none(desk: Desk, csv_file: Csv) -> None:
    desk.run("load_table", csv_file(OLD), table="people", dry_run=True)
    assert desk.query("SELECT count(*) FROM sqlite_schema WHERE name = 'people'") == [0]


@pytest.mark.parametrize("mode", ["insert", "upsert", "replace"])
def test_a_dry_run_says_so_where_rows_cannot_be_compared(desk: Desk, csv_file: Csv, mode: str) -> None:
    desk.query("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, born TEXT) WITHOUT ROWID")
    ran = desk.run("load_table", csv_file(NEW), table="people", mode=mode, key=["id"], dry_run=True)
    assert (
        "Dry run: nothing was changed. 0 rows would be refused. What the others would change can’t be compared: "
        "table people has no rowid, or more than 1,500 columns."
    ) in ran.log
    assert desk.query("SELECT count(*) FROM people") == [0]


def test_what_the_table_holds_is_shown_after_a_load(loaded: Desk, csv_file: Csv) -> None:
    ran = loaded.run("load_table", csv_file("id,name,born\n4,Dee,\n"), table="people")
    assert ran.job.shown == {
        "title": "Table people had 4 rows after this load",
        "columns": ["id", "name", "born"],
        "rows": [["1", "Ada", "1815-12-10"], ["2", "Bob", "1990-01-01"], ["3", "Cy", ""], ["4", "Dee", ""]],
    }


def test_a_file_that_was_added_before_is_added_again_only_if_that_is_ticked(loaded: Desk, csv_file: Csv) -> None:
    file = csv_file("id,name\n8,H\n")
    loaded.run("load_table", file, table="visits")
    ran = loaded.run("load_table", file, table="visits")
    assert ran.job.state == "failed"
    assert ran.job.problem is not None
    assert ran.job.problem.startswith("This file was loaded into visits already, by job 2 on ")
    assert NAMED.search(ran.job.problem), "its page leads to that job"
    assert loaded.query("SELECT count(*) FROM visits") == [1]
    loaded.run("load_table", file, table="visits", load_again=True)
    loaded.run("load_table", file, table="others")
    assert loaded.query("SELECT count(*) FROM visits") == [2]


@pytest.mark.parametrize("mode", ["insert", "upsert", "replace"])
def test_a_load_is_undone_by_a_job_of_its_own(loaded: Desk, csv_file: Csv, mode: str) -> None:
    key = [] if mode == "insert" else ["id"]
    done = loaded.run("load_table", csv_file(NEW), table="people", mode=mode, key=key, load_again=True)
    undone = loaded.undo(done.job.id)
    assert loaded.query(PEOPLE) == FIRST
    assert (undone.job.state, undone.job.undo_of, undone.problems) == ("completed", done.job.id, [])
    assert undone.job.done == undone.job.received > 0
    assert loaded.control.undo(loaded.user, done.job.id).id == undone.job.id
    with pytest.raises(Refused, match="undoes another one"):
        loaded.control.undo(loaded.user, undone.job.id)
    with pytest.raises(Refused, match="once only"):
        loaded.control.run_again(loaded.user, undone.job.id)


def test_rows_that_were_edited_since_are_listed_by_the_undo(loaded: Desk, csv_file: Csv) -> None:
    done = loaded.run("load_table", csv_file(NEW), table="people", mode="upsert", key=["id"])
    loaded.query("UPDATE people SET name = 'Bix' WHERE id = 2")
    undone = loaded.undo(done.job.id)
    assert (undone.job.state, undone.counts) == ("completed_with_errors", {"done": 2, "failed": 1})
    assert [problem[-1] for problem in undone.problems] == [
        "The row with id “2” was edited since: name is “Bix”, and the load had left “Bea”. It stays as it is."
    ]
    assert loaded.query(PEOPLE) == [FIRST[0], (2, "Bix", "1990-01-01"), FIRST[2]]


def test_an_undo_that_broke_off_after_its_commit_is_not_done_twice(
    loaded: Desk, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = loaded.run("load_table", csv_file(NEW), table="people", mode="upsert", key=["id"])
    undo_id = loaded.control.undo(loaded.user, done.job.id).id
    loaded.run_and_crash(monkeypatch, 1, before_ledger=True)
    assert finished(loaded, undo_id) == ("completed", 3)
    assert loaded.query(PEOPLE) == FIRST


@pytest.mark.parametrize("before_ledger", [True, False])
def test_a_load_in_one_go_that_broke_off_after_its_commit_is_not_done_twice(
    loaded: Desk, csv_file: Csv, monkeypatch: pytest.MonkeyPatch, *, before_ledger: bool
) -> None:
    job_id = loaded.submit("load_table", csv_file(NEW), table="people", mode="replace")
    loaded.run_and_crash(monkeypatch, 1, before_ledger=before_ledger)
    assert finished(loaded, job_id) == ("completed", 3)
    assert loaded.query(PEOPLE) == SECOND


def finished(desk: Desk, job_id: UUID) -> tuple[str, int]:
    """Let the next claim end a job; its state, and how many of its rows are done."""
    run_claim(desk.claim())
    job = desk.result(job_id).job
    return str(job.state), job.done


def test_the_types_of_columns_can_be_chosen(desk: Desk, csv_file: Csv) -> None:
    file = csv_file("code,qty\n1,2\n3,4\n")
    desk.run("load_table", file, table="t", column_types={"code": "text", "qty": "numbers"})
    assert desk.query("SELECT type FROM pragma_table_info('t')") == ["TEXT", "DECIMAL_TEXT"]
    with pytest.raises(BadInput) as refusal:
        desk.submit("load_table", file, table="t", column_types={"code": "varchar(3); DROP TABLE t"})
    assert "is no type. Write one of: text, whole numbers" in refusal.value.problems["column_types"]
