"""Tables of the desk's own: what a row does there and its outcome are kept together, or neither is."""

import pytest
from sqlalchemy import text

from tests.jobs.bench import Bench, items
from webapp.jobs.ledger import Ledger
from webapp.jobs.recovery import take_back
from webapp.jobs.run import run_claim
from webapp.store.tables import State


@pytest.fixture(autouse=True)
def _stock(bench: Bench) -> None:
    with bench.database.write() as session:
        session.execute(text("CREATE TABLE stock (id INTEGER PRIMARY KEY)"))


def stock(bench: Bench) -> list[int]:
    with bench.database.read() as session:
        return list(session.execute(text("SELECT id FROM stock ORDER BY id")).scalars())


def test_what_rows_do_is_there_when_they_are_done(bench: Bench) -> None:
    job = bench.run("count_stock", items(200, r5="reject"))
    assert bench.counts(job.id) == {"done": 199, "rejected": 1}
    assert stock(bench) == [row for row in range(1, 201) if row != 5]


def test_a_row_whose_statement_is_refused_is_rejected_and_leaves_its_neighbours_alone(bench: Bench) -> None:
    job = bench.run("count_stock", items(5, r3="twice"))
    assert bench.ranges(job.id) == [(1, 2, "done"), (3, 3, "rejected"), (4, 5, "done")]
    assert "UNIQUE" in (bench.entries(job.id)[1].reason or "").upper()
    assert stock(bench) == [1, 2, 4, 5], "its first statement is undone with the second"


@pytest.mark.parametrize("commit", [1, 2, 3])
def test_a_crash_before_or_after_the_commit_leaves_each_row_there_once(
    commit: int, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.jobs.rows.COMMIT_SECONDS", 0)
    job_id = bench.submit("count_stock", items(10))
    for moment in ("before", "after"):
        work, commits = bench.work(), iter(range(1, 100))
        ledger_commit = Ledger.commit

        def crash(*args: object, **more: object) -> None:
            now = next(commits) == commit  # noqa: B023 (used up before the next turn)
            if now and moment == "before":  # noqa: B023
                raise GeneratorExit
            ledger_commit(*args, **more)  # type: ignore[arg-type]  # noqa: B023
            if now:
                raise GeneratorExit

        with monkeypatch.context() as patch:
            patch.setattr(Ledger, "commit", crash)
            with pytest.raises(GeneratorExit):
                run_claim(work)
        assert stock(bench) == list(range(1, bench.job(job_id).done + 1))
        take_back(bench.database, bench.data, work.claim, lost=True)
    assert bench.run_waiting(job_id).state is State.completed
    assert stock(bench) == list(range(1, 11))


def test_a_worker_of_before_does_nothing_there(bench: Bench) -> None:
    job_id = bench.submit("count_stock", items(5))
    late = bench.work()
    take_back(bench.database, bench.data, late.claim, lost=True)
    bench.run_waiting(job_id)
    run_claim(late)
    assert stock(bench) == [1, 2, 3, 4, 5]


def test_a_job_writes_to_one_database_only(bench: Bench) -> None:
    job = bench.run("count_stock", items(2), both=True)
    assert (bench.counts(job.id), stock(bench), bench.kept()) == ({"failed": 2}, [], [])
    assert "not to both" in (bench.attempts(job.id)[0].detail or "")


def test_what_a_function_does_behind_its_last_row_is_kept_with_the_end_of_the_job(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = bench.submit("count_table", items(10))
    with monkeypatch.context() as patch:
        patch.setattr("webapp.jobs.ending._end", lambda *_, **__: 1 / 0)  # it breaks off in the middle of the end
        work = bench.work()
        with pytest.raises(ZeroDivisionError):
            run_claim(work)
    assert stock(bench) == [1, 5, 9]
    take_back(bench.database, bench.data, work.claim, lost=True)
    assert bench.run_waiting(job_id).state is State.completed
    assert stock(bench) == [1, 5, 9, 100]


def test_a_job_without_rows_does_it_once(bench: Bench) -> None:
    assert bench.run("count_once").state is State.completed
    assert stock(bench) == [100]
    job = bench.run("count_once")
    assert (job.state, stock(bench)) == (State.failed, [100])
    assert "did not take" in (job.problem or "")
