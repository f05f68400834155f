"""Claims: who may work on a job, for how long, and what becomes of it when they are gone."""

import multiprocessing
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from multiprocessing.queues import Queue
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from tests.jobs.bench import Bench, items
from webapp.intake import Position
from webapp.jobs.batch import Batch
from webapp.jobs.claims import MAX_STALLS, Claim, Task, release, renew
from webapp.jobs.deeds import Action
from webapp.jobs.ending import finish
from webapp.jobs.ledger import Ledger
from webapp.jobs.queue import claim_next
from webapp.jobs.recovery import take_back_expired
from webapp.kit import new_id, now
from webapp.store.database import Database
from webapp.store.tables import Job, State

pytestmark = pytest.mark.both_databases


def queue(bench: Bench, count: int) -> list[UUID]:
    jobs = [
        Job(number=number, owner_id=bench.user.id, job_type="keep_some", state=State.queued, queued_at=now())
        for number in range(1, count + 1)
    ]
    with bench.database.write() as session:
        session.add_all(jobs)
    return [job.id for job in jobs]


def change(bench: Bench, job_id: UUID, **values: object) -> None:
    with bench.database.write() as session:
        session.execute(update(Job).where(col(Job.id) == job_id).values(**values))


def expire(bench: Bench) -> None:
    with bench.database.write() as session:
        session.execute(update(Job).values(lease_until=now() - timedelta(seconds=1)))


def test_the_highest_priority_goes_first_then_the_one_that_waited_longest(bench: Bench) -> None:
    jobs = queue(bench, 4)
    change(bench, jobs[2], priority=5)
    change(bench, jobs[1], queued_at=now() - timedelta(hours=1))
    claimed = [bench.claim().job_id for _ in jobs]
    assert claimed == [jobs[2], jobs[1], jobs[0], jobs[3]]
    assert bench.try_claim() is None


def test_a_claim_opens_an_attempt_and_a_lease(bench: Bench) -> None:
    (job_id,) = queue(bench, 1)
    claim = bench.claim(lease_seconds=60)
    job = bench.job(job_id)
    assert claim == Claim(job_id, fence=1, attempt=1, task=Task.run, job_type=job.job_type)
    assert (job.state, job.attempt, job.fence, job.stalls) == (State.running, 1, 1, 1)
    assert job.lease_until is not None
    assert timedelta(seconds=50) < job.lease_until - now() < timedelta(seconds=61)
    assert [(each.number, each.ended, each.worker) for each in bench.attempts(job_id)] == [(1, None, job.worker)]


def take_all(url: str, taken: "Queue[tuple[UUID, int]]") -> None:
    database, worker = Database(url), new_id()
    while claim := claim_next(database, worker, Task.run, 600):
        taken.put((claim.job_id, claim.fence))
    database.close()


def test_a_thousand_jobs_are_claimed_by_four_processes_once_each(bench: Bench) -> None:
    jobs = queue(bench, 1_000)
    context = multiprocessing.get_context("spawn")
    taken: Queue[tuple[UUID, int]] = context.Queue()
    workers = [context.Process(target=take_all, args=(bench.settings.database, taken)) for _ in range(4)]
    for worker in workers:
        worker.start()
    claims = Counter(taken.get(timeout=60) for _ in jobs)
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert claims == Counter({(job_id, 1): 1 for job_id in jobs})
    assert taken.empty()


def test_a_lease_is_kept_by_renewing_it_and_ends_by_the_clock_of_the_database(bench: Bench) -> None:
    (job_id,) = queue(bench, 1)
    claim = bench.claim(lease_seconds=1)
    assert renew(bench.database, claim, 60) is State.running
    time.sleep(1.2)
    assert take_back_expired(bench.database, bench.data) == 0
    assert renew(bench.database, claim, 0.1) is State.running
    time.sleep(0.3)
    assert take_back_expired(bench.database, bench.data) == 1
    assert renew(bench.database, claim, 60) is None
    assert bench.job(job_id).state is State.queued


def test_a_worker_whose_own_clock_is_wrong_neither_steals_nor_loses(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(bench, 1)
    for hours in (-1, 1):
        monkeypatch.setattr("webapp.jobs.claims.now", lambda hours=hours: now() + timedelta(hours=hours))
        monkeypatch.setattr("time.time", lambda hours=hours: 3600.0 * hours)
        claim = bench.claim(lease_seconds=5)
        assert take_back_expired(bench.database, bench.data) == 0
        release(bench.database, claim, lost=False)


def test_a_lost_job_waits_again_and_its_next_claim_is_another_attempt(bench: Bench) -> None:
    (job_id,) = queue(bench, 1)
    first = bench.claim()
    release(bench.database, first, lost=True)
    assert bench.job(job_id).state is State.queued
    second = bench.claim()
    assert (second.fence, second.attempt) == (2, 2)
    assert [each.ended for each in bench.attempts(job_id)] == ["lost", None]
    assert renew(bench.database, first, 10) is None, "the old claim is worth nothing"
    release(bench.database, first, lost=True)
    assert bench.job(job_id).state is State.running, "nor can it take the job from the new one"


def test_a_job_lost_three_times_without_progress_is_stopped_and_its_row_is_named(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(10))
    change(bench, job_id, received=5_000, done=1_234, checkpoint={"row": 1_235, "line": 1_236, "offset": 9_999})
    for lost in range(1, MAX_STALLS + 1):
        release(bench.database, bench.claim(), lost=True)
        with bench.database.read() as session:
            job = session.get_one(Job, job_id)
        assert job.state is (State.queued if lost < MAX_STALLS else State.failed)
    assert "3 times in a row at or shortly after row 1,235" in (job.problem or "")
    assert (job.skipped, job.waiting, job.worker) == (5_000 - 1_234, 0, None)


def test_a_job_without_rows_is_stopped_without_naming_one(bench: Bench) -> None:
    (job_id,) = queue(bench, 1)
    for _ in range(MAX_STALLS):
        release(bench.database, bench.claim(), lost=True)
    assert "row in the file" not in (bench.job(job_id).problem or "row in the file")


def test_progress_forgives_earlier_losses(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(9))
    for row in range(1, 10):
        claim = bench.claim()
        Ledger(bench.database, claim, 60).commit(Batch(row, Position(row + 1, row + 2, row * 3)))
        assert bench.job(job_id).stalls == 0
        release(bench.database, claim, lost=True)
    assert bench.job(job_id).state is State.queued


def test_progress_of_a_job_that_starts_over_forgives_nothing(bench: Bench) -> None:
    job_id = bench.submit("copy_table", items(9))
    for _ in range(MAX_STALLS):
        claim = bench.claim()
        ledger = Ledger(bench.database, claim, 60, restart=True)
        ledger.reset()
        ledger.commit(Batch(1, Position(2, 3, 10)))
        release(bench.database, claim, lost=True)
    assert bench.job(job_id).state is State.failed


def test_a_job_given_back_in_good_order_is_no_loss(bench: Bench) -> None:
    (job_id,) = queue(bench, 1)
    for _ in range(10):
        release(bench.database, bench.claim(), lost=False)
    job = bench.job(job_id)
    assert (job.state, job.stalls, job.attempt) == (State.queued, 0, 10)
    assert {each.ended for each in bench.attempts(job_id)} == {"given back"}


def test_losses_and_good_order_are_told_apart(bench: Bench) -> None:
    (job_id,) = queue(bench, 1)
    for lost in (True, False, True, False):
        release(bench.database, bench.claim(), lost=lost)
    assert bench.job(job_id).stalls == 2


def test_the_sweep_takes_what_is_expired_and_leaves_the_rest(bench: Bench) -> None:
    queue(bench, 5)
    dead = [bench.claim(lease_seconds=-1) for _ in range(3)]
    alive = [bench.claim() for _ in range(2)]
    assert take_back_expired(bench.database, bench.data) == 3
    assert {bench.job(claim.job_id).state for claim in dead} == {State.queued}
    assert {bench.job(claim.job_id).state for claim in alive} == {State.running}
    assert take_back_expired(bench.database, bench.data) == 0


def test_one_job_that_cannot_be_taken_back_does_not_hold_up_the_others(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    queue(bench, 3)
    dead = [bench.claim(lease_seconds=-1) for _ in range(3)]
    real = release

    def fail_at_first(database: Database, claim: Claim, *, lost: bool, detail: str | None) -> None:
        if claim == dead[0]:
            raise OSError("a bad sector")
        real(database, claim, lost=lost, detail=detail)

    monkeypatch.setattr("webapp.jobs.recovery.release", fail_at_first)
    assert take_back_expired(bench.database, bench.data) == 2
    assert str(dead[0].job_id) in caplog.text


def test_two_sweeps_at_once_lose_a_job_once(bench: Bench) -> None:
    queue(bench, 20)
    claims = [bench.claim(lease_seconds=-1) for _ in range(20)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: take_back_expired(bench.database, bench.data), range(4)))
    for claim in claims:
        job = bench.job(claim.job_id)
        assert (job.state, job.stalls) == (State.queued, 1)
        assert [each.ended for each in bench.attempts(job.id)] == ["lost"]


def test_a_worker_id_used_again_is_harmless(bench: Bench) -> None:
    (job_id,) = queue(bench, 1)
    worker = new_id()
    first = claim_next(bench.database, worker, Task.run, -1)
    assert first is not None
    take_back_expired(bench.database, bench.data)
    second = claim_next(bench.database, worker, Task.run, 60)
    assert second is not None
    assert renew(bench.database, first, 60) is None
    assert renew(bench.database, second, 60) is State.running
    assert bench.job(job_id).worker == worker


def test_finishing_and_sweeping_at_the_same_instant_leave_one_end(bench: Bench) -> None:
    for _ in range(20):
        job_id = bench.submit("keep_some", rows=1)
        work = bench.work()
        expire(bench)
        gate = threading.Barrier(2)

        def sweep(gate: threading.Barrier = gate) -> None:
            gate.wait()
            take_back_expired(bench.database, bench.data)

        with ThreadPoolExecutor(1) as pool:
            sweeping = pool.submit(sweep)
            gate.wait()
            finish(work, None, read_all=True)
            sweeping.result()
        job = bench.job(job_id)
        attempts = [each.ended for each in bench.attempts(job_id)]
        assert (job.state, attempts) in [(State.completed, ["completed"]), (State.queued, ["lost"])]
        change(bench, job_id, state=State.cancelled)


def test_a_cancelled_job_whose_worker_is_lost_ends_cancelled_with_every_row_accounted_for(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(10))
    claim = bench.claim()
    Ledger(bench.database, claim, 60).commit(Batch(1, Position(5, 6, 30)))
    bench.act(job_id, Action.cancel)
    assert bench.job(job_id).state is State.cancelling
    assert renew(bench.database, claim, 60) is State.cancelling
    release(bench.database, claim, lost=True)
    assert bench.job(job_id).state is State.cancelled
    assert bench.ranges(job_id) == [(1, 4, "done"), (5, 10, "skipped")]
    assert bench.attempts(job_id)[0].ended == "cancelled"


def test_a_check_that_is_lost_three_times_stops_in_words(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", items(3))
    for _ in range(MAX_STALLS):
        assert bench.job(job_id).state is State.checking
        release(bench.database, bench.claim(Task.check), lost=True)
    job = bench.job(job_id)
    assert (job.state, job.worker) == (State.draft, None)
    assert "three times" in (job.problem or "")


def test_a_check_given_back_in_good_order_is_no_loss(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", items(3))
    for _ in range(5):
        release(bench.database, bench.claim(Task.check), lost=False)
    assert (bench.job(job_id).state, bench.job(job_id).stalls) == (State.checking, 0)


def test_the_losses_of_a_check_do_not_count_for_the_run(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", items(3))
    release(bench.database, bench.claim(Task.check), lost=True)
    check = bench.claim(Task.check)
    bench.submissions.start(bench.user, job_id, {})
    assert renew(bench.database, check, 60) is None, "the check is dropped"
    job = bench.job(job_id)
    assert (job.state, job.stalls, job.worker) == (State.queued, 0, None)


def test_the_time_in_which_nobody_was_there_is_no_part_of_an_attempt(bench: Bench) -> None:
    (job_id,) = queue(bench, 1)
    bench.claim()
    heard = now() - timedelta(hours=8)
    change(bench, job_id, lease_until=heard)
    assert take_back_expired(bench.database, bench.data) == 1
    (attempt,) = bench.attempts(job_id)
    assert (attempt.ended, attempt.finished_at) == ("lost", heard)
