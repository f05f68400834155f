"""Calling a job off: what it comes to in each state, for whom, and how soon its worker hears of it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

import pytest
from sqlmodel import Session

from tests.jobs.bench import Bench, items
from webapp.engines.base import Health
from webapp.errors import DeskError, NotFound, Refused
from webapp.jobs.claims import Task
from webapp.jobs.deeds import Action
from webapp.jobs.lifecycle import CANCELLABLE, ENDED, WORKING
from webapp.store.tables import Job, Role, State

pytestmark = pytest.mark.both_databases


class Listener:
    """An engine that looks at the job in the moment in which it is told of the cancellation."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.seen: list[State] = []

    def hint_cancel(self, job_id: UUID) -> None:
        self.seen.append(self._bench.job(job_id).state)

    def migrate(self) -> None:
        """Nothing to make."""

    def prepare(self) -> None:
        """Nothing to get ready."""

    def dispatch(self, session: Session, job_id: UUID) -> None:
        """Nobody to tell."""

    def serve(self, stop: threading.Event, drain_s: float) -> None:
        """Runs nothing."""

    def wake(self) -> None:
        """Nobody sleeps."""

    def health(self) -> Health:
        return Health(running=False, slots=0, busy=0)


def put(bench: Bench, state: State) -> UUID:
    job = Job(number=1, owner_id=bench.user.id, job_type="keep_rows", state=state, received=10)
    with bench.database.write() as session:
        session.add(job)
    return job.id


@pytest.mark.parametrize("state", sorted(CANCELLABLE - WORKING))
def test_a_job_that_nobody_works_on_is_cancelled_at_once(state: State, bench: Bench) -> None:
    job_id = put(bench, state)
    bench.act(job_id, Action.cancel)
    bench.act(job_id, Action.cancel)
    job = bench.job(job_id)
    assert (job.state, job.skipped, job.waiting) == (State.cancelled, 10, 0)
    assert job.finished_at is not None


def test_a_running_job_is_asked_to_stop_and_its_worker_is_told_once_that_is_certain(bench: Bench) -> None:
    job_id = put(bench, State.running)
    listener = Listener(bench)
    bench.act(job_id, Action.cancel, engine=listener)
    assert listener.seen == [State.cancelling], "told before the commit, it would look and find nothing"
    bench.act(job_id, Action.cancel, engine=listener)
    assert bench.job(job_id).state is State.cancelling


@pytest.mark.parametrize("state", sorted(ENDED - {State.cancelled}))
def test_a_job_that_has_ended_is_left_as_it_is(state: State, bench: Bench) -> None:
    job_id = put(bench, state)
    with pytest.raises(Refused):
        bench.act(job_id, Action.cancel)
    assert (bench.job(job_id).state, bench.job(job_id).skipped) == (state, 0)


def test_a_job_of_somebody_else_is_not_there_except_for_an_administrator(bench: Bench) -> None:
    job_id = put(bench, State.queued)
    with pytest.raises(NotFound):
        bench.act(job_id, Action.cancel, bench.person("eve"))
    assert bench.job(job_id).state is State.queued
    bench.act(job_id, Action.cancel, bench.person("root", Role.admin))
    assert bench.job(job_id).state is State.cancelled


def test_starting_cancelling_and_claiming_at_once_leave_one_clear_state(bench: Bench) -> None:
    for _ in range(15):
        job_id = bench.prepare("keep_rows", items(5))
        doing: list[Callable[[], object]] = [
            partial(bench.submissions.start, bench.user, job_id, {}),
            partial(bench.act, job_id, Action.cancel),
            partial(bench.try_claim, Task.run),
            partial(bench.try_claim, Task.check),
        ]
        refused = all_at_once(doing)
        state = bench.job(job_id).state
        assert state in {State.cancelled, State.cancelling}
        assert bench.attempts(job_id) or state is State.cancelled
        assert all(isinstance(error, Refused) for error in refused)
        assert not refused or not bench.attempts(job_id), "a start that was refused runs nothing"


def all_at_once(doing: list[Callable[[], object]]) -> list[BaseException]:
    """What was raised."""
    gate = threading.Barrier(len(doing))

    def do(what: Callable[[], object]) -> BaseException | None:
        gate.wait()
        try:
            what()
        except DeskError as error:
            return error
        return None

    with ThreadPoolExecutor(len(doing)) as pool:
        return [error for error in pool.map(do, doing) if error is not None]
