"""Loading into a database that the administrator has named: the same promises, there."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.elsewhere import NAME, Elsewhere
from tests.job_types.desk import Desk
from webapp.errors import BadInput
from webapp.jobs.claims import Task
from webapp.jobs.deeds import Action
from webapp.jobs.queue import claim_next
from webapp.jobs.run import run_claim, work_to_the_end
from webapp.jobs.work import StopFlag
from webapp.kit import new_id
from webapp.store.tables import State

Csv = Callable[..., Path]
ROWS = "id,name\n" + "".join(f"{number},n{number}\n" for number in range(1, 12_001))


@pytest.fixture(params=["sqlite", "postgresql"])
def there(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Elsewhere]:
    is_sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'shop.db'}" if is_sqlite else request.getfixturevalue("postgres_url")
    elsewhere = Elsewhere(url)
    yield elsewhere
    elsewhere.close()


@pytest.fixture
def targeted(there: Elsewhere, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "desk", targets=there.setting)
    yield desk
    desk.close()


def test_rows_go_into_the_database_that_was_chosen_and_nowhere_else(
    targeted: Desk, there: Elsewhere, csv_file: Csv
) -> None:
    ran = targeted.run("load_table", csv_file("id,name\n1,Ada\nx,Bob\n3,Cy\n4,Di\n"), database=NAME, table="people")
    assert ran.counts == {"done": 4}
    assert there.query("SELECT id, name FROM people ORDER BY name") == [
        ("1", "Ada"),
        ("x", "Bob"),
        ("3", "Cy"),
        ("4", "Di"),
    ]
    assert ran.job.target == NAME
    assert not targeted.data_path.exists()


def test_a_dry_run_changes_nothing_there_and_an_undo_puts_back_what_was(
    targeted: Desk, there: Elsewhere, csv_file: Csv
) -> None:
    there.query("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)", "INSERT INTO people VALUES (1, 'Ada')")
    file = csv_file("id,name\n1,Eve\n2,Bob\n")
    how = {"database": NAME, "table": "people", "mode": "upsert", "key": ["id"]}
    ran = targeted.run("load_table", file, dry_run=True, **how)
    assert "1 new, 1 changed" in "".join(ran.log)
    assert there.query("SELECT name FROM people") == ["Ada"]
    ran = targeted.run("load_table", file, **how)
    assert there.query("SELECT name FROM people ORDER BY id") == ["Eve", "Bob"]
    undone = targeted.undo(ran.job.id)
    assert (undone.job.state, undone.job.target) == (State.completed, NAME)
    assert there.query("SELECT name FROM people") == ["Ada"]


@pytest.mark.parametrize("crash", [(1, True), (1, False), (2, True), (3, False)])
def test_a_worker_that_dies_between_the_two_commits_leaves_no_doubled_and_no_lost_row(
    targeted: Desk,
    there: Elsewhere,
    csv_file: Csv,
    monkeypatch: pytest.MonkeyPatch,
    crash: tuple[int, bool],
) -> None:
    commit, before_ledger = crash
    job_id = targeted.submit("load_table", csv_file(ROWS), database=NAME, table="t")
    targeted.run_and_crash(monkeypatch, commit, before_ledger=before_ledger)
    run_claim(targeted.claim())
    assert targeted.result(job_id).counts == {"done": 12_000}
    assert there.query("SELECT count(*), count(DISTINCT id) FROM t") == [(12_000, 12_000)]


def test_an_older_claim_can_write_nothing_there_any_more(targeted: Desk, there: Elsewhere, csv_file: Csv) -> None:
    job_id = targeted.submit("load_table", csv_file("id\n1\n2\n"), database=NAME, table="t")
    old = targeted.claim()
    old.recover()
    targeted.shop.data.of(NAME).take(job_id, old.claim.fence + 1)
    run_claim(old)
    with pytest.raises(Exception, match=r"no such table|does not exist"):
        there.query("SELECT * FROM t")


def test_a_name_that_is_none_of_them_is_refused_beside_the_field(targeted: Desk, csv_file: Csv) -> None:
    for name in ("billing", "shop floor", "sqlite:////etc/passwd", "postgresql+psycopg://x/y", None, 7):
        with pytest.raises(BadInput) as refusal:
            targeted.submit("load_table", csv_file("id\n1\n"), database=name, table="t")
        assert list(refusal.value.problems) == ["database"]


def test_a_database_that_is_named_no_more_ends_the_job_in_words_and_it_goes_on_once_it_is(
    targeted: Desk, there: Elsewhere, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = targeted.submit("load_table", csv_file("id\n1\n"), database=NAME, table="t")
    data = targeted.shop.data
    with monkeypatch.context() as patch:
        patch.setattr(data, "_targets", {})
        claim = claim_next(targeted.database, new_id(), Task.run, 60)
        assert claim is not None
        work_to_the_end(targeted.shop, claim, StopFlag())
    job = targeted.result(job_id).job
    assert job.state is State.failed
    assert job.problem == (
        f"The database “{NAME}” is not among those that the desk knows any more, so the job can't go on. "
        "Tell an administrator: it has to be in BATCHDESK_TARGETS."
    )
    targeted.control.act(targeted.user, job_id, Action.retry)
    assert targeted.run_on(job_id).counts == {"done": 1}
    assert there.query("SELECT count(*) FROM t") == [1]
