"""After a crash at any moment: no row lost, none twice, and no effect without its outcome."""

from itertools import count
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError

from tests.jobs.bench import Bench, items
from webapp.jobs import ending
from webapp.jobs.batch import Batch
from webapp.jobs.claims import MAX_STALLS, Claim
from webapp.jobs.context import JobContext
from webapp.jobs.deeds import Action
from webapp.jobs.ledger import Ledger
from webapp.jobs.recovery import take_back
from webapp.jobs.run import open_work, run_claim, work_to_the_end
from webapp.jobs.work import NotWrittenDown, StopFlag, Work
from webapp.services.data import DataWriter, FenceLostError
from webapp.store.database import connect
from webapp.store.tables import State

pytestmark = pytest.mark.both_databases


class Crashing(Protocol):
    """How a crash is asked for."""

    def __call__(self, work: Work, moment: str, commit: int = 1) -> None: ...


class Crash(BaseException):
    """Kill -9, as far as one process can play it."""


@pytest.fixture(autouse=True)
def _commit_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.jobs.rows.COMMIT_SECONDS", 0)
    monkeypatch.setattr("webapp.jobs.table.COMMIT_SECONDS", 0)


@pytest.fixture
def crash(monkeypatch: pytest.MonkeyPatch) -> Crashing:
    """Work on a claim as a process that is killed at its n-th commit, or at the end."""

    def work_and_crash(work: Work, moment: str, commit: int = 1) -> None:
        commits, ledger_commit = count(1), Ledger.commit

        def commit_or_crash(ledger: Ledger, batch: Batch, **more: Any) -> None:
            now = next(commits) == commit
            if now and moment == "before the ledger":
                raise Crash
            ledger_commit(ledger, batch, **more)
            if now and moment == "after the ledger":
                raise Crash

        def crash_at_the_end(*_: object, **__: object) -> None:
            raise Crash

        with monkeypatch.context() as patch:
            patch.setattr(Ledger, "commit", commit_or_crash)
            if moment == "at the end":
                patch.setattr(ending, "finish", crash_at_the_end)
            with pytest.raises(Crash):
                run_claim(work)

    return work_and_crash


def lose(bench: Bench, claim: Claim) -> None:
    take_back(bench.database, bench.data, claim, lost=True)


def start(bench: Bench, job_type: str) -> UUID:
    if job_type == "keep_some":
        return bench.submit(job_type, rows=20)
    more = {"size": 3, "last": 99} if job_type == "keep_table" else {}
    return bench.submit(job_type, items(20), **more)


EXPECTED = {
    "keep_rows": list(range(1, 21)),
    "keep_rows_async": list(range(1, 21)),
    "keep_table": [*range(1, 21), 99],
    "keep_some": list(range(1, 21)),
}


@pytest.mark.parametrize("moment", ["before the ledger", "after the ledger", "at the end"])
@pytest.mark.parametrize("commit", [1, 2, 7])
@pytest.mark.parametrize("job_type", EXPECTED)
def test_each_effect_is_there_once(job_type: str, commit: int, moment: str, bench: Bench, crash: Crashing) -> None:
    job_id = start(bench, job_type)
    for nth in (1,) if job_type == "keep_some" else (commit, 1):  # a job without rows commits once
        work = bench.work()
        crash(work, moment, nth)
        lose(bench, work.claim)
    job = bench.run_waiting(job_id)
    assert job.state is State.completed
    assert job.accounted == job.received
    assert bench.kept() == EXPECTED[job_type]


def test_a_job_that_left_its_table_early_leaves_it_at_the_same_row_after_a_crash(bench: Bench, crash: Crashing) -> None:
    job_id = bench.submit("keep_table", items(20), size=4, leave_after=1, last=99)
    work = bench.work()
    crash(work, "before the ledger")
    lose(bench, work.claim)
    job = bench.run_waiting(job_id)
    assert (job.state, bench.ranges(job_id)) == (State.completed, [(1, 4, "done"), (5, 20, "skipped")])
    assert bench.kept() == [1, 2, 3, 4, 99]


@pytest.mark.parametrize("moment", ["before the ledger", "after the ledger"])
def test_a_job_cancelled_in_the_moment_of_a_crash_counts_what_has_reached_the_table(
    moment: str, bench: Bench, crash: Crashing
) -> None:
    job_id = bench.submit("keep_table", items(20), size=3)
    work = bench.work()
    crash(work, moment, 2)
    bench.act(job_id, Action.cancel)
    lose(bench, work.claim)
    job = bench.job(job_id)
    assert job.state is State.cancelled
    assert bench.ranges(job_id) == [(1, 6, "done"), (7, 20, "skipped")]
    assert bench.kept() == [1, 2, 3, 4, 5, 6]


def test_a_job_stopped_after_three_losses_counts_what_has_reached_the_table(bench: Bench, crash: Crashing) -> None:
    job_id = bench.submit("keep_some", rows=4)
    for _ in range(MAX_STALLS - 1):
        lose(bench, bench.claim())
    work = bench.work()
    crash(work, "before the ledger")
    lose(bench, work.claim)
    assert bench.job(job_id).state is State.failed
    with bench.database.read():
        assert bench.kept() == [1, 2, 3, 4]
    assert bench.job(job_id).checkpoint is not None, "the batch was written down"


def test_a_job_whose_code_is_gone_counts_what_has_reached_the_table(
    bench: Bench, crash: Crashing, tmp_path: Path
) -> None:
    job_id = bench.submit("keep_table", items(20), size=3)
    work = bench.work()
    crash(work, "before the ledger", 2)
    lose(bench, work.claim)
    (tmp_path / "none").mkdir()
    without = Bench(bench.settings.data, tmp_path / "none", database_url=bench.settings.database_url)
    job = without.run_waiting(job_id)
    without.close()
    assert job.state is State.failed
    assert bench.ranges(job_id) == [(1, 6, "done"), (7, 20, "skipped")]


def test_a_worker_thought_dead_writes_nothing_whether_or_not_another_has_taken_over(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(5))
    zombie = bench.work()
    zombie.recover()
    lose(bench, zombie.claim)
    assert_it_writes_nothing(zombie, bench)
    work_to_the_end(bench.shop, bench.claim(), StopFlag())
    assert_it_writes_nothing(zombie, bench)
    assert bench.kept() == [1, 2, 3, 4, 5]
    assert bench.counts(job_id) == {"done": 5}


def test_a_worker_thought_dead_writes_nothing_into_a_job_that_was_cancelled(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(5))
    zombie = bench.work()
    zombie.recover()
    bench.act(job_id, Action.cancel)
    lose(bench, zombie.claim)
    assert_it_writes_nothing(zombie, bench)
    assert bench.kept() == []
    assert bench.counts(job_id) == {"skipped": 5}


def test_a_worker_thought_dead_before_it_began_writes_nothing(bench: Bench) -> None:
    bench.submit("keep_rows", items(5))
    zombie = bench.work()
    lose(bench, zombie.claim)
    work_to_the_end(bench.shop, bench.claim(), StopFlag())
    run_claim(zombie)
    assert bench.kept() == [1, 2, 3, 4, 5]


def assert_it_writes_nothing(zombie: Work, bench: Bench) -> None:
    before = (bench.kept(), bench.ranges(zombie.job_id), bench.log(zombie.job_id), bench.results(zombie.job_id))
    context = JobContext(zombie)
    context.data.insert("kept", {"id": 666})
    context.log("I live")
    with pytest.raises(FenceLostError):
        context.flush()
    with pytest.raises(FenceLostError), context.open_result("mine.txt") as result:
        result.write(b"mine")
    with pytest.raises(FenceLostError):
        zombie.writer.commit(lambda _: {})
    ending.fail(zombie, "I say so", None)
    ending.finish(zombie, None, read_all=False)
    newer = zombie.shop.files.scratch(zombie.job_id, zombie.claim.fence + 1)
    run_claim(zombie)
    assert newer.exists(), "it is the new worker's by now"
    assert before == (
        bench.kept(),
        bench.ranges(zombie.job_id),
        bench.log(zombie.job_id),
        bench.results(zombie.job_id),
    )


@pytest.mark.parametrize("sink", ["ledger", "data"])
def test_a_database_in_trouble_is_not_the_fault_of_the_job(
    sink: str, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = bench.submit("keep_table", items(9), size=3)
    work = bench.work()

    def in_trouble(*_: object, **__: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr(Ledger if sink == "ledger" else DataWriter, "commit", in_trouble)
        with pytest.raises(NotWrittenDown):
            run_claim(work)
    assert bench.job(job_id).state is State.running
    lose(bench, work.claim)
    assert bench.run_waiting(job_id).state is State.completed
    assert bench.kept() == list(range(1, 10))


def test_a_lock_that_is_held_for_too_long_is_such_trouble(bench: Bench) -> None:
    bench.submit("keep_table", items(3))
    work = open_work(bench.shop, bench.claim())
    is_sqlite = not bench.database.is_postgres
    for engine in (bench.data.own._engine, bench.data.own._writing):
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=100" if is_sqlite else "SET lock_timeout = '100ms'")
            connection.commit()
    other = connect(bench.settings.data_database)
    work.data.take(work.job_id, work.claim.fence)
    with other.execution_options(write=True).begin() as connection:
        if not is_sqlite:
            connection.exec_driver_sql("LOCK TABLE batchdesk_marker")
        with pytest.raises((NotWrittenDown, OperationalError)):
            run_claim(work)
    other.dispose()


def test_a_job_with_restart_may_not_write_what_would_be_there_twice(bench: Bench) -> None:
    job = bench.run("copy_table", items(3), keep=True)
    assert job.state is State.failed
    assert "restart=True can't use ctx.data" in (bench.attempts(job.id)[0].detail or "")
    assert bench.results(job.id) == {}
