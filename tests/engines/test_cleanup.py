"""What a job has to clean up is cleaned up after real kills too: by the next attempt, or by a process of its own."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.engines.house import House
from tests.jobs.bench import JOB_TYPES
from tests.running import RunningDesk
from webapp.engines.embedded import EmbeddedEngine
from webapp.jobs.deeds import Action
from webapp.kit import now
from webapp.store.tables import Job, State


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "data", EmbeddedEngine)
    house.start()
    yield house
    house.stop()
    house.close()


def swept(folder: Path) -> list[int]:
    there = folder / "swept"
    return sorted(int(line.split()[0]) for line in there.read_text().splitlines()) if there.exists() else []


def wait_until_swept(folder: Path, attempts: list[int]) -> None:
    deadline = time.monotonic() + 30
    while swept(folder) != attempts:
        assert time.monotonic() < deadline, f"swept after {swept(folder)}, not {attempts}"
        time.sleep(0.05)
    assert list(folder.glob("left by *")) == []


def wait_for(file: Path) -> None:
    deadline = time.monotonic() + 30
    while not file.exists():
        assert time.monotonic() < deadline, f"{file.name} is not there"
        time.sleep(0.02)


def test_after_a_kill_the_next_attempt_cleans_up_before_it_begins(house: House, tmp_path: Path) -> None:
    job_id = house.submit("leave_mess", folder=str(tmp_path), how="kill once")
    assert house.wait(job_id).state is State.completed
    wait_until_swept(tmp_path, [1, 2])
    assert house.log(job_id)[-1] == ("info", "found 1")


def test_a_slow_one_changes_nothing_of_its_job(house: House, tmp_path: Path) -> None:
    (tmp_path / "slow").touch()
    job_id = house.submit("leave_mess_in_time", folder=str(tmp_path))
    assert house.wait(job_id).state is State.completed
    assert swept(tmp_path) == [], "the job has ended before it is over"
    wait_until_swept(tmp_path, [1])
    assert house.wait(job_id).state is State.completed


def test_it_has_a_folder_for_passing_things_that_its_attempt_does_not_clear_away(house: House, tmp_path: Path) -> None:
    house.wait(house.submit("leave_mess", folder=str(tmp_path)))
    wait_until_swept(tmp_path, [1])
    folder = Path((tmp_path / "sweeps in").read_text())
    assert folder.is_dir()
    assert folder != Path((tmp_path / "works in").read_text())


def test_after_the_last_kill_a_process_of_its_own_does(house: House, tmp_path: Path) -> None:
    assert house.wait(house.submit("leave_mess", folder=str(tmp_path), how="kill")).state is State.failed
    wait_until_swept(tmp_path, [1, 2, 3])


def test_so_it_does_when_the_time_is_up(house: House, tmp_path: Path) -> None:
    assert house.wait(house.submit("leave_mess_in_time", folder=str(tmp_path), how="sleep")).state is State.failed
    wait_until_swept(tmp_path, [1])


def test_so_it_does_when_there_is_no_more_memory(house: House, tmp_path: Path) -> None:
    assert house.wait(house.submit("leave_mess_in_memory", folder=str(tmp_path), how="hog")).state is State.failed
    wait_until_swept(tmp_path, [1])


@pytest.mark.parametrize("deeds", [[Action.cancel], [Action.cancel, Action.force]], ids=["called off", "by force"])
def test_so_it_does_after_a_job_that_did_not_heed_the_operator(
    deeds: list[Action], house: House, tmp_path: Path
) -> None:
    job_id = house.submit("leave_mess", folder=str(tmp_path), how="sleep")
    wait_for(tmp_path / "left by 1")
    for deed in deeds:
        house.act(job_id, deed)
        with house.database.write() as session:
            session.get_one(Job, job_id).asked_at = now() - timedelta(hours=1)
    assert house.wait(job_id).state is State.cancelled
    wait_until_swept(tmp_path, [1])


def test_a_machine_that_was_switched_off_finds_what_it_left(tmp_path: Path) -> None:
    desk = RunningDesk(tmp_path / "data", job_types=str(JOB_TYPES), lease_seconds="2").start()
    try:
        program = desk.program()
        job_id = program.submit("leave_mess", folder=str(tmp_path), how="sleep")
        wait_for(tmp_path / "left by 1")
        desk.kill()
        assert swept(tmp_path) == []
        desk.start()
        wait_for(tmp_path / "left by 2")
        assert swept(tmp_path) == [1]
        program.request("POST", f"/jobs/{job_id}/cancellation")
        program.wait(job_id)
        wait_until_swept(tmp_path, [1, 2])
    finally:
        desk.kill_quietly()
