"""What somebody has to look at is not forgotten, whatever happens to the attempt that said so."""

from uuid import UUID

import pytest

from tests.jobs.bench import Bench, items
from tests.jobs.test_sending import break_down
from webapp.jobs import ending
from webapp.jobs.deeds import Action
from webapp.kit import now
from webapp.store.tables import Job, State

pytestmark = pytest.mark.both_databases


def run_on(bench: Bench, job_id: UUID) -> None:
    """Run it to its end; it says what has to be looked at, though this attempt did not."""
    found = bench.run_waiting(job_id)
    assert (found.state, found.done, found.problem) == (State.needs_attention, found.received, "Look at row 1.")


def test_over_a_pause(bench: Bench) -> None:
    job_id = bench.submit("look_at_rows", items(200))
    with bench.database.write() as session:
        session.get_one(Job, job_id).pause_after = 1
    assert bench.run_waiting(job_id).state is State.paused
    bench.act(job_id, Action.resume)
    run_on(bench, job_id)


def test_over_a_crash(bench: Bench) -> None:
    job_id = bench.submit("look_at_rows", items(3, r2="breakdown"))
    break_down(bench, bench.claim())
    run_on(bench, job_id)


def test_over_a_crash_just_before_the_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = bench.submit("look_at_rows", items(3))

    def breaks(*_: object, **__: object) -> None:
        raise KeyboardInterrupt("as if killed")

    with monkeypatch.context() as patch:
        patch.setattr(ending, "finish", breaks)
        break_down(bench, bench.claim())
    run_on(bench, job_id)


def test_over_rows_that_are_tried_again(bench: Bench) -> None:
    job_id = bench.submit("look_at_rows", items(3, r2="busy"))
    assert bench.run_waiting(job_id).state is State.scheduled
    with bench.database.write() as session:
        session.get_one(Job, job_id).run_at = now()
    run_on(bench, job_id)
