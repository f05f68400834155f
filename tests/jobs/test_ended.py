"""Whoever wants to know that a job has ended is told in the transaction that ends it."""

import logging
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from textwrap import dedent

import pytest

from tests.jobs.bench import Bench, items
from webapp.jobs import ended, on_end
from webapp.jobs.claims import release
from webapp.jobs.deeds import Action
from webapp.store.tables import Job, LogLine, State

LISTENER = """
    from webapp.store.tables import LogLine

    def job_ended(session, job):
        sums = f"{job.done} done, {job.rejected} rejected, {job.skipped} skipped"
        session.add(LogLine(job_id=job.id, attempt=job.attempt, level="info", message=f"{job.state}: {sums}"))
        session.flush()
        if job.done == 13:
            raise KeyError("unlucky")
"""


@pytest.fixture(autouse=True)
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A module that is found in the folder for those who want to know."""
    (tmp_path / "a_listener.py").write_text(dedent(LISTENER))
    monkeypatch.setattr(on_end, "__path__", [str(tmp_path)])
    ended.listeners.cache_clear()
    yield
    ended.listeners.cache_clear()
    sys.modules.pop(f"{on_end.__name__}.a_listener", None)


def told(bench: Bench, job: Job) -> list[str]:
    return [message for _, message in bench.log(job.id)]


def test_all_is_in_place_when_a_job_has_ended(bench: Bench) -> None:
    assert told(bench, bench.run("keep_rows", items(5))) == ["completed: 5 done, 0 rejected, 0 skipped"]
    job = bench.run("keep_rows", items(5, r2="reject"))
    assert told(bench, job) == ["completed_with_errors: 4 done, 1 rejected, 0 skipped"]
    job = bench.run("keep_rows", items(5, r4="give up"))
    assert told(bench, job) == ["failed: 3 done, 0 rejected, 1 skipped"]


def test_so_it_is_when_nothing_ran_or_the_worker_was_lost(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(5))
    bench.act(job_id, Action.cancel)
    assert told(bench, bench.job(job_id)) == ["cancelled: 0 done, 0 rejected, 5 skipped"]
    job_id = bench.submit("keep_rows", items(5))
    for _ in range(3):
        release(bench.database, bench.claim(), lost=True)
    assert told(bench, bench.job(job_id)) == ["failed: 0 done, 0 rejected, 5 skipped"]


def test_one_that_is_tried_again_has_not_ended(bench: Bench, tmp_path: Path) -> None:
    job = bench.run("call_busy", items(3, r2="50"), folder=str(tmp_path))
    assert (job.state, told(bench, job)) == (State.scheduled, [])


def test_an_error_in_the_news_does_not_hold_up_the_end(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        job = bench.run("keep_rows", items(13))
    assert job.state is State.completed
    assert told(bench, job) == [], "what was written before the error is taken back"
    assert "a_listener could not be told" in caplog.text


def test_an_end_that_is_not_kept_is_not_told(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(3))
    with suppress(ZeroDivisionError), bench.database.write() as session:
        ended.tell_of_end(session, job_id)
        session.add(LogLine(job_id=job_id, attempt=0, level="info", message="never"))
        raise ZeroDivisionError
    assert told(bench, bench.job(job_id)) == []
