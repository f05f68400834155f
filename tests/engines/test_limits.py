"""What an attempt may take: time and memory, each given by the job type."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.house import House
from tests.jobs.bench import items
from webapp.engines.embedded import EmbeddedEngine
from webapp.jobs.ending import took_too_long
from webapp.store.tables import State


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "data", EmbeddedEngine)
    house.start()
    yield house
    house.stop()
    house.close()


def test_rows_of_a_job_whose_time_is_up_are_kept_and_the_rest_is_skipped(house: House) -> None:
    job_id = house.submit("keep_rows_in_little_time", items(2_000), pause=0.02)
    job = house.wait(job_id)
    assert (job.state, job.attempt) == (State.failed, 1)
    assert job.problem == took_too_long(4.0)
    assert house.ranges(job_id) == [(1, job.done, "done"), (job.done + 1, 2_000, "skipped")]
    assert house.kept() == list(range(1, job.done + 1))
    assert [each.ended for each in house.attempts(job_id)] == ["failed"]


@pytest.mark.parametrize("deed", ["spin", "sleep"])
def test_a_row_that_takes_for_ever_is_killed_and_not_tried_again(house: House, deed: str) -> None:
    job_id = house.submit("keep_rows_in_little_time", items(100, r50=deed), pause=0.005)
    job = house.wait(job_id)
    assert (job.state, job.attempt, job.problem) == (State.failed, 1, took_too_long(4.0))
    assert 0 < job.done < 50
    assert house.ranges(job_id) == [(1, job.done, "done"), (job.done + 1, 100, "skipped")]
    assert house.kept() == list(range(1, job.done + 1))
    assert [each.ended for each in house.attempts(job_id)] == ["failed"]


@pytest.mark.parametrize("look", [True, False])
def test_a_plain_job_ends_when_its_time_is_up(house: House, *, look: bool) -> None:
    job = house.wait(house.submit("take_time", look=look))
    assert (job.state, job.attempt, job.problem) == (State.failed, 1, took_too_long(4.0))


def test_a_job_that_is_in_time_has_all_the_time_it_may_take(house: House) -> None:
    job = house.wait(house.submit("keep_rows_in_little_time", items(10), pause=0.05))
    assert (job.state, job.done) == (State.completed, 10)


def test_a_row_that_wants_too_much_memory_fails_alone_and_says_why(house: House) -> None:
    job_id = house.submit("keep_rows_in_little_memory", items(30, r7="hog"))
    job = house.wait(job_id)
    assert (job.state, job.done, job.failed) == (State.completed_with_errors, 29, 1)
    (entry,) = [entry for entry in house.entries(job_id) if entry.first_row == 7]
    assert (entry.reason or "").startswith("The job ran out of the memory that it may take here.")


def test_a_job_that_wants_too_much_memory_fails_and_says_why(house: House) -> None:
    job = house.wait(house.submit("take_memory"))
    assert (job.state, job.attempt) == (State.failed, 1)
    assert (job.problem or "").startswith("The job ran out of the memory that it may take.")


def test_a_job_may_take_the_memory_that_it_is_allowed(house: House) -> None:
    assert house.wait(house.submit("take_memory", megabytes=200)).state is State.completed


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.5, "0.5 seconds"), (90, "90 seconds"), (120, "2 minutes"), (5400, "90 minutes"), (86_400, "24 hours")],
)
def test_a_limit_is_said_in_a_unit_that_fits(seconds: float, words: str) -> None:
    assert f"longer than the {words} that it is allowed" in took_too_long(seconds)
