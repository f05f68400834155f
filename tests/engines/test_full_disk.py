"""A disk that is full in the midst of a job: it waits, and goes on by itself."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.engines.house import House
from tests.jobs.bench import items
from webapp.engines.embedded import EmbeddedEngine
from webapp.store.tables import State

ROWS = 60_000


def fill(ballast: Path) -> None:
    """Leave not a byte."""
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(65536))
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(512))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
@pytest.mark.parametrize("small_disk", [16_000], indirect=True)
def test_a_job_waits_for_room_and_no_row_is_lost_or_twice(small_disk: Path) -> None:
    house = House(small_disk / "data", EmbeddedEngine, disk_reserve=0, lease_seconds=2).start()
    try:
        job_id = house.submit("keep_rows", items(ROWS))
        house.wait_until(lambda: house.job(job_id).done > 0)
        fill(small_disk / "ballast")
        house.wait_until(lambda: house.engine.health().busy == 0, seconds=60)
        assert house.job(job_id).state in {State.running, State.scheduled, State.queued}
        (small_disk / "ballast").unlink()
        job = house.wait(job_id, seconds=90)
        assert (job.state, job.done, job.failed) == (State.completed, ROWS, 0)
        assert job.attempt > 1
        assert house.kept() == list(range(1, ROWS + 1))
    finally:
        house.stop()
        house.close()


def test_no_job_begins_where_what_becomes_of_it_could_not_be_written_down(build: Callable[..., House]) -> None:
    house = build(disk_reserve=10**18)
    job_id = house.submit("keep_rows", items(1))
    house.start()
    house.wait_until(lambda: house.engine.health().running)
    assert house.job(job_id).state is State.queued
    house.stop()
    assert house.job(job_id).attempt == 0
