"""The services of a job: opened once for an attempt, closed after it, and what becomes of a job without them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.jobs.bench import Bench, items
from webapp.store.tables import Job, State


def shop(bench: Bench) -> Path:
    return bench.settings.data / "shop.sqlite3"


def build(bench: Bench) -> None:
    with closing(sqlite3.connect(shop(bench))) as connection:
        connection.execute("CREATE TABLE sold (id)")


def sold(bench: Bench) -> list[object]:
    with closing(sqlite3.connect(shop(bench))) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM sold")]


def test_it_is_opened_once_for_all_rows_and_closed(bench: Bench) -> None:
    build(bench)
    job = bench.run("sell_rows", items(100, r7="error"))
    assert job.state is State.completed_with_errors
    assert bench.counts(job.id) == {"done": 99, "failed": 1}
    assert bench.log(job.id) == [("info", "opened"), ("info", "closed")]
    assert len(sold(bench)) == 99


@pytest.mark.parametrize("how", ["refuse", "stop"])
def test_it_hears_that_the_job_was_left_and_is_closed(how: str, bench: Bench) -> None:
    build(bench)
    job = bench.run("sell_rows", items(100, r7=how))
    assert job.state is State.failed
    assert sold(bench) == [], "what the connection had not committed is undone"


def test_a_job_whose_service_cannot_be_opened_says_so_in_plain_words(bench: Bench) -> None:
    job = bench.run("sell_rows", items(3))
    assert job.state is State.failed
    assert job.problem == (
        "What the job needs could not be opened: Shop. Try it again later. If it stays so, tell an administrator: "
        "the details are kept for them."
    )
    assert bench.counts(job.id) == {"skipped": 3}
    assert "ConnectionError: the shop is closed" in (bench.attempts(job.id)[0].detail or "")


def test_its_opening_is_tried_again_as_the_job_type_says(bench: Bench) -> None:
    job_id = bench.submit("sell_one")
    waiting = bench.run_waiting(job_id)
    assert (waiting.state, waiting.retries) == (State.scheduled, 1)
    build(bench)
    with bench.database.write() as session:
        session.get_one(Job, job_id).run_at = None
    assert bench.run_waiting(job_id).state is State.completed
    assert sold(bench) == [1]
