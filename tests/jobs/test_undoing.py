"""Undoing a job: what becomes of it if it is called off or breaks off, and what may no longer be done with the job."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.jobs.bench import Bench, items
from webapp.errors import Refused
from webapp.jobs import control, ending
from webapp.jobs.claims import release
from webapp.jobs.deciding import Decision
from webapp.jobs.deeds import Action, actions
from webapp.jobs.run import open_work, run_claim
from webapp.jobs.undoing import undo_job
from webapp.kit import now
from webapp.store.tables import Job, State

pytestmark = pytest.mark.both_databases

END_THOSE_WHO_WAIT = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")


def done(bench: Bench, **deeds: str) -> UUID:
    """A job that has ended, and can be undone."""
    return bench.run("undoable", items(3, **deeds), folder=str(bench.settings.data)).id


def undone(bench: Bench) -> list[str]:
    """Which rows the function has undone, in its order."""
    return (bench.settings.data / "undone").read_text().split()


def test_an_undo_that_heeds_that_it_is_called_off_is_not_counted_as_done(bench: Bench) -> None:
    undo = bench.control().undo(bench.user, done(bench))
    work = bench.work()
    bench.act(undo.id, Action.cancel)
    work.stop.set()
    run_claim(work)
    job = bench.job(undo.id)
    assert (job.state, bench.counts(undo.id)) == (State.cancelled, {"skipped": 3})
    bench.act(undo.id, Action.retry)
    assert bench.run_waiting(undo.id).state is State.completed_with_errors
    assert (undone(bench), bench.counts(undo.id)) == (["1", "2", "3"], {"done": 2, "failed": 1})


def test_an_undo_that_is_called_off_before_it_began_may_be_had_after_all(bench: Bench) -> None:
    job_id = done(bench)
    undo = bench.control().undo(bench.user, job_id)
    bench.act(undo.id, Action.cancel)
    assert bench.control().undo(bench.user, job_id).id == undo.id
    bench.act(undo.id, Action.retry)
    assert bench.run_waiting(undo.id).state is State.completed_with_errors
    assert undone(bench) == ["1", "2", "3"]


def test_an_undo_that_dies_between_its_account_and_its_end_is_not_done_twice(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    undo = bench.control().undo(bench.user, done(bench))
    claim = bench.claim()
    with monkeypatch.context() as patch:
        patch.setattr(ending, "finish", _die)
        with pytest.raises(SystemExit):
            run_claim(open_work(bench.shop, claim))
    release(bench.database, claim, lost=True)
    assert bench.run_waiting(undo.id).state is State.completed_with_errors
    assert (undone(bench), bench.counts(undo.id)) == (["1", "2", "3"], {"done": 2, "failed": 1})


def _die(*_: object, **__: object) -> None:
    raise SystemExit


@pytest.mark.parametrize(("state", "action"), [("cancelled", "retry"), ("completed_with_errors", "retry_rows")])
def test_what_is_undone_is_not_done_again(state: str, action: str, bench: Bench) -> None:
    job_id = done(bench, r2="error")
    put(bench, job_id, state=State(state))
    assert action in offered(bench, job_id, undone=False)
    bench.control().undo(bench.user, job_id)
    assert action not in offered(bench, job_id, undone=True)
    with pytest.raises(Refused, match=r"was undone, or is being undone"):
        bench.act(job_id, Action(action))
    assert bench.job(job_id).state == state


def test_rows_of_which_nobody_knows_are_not_sent_again_once_the_job_is_undone(bench: Bench) -> None:
    job_id = done(bench, r2="error")
    put(bench, job_id, state=State.needs_attention)
    bench.control().undo(bench.user, job_id)
    with pytest.raises(Refused, match=r"was undone, or is being undone"):
        bench.control().decide(bench.user, job_id, Decision.send_again)


def put(bench: Bench, job_id: UUID, **columns: object) -> None:
    with bench.database.write() as session:
        job = session.get_one(Job, job_id)
        for name, value in columns.items():
            setattr(job, name, value)


def offered(bench: Bench, job_id: UUID, *, undone: bool) -> tuple[str, ...]:
    job = bench.job(job_id)
    return actions(job, bench.shop.registry.get(job.job_type), now(), undone=undone)


def test_undoing_a_job_does_not_wait_for_running_it_again_nor_the_other_way_round(
    tmp_path: Path, postgres_desk_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path / "data", database_url=postgres_desk_url)
    job_id = done(bench)

    def undo_while_it_is_run_again(*given: Any) -> Job:
        with ThreadPoolExecutor(1) as other:
            again = other.submit(bench.control().run_again, bench.user, job_id)
            try:
                assert again.result(timeout=10).again_of == job_id
            except TimeoutError:
                with bench.database.write() as session:  # or the pool waits for it for ever
                    session.execute(END_THOSE_WHO_WAIT)
                raise
        return undo_job(*given)

    monkeypatch.setattr(control, "undo_job", undo_while_it_is_run_again)
    assert bench.control().undo(bench.user, job_id).undo_of == job_id
    bench.close()
