"""Moments in which two things happen to a job at once, each of which went wrong before it had its test here."""

from pathlib import Path
from uuid import UUID

import pysqlite3
import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from tests.jobs.bench import Bench, items
from webapp.authoring import ComeBackLater
from webapp.intake import first_position
from webapp.jobs import ending
from webapp.jobs.batch import Batch
from webapp.jobs.claims import Claim
from webapp.jobs.context import JobContext
from webapp.jobs.deeds import Action
from webapp.jobs.ledger import Ledger
from webapp.jobs.mended import read_rows
from webapp.jobs.recovery import take_back
from webapp.jobs.run import open_work, run_claim
from webapp.jobs.work import NotWrittenDown, Work
from webapp.services.data import Marker
from webapp.store.tables import Job, State
from webapp.store.types import DatabaseNow


def lose(bench: Bench, claim: Claim) -> None:
    take_back(bench.database, bench.data, claim, lost=True)


def break_down(bench: Bench, *asked: Action) -> None:
    """Work on what waits until the process is gone, and have somebody notice."""
    claim = bench.claim()
    with pytest.raises(BaseException, match="as if killed"):
        run_claim(open_work(bench.shop, claim))
    for action in asked:
        bench.act(claim.job_id, action)
    lose(bench, claim)


def due(bench: Bench) -> None:
    """Let the time come that scheduled jobs wait for."""
    with bench.database.write() as session:
        session.execute(update(Job).values(run_at=DatabaseNow(-1)))


def test_a_row_that_has_written_before_it_was_sent_is_not_sent_again(bench: Bench, tmp_path: Path) -> None:
    box = tmp_path / "box"
    job_id = bench.submit("send_letters", items(3, r1="breakdown"), box=str(box), careless=True)
    break_down(bench)
    assert bench.run_waiting(job_id).state is State.needs_attention
    assert box.read_text().split() == ["1", "2", "3"]
    assert bench.ranges(job_id) == [(1, 1, "unknown"), (2, 3, "done")]


def test_a_worker_that_wakes_at_its_end_changes_nothing_for_the_next(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = bench.submit("try_again", items(6, r2="99", r5="99"))
    frozen: list[Work] = []
    with monkeypatch.context() as patch:
        patch.setattr(ending, "finish", lambda work, *_, **__: frozen.append(work))
        for _ in range(2):
            claim = bench.claim()
            run_claim(open_work(bench.shop, claim))
            if len(frozen) == 1:
                lose(bench, claim)
    ending.finish(frozen[0], None, read_all=True)
    assert bench.counts(job_id) == {"done": 4, "failed": 2}
    ending.finish(frozen[1], None, read_all=True)
    assert (bench.job(job_id).state, bench.job(job_id).waiting) == (State.scheduled, 2)


def test_a_file_job_that_writes_behind_its_rows_has_those_that_failed_tried_again(bench: Bench) -> None:
    job = bench.run("file_tail", items(10, r2="2", r5="2"))
    assert bench.counts(job.id) == {"done": 8, "failed": 2}
    bench.act(job.id, Action.retry_rows)
    assert bench.run_waiting(job.id).state is State.completed
    assert bench.kept() == [*range(1, 11), 1001, 1002]


def test_a_job_that_begins_anew_forgets_which_row_was_being_sent(bench: Bench) -> None:
    job_id = bench.submit("restart_keyed", items(600, r400="breakdown"))
    break_down(bench)
    break_down(bench, Action.cancel)
    assert bench.ranges(job_id) == [(1, 600, "skipped")]


def test_rows_of_a_job_that_begins_anew_are_tried_again_so_often_and_no_more(bench: Bench) -> None:
    job = bench.run("never_works", items(3, r2="x"))
    for _ in range(2):
        assert job.state is State.scheduled
        due(bench)
        job = bench.run_waiting(job.id)
    assert (job.state, bench.counts(job.id)) == (State.completed_with_errors, {"done": 2, "failed": 1})


@pytest.mark.parametrize("job_type", ["try_whole_again", "try_again"])
def test_a_job_that_is_to_pause_while_something_outside_fails_pauses_and_tries_again_later(
    job_type: str, bench: Bench
) -> None:
    whole = job_type == "try_whole_again"
    job_id = bench.submit(job_type, works_at=2) if whole else bench.submit(job_type, items(3, r2="2"))
    claim = bench.claim()
    bench.act(job_id, Action.pause)
    run_claim(open_work(bench.shop, claim))
    assert bench.job(job_id).state is State.paused
    bench.act(job_id, Action.resume)
    due(bench)  # its wait goes on, if it is not over
    assert bench.run_waiting(job_id).state is State.completed


def test_a_statement_that_the_data_database_refuses_for_good_ends_the_job(bench: Bench) -> None:
    bench.run("keep_rows", items(1))
    with bench.data.own._writing.begin() as connection:
        connection.exec_driver_sql("CREATE TRIGGER t AFTER INSERT ON kept BEGIN INSERT INTO gone VALUES (1); END")
    job = bench.run("keep_rows", items(3))
    assert (job.state, bench.counts(job.id)) == (State.failed, {"skipped": 3})
    assert "does not take what the job writes" in (job.problem or "")


def test_rows_that_were_kept_before_the_disk_was_full_are_done_if_the_job_is_called_off(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = bench.submit("keep_rows", items(5))
    work, commit = bench.work(), Ledger.commit
    failures = iter([pysqlite3.OperationalError("database or disk is full")])

    def full(ledger: Ledger, batch: Batch, **more: object) -> None:
        if batch.rows and (failure := next(failures, None)):
            raise failure
        commit(ledger, batch, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr("webapp.jobs.rows.COMMIT_SECONDS", 600)  # all five at once, however slow the machine is
        patch.setattr(Ledger, "commit", full)
        run_claim(work)
    assert bench.job(job_id).state is State.scheduled
    bench.act(job_id, Action.cancel)
    assert (bench.counts(job_id), bench.kept()) == ({"done": 5}, [1, 2, 3, 4, 5])


def test_what_a_worker_does_while_its_job_is_taken_from_it_counts(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = bench.submit("keep_rows", items(9))
    work = bench.work()
    work.recover()
    work.ledger.received(9)
    first, second, third = batches(work)
    work.commit(write(work, first))
    bench.act(job_id, Action.cancel)
    taking, take = iter([True]), type(bench.data.own).take

    def taken_late(_: object, job: UUID, fence: int) -> Marker | None:
        if next(taking, False):
            work.commit(write(work, second))
            work.writer.commit(lambda _: write(work, third).to_json())
        return take(bench.data.own, job, fence)

    monkeypatch.setattr(type(bench.data.own), "take", taken_late)
    lose(bench, work.claim)
    rows = bench.kept()
    assert rows[:6] == [1, 2, 3, 4, 5, 6]
    assert bench.job(job_id).done == len(rows)


def batches(work: Work) -> list[Batch]:
    """The rows of a job's file, three by three."""
    start = first_position(work.path(), work.reading)
    made = []
    for slice_ in read_rows(work.path(), work.job.file_name, work.reading, start, 3):
        batch = Batch(slice_.first.row, slice_.first)
        batch.take(slice_)
        made.append(batch)
    return made


def write(work: Work, batch: Batch) -> Batch:
    """Put the rows of a batch into the data database with its commit."""
    for row in batch.slices[0].rows:
        work.writer.insert("kept", {"id": row}, row_number=row)
    return batch


def test_what_a_row_wrote_before_it_waits_is_kept_with_it(bench: Bench) -> None:
    job = bench.run("keep_slowly", items(3))
    assert (job.state, bench.counts(job.id)) == (State.completed, {"done": 3})
    assert (bench.kept(), bench.kept("kept_after")) == ([1, 2, 3], [1, 2, 3])


def test_a_wait_is_no_stall_and_brings_none_back(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(3))
    work = bench.work()
    with bench.database.write() as session:
        session.get_one(Job, job_id).stalls = 0  # as after progress, though the claim was made with two
    work.job.stalls = 2
    assert ending.come_back_later(work, ComeBackLater("not yet", 5), None)
    assert (bench.job(job_id).state, bench.job(job_id).stalls) == (State.scheduled, 0)


def test_a_database_that_is_busy_when_a_row_says_something_costs_the_row_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.jobs.context.PROGRESS_SECONDS", 0)
    job_id = bench.submit("say_rows", items(3))
    work, require = bench.work(), JobContext._require_claim
    busy = iter([None, OperationalError("", None, Exception("database is locked"))])

    def sometimes_busy(context: JobContext, *args: object, **more: object) -> None:
        if failure := next(busy, None):
            raise failure
        require(context, *args, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(JobContext, "_require_claim", sometimes_busy)
        with pytest.raises(NotWrittenDown):
            run_claim(work)
    take_back(bench.database, bench.data, work.claim, lost=False)
    assert bench.run_waiting(job_id).state is State.completed
    assert bench.kept() == [1, 2, 3]
