"""The queue: which job is claimed next, and the limits that hold however many claim at once."""

import multiprocessing
import random
import time
from datetime import timedelta
from multiprocessing.queues import Queue
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from tests.jobs.bench import Bench
from webapp.jobs.claims import Claim, Task, release
from webapp.jobs.lifecycle import WORKING, Move, move
from webapp.jobs.queue import claim_next, seconds_to_next
from webapp.kit import new_id, now
from webapp.store.database import Database
from webapp.store.tables import Halt, Job, State

pytestmark = pytest.mark.both_databases
LIMITS = {"mail": 1, "slow": 2}


def put(bench: Bench, count: int = 1, owner: str = "ada", **values: object) -> list[UUID]:
    """So many waiting jobs, each queued after the one before."""
    person = bench.person(owner)
    with bench.database.write() as session:
        last = max(session.exec(select(Job.number)), default=0)
        jobs = [
            Job(number=number, owner_id=person.id, job_type="keep_some", state=State.queued, queued_at=now())
            for number in range(last + 1, last + 1 + count)
        ]
        session.add_all(jobs)
        session.flush()
        session.execute(update(Job).where(col(Job.number) > last).values(values or {"priority": 0}))
    return [job.id for job in jobs]


def take(bench: Bench, task: Task = Task.run) -> UUID | None:
    claim = try_take(bench, task)
    return claim.job_id if claim else None


def try_take(bench: Bench, task: Task = Task.run) -> Claim | None:
    return claim_next(bench.database, new_id(), task, 3600, LIMITS)


def test_users_take_turns_however_many_jobs_one_has_handed_in_first(bench: Bench) -> None:
    ada = put(bench, 3)
    grace, alan = put(bench, 2, owner="grace"), put(bench, 1, owner="alan")
    order = [ada[0], grace[0], alan[0], ada[1], grace[1], ada[2]]
    assert [take(bench) for _ in order] == order


def test_a_higher_priority_goes_before_fairness(bench: Bench) -> None:
    ada = put(bench, 2, priority=1)
    put(bench, 1, owner="grace")
    assert [take(bench), take(bench)] == ada


def test_an_interrupted_job_goes_on_before_newer_ones_of_its_priority(bench: Bench) -> None:
    ada = put(bench, 3)
    claim = try_take(bench)
    assert claim is not None
    assert take(bench) == ada[1]
    grace = put(bench, 1, owner="grace")
    (high,) = put(bench, priority=1)
    release(bench.database, claim, lost=True)
    assert [take(bench) for _ in range(4)] == [high, ada[0], grace[0], ada[2]]


@pytest.mark.parametrize("state", sorted(WORKING))
def test_a_queue_runs_as_many_jobs_as_it_may_and_holds_up_no_other(bench: Bench, state: State) -> None:
    mail = put(bench, 2, queue="mail", priority=9)
    slow = put(bench, 3, queue="slow", priority=5)
    rest = put(bench, 4)
    first = [take(bench) for _ in range(7)]
    assert first == [mail[0], *slow[:2], *rest]
    assert take(bench) is None
    with bench.database.write() as session:
        session.execute(update(Job).where(col(Job.id) == slow[0]).values(state=state))
    assert take(bench) is None, "until its worker has stopped, it counts"
    with bench.database.write() as session:
        assert move(session, slow[0], Move.complete)
    assert take(bench) == slow[2]
    assert take(bench) is None


@pytest.mark.parametrize("state", sorted(WORKING))
def test_of_jobs_with_equal_words_one_runs(bench: Bench, state: State) -> None:
    reports = put(bench, 2, only_one="report:2026", priority=9)
    others = [*put(bench, 1, only_one="report:2027"), *put(bench, 1)]
    assert [take(bench) for _ in range(4)] == [reports[0], *others, None]
    with bench.database.write() as session:
        session.execute(update(Job).where(col(Job.id) == reports[0]).values(state=state))
    assert take(bench) is None
    with bench.database.write() as session:
        assert move(session, reports[0], Move.complete)
    assert take(bench) == reports[1]


def test_a_lost_job_keeps_its_words_until_it_is_taken_back(bench: Bench) -> None:
    first, second = put(bench, 2, only_one="report")
    claim = claim_next(bench.database, new_id(), Task.run, -1)
    assert claim is not None
    assert take(bench) is None, "its worker may still be alive"
    release(bench.database, claim, lost=True)
    assert take(bench) == first
    assert second != first


def test_a_job_for_later_is_taken_when_its_time_has_come_and_no_sooner(bench: Bench) -> None:
    (job_id,) = put(bench, state=State.scheduled, run_at=now() + timedelta(seconds=1.5))
    assert take(bench) is None
    left = seconds_to_next(bench.database)
    assert left is not None
    assert 0 < left <= 1.5
    time.sleep(left + 0.01)
    assert take(bench) == job_id
    assert bench.job(job_id).state is State.running


def test_a_queued_job_is_taken_whatever_time_it_was_meant_for(bench: Bench) -> None:
    (job_id,) = put(bench, state=State.queued, run_at=now() + timedelta(hours=1))
    assert take(bench) == job_id, "an operator wanted it now"


def test_the_next_time_is_that_of_the_first_scheduled_job(bench: Bench) -> None:
    assert seconds_to_next(bench.database) is None
    put(bench, run_at=now())
    assert seconds_to_next(bench.database) is None
    put(bench, state=State.scheduled, run_at=now() + timedelta(hours=2))
    put(bench, state=State.scheduled, run_at=now() + timedelta(hours=1))
    assert 3590 < (seconds_to_next(bench.database) or 0) <= 3600


def test_while_the_desk_is_halted_nothing_is_taken(bench: Bench) -> None:
    (job_id,) = put(bench)
    checking = put(bench, state=State.checking)[0]
    with bench.database.write() as session:
        session.add(Halt(reason="It was restored."))
    assert (take(bench), take(bench, Task.check)) == (None, None)
    with bench.database.write() as session:
        session.delete(session.get_one(Halt, 1))
    assert (take(bench), take(bench, Task.check)) == (job_id, checking)


@pytest.mark.parametrize("state", sorted(set(State) - {State.queued, State.scheduled}))
def test_a_job_that_does_not_wait_is_not_taken(bench: Bench, state: State) -> None:
    put(bench, state=state)
    assert take(bench) is None


def take_and_watch(url: str, rounds: int, seen: "Queue[tuple[int, int]]") -> None:
    """Claim and end jobs; report how many of `mail` and of one word were at work at once."""
    database, most = Database(url), (0, 0)
    for _ in range(rounds):
        claim = claim_next(database, new_id(), Task.run, 600, LIMITS)
        with database.read() as session:
            busy = session.exec(select(Job).where(col(Job.state).in_(WORKING))).all()
        mail = sum(job.queue == "mail" for job in busy)
        word = sum(job.only_one == "word" for job in busy)
        most = max(most[0], mail), max(most[1], word)
        if claim:
            with database.write() as session:
                assert move(session, claim.job_id, Move.complete, fence=claim.fence)
    seen.put(most)
    database.close()


def test_limits_hold_when_several_processes_claim_at_once(bench: Bench) -> None:
    put(bench, 15, queue="mail")
    put(bench, 15, only_one="word")
    context = multiprocessing.get_context("spawn")
    seen: Queue[tuple[int, int]] = context.Queue()
    workers = [context.Process(target=take_and_watch, args=(bench.settings.database, 20, seen)) for _ in range(3)]
    for worker in workers:
        worker.start()
    most = [seen.get(timeout=300) for _ in workers]
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert max(mail for mail, _ in most) == max(word for _, word in most) == 1


def test_ten_thousand_jobs_that_may_not_start_do_not_hold_up_the_one_that_may(bench: Bench) -> None:
    put(bench, 5_000, queue="mail", priority=2)
    put(bench, 5_000, only_one="word", priority=1)
    (last,) = put(bench, owner="grace", priority=-random.randint(1, 100))
    assert take(bench) is not None
    assert take(bench) is not None
    assert take(bench) == last
    assert take(bench) is None
