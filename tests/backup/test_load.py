"""Back-ups of a desk at work, restored, set to work, and counted at the far end."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backup.conftest import quietly
from tests.jobs.bench import items
from tests.running import ROOT, Program, RunningDesk
from webapp.backup.take import take_backup
from webapp.settings import Settings
from webapp.store.database import connect

ROWS = 6_000
PAUSE = 0.0002  # over each row: the job must still run when the back-up is taken
MOMENTS = (0.1, 0.4)
JOB_TYPES = ROOT / "tests" / "job_types_for_tests"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningDesk]:
    desk = RunningDesk(tmp_path / "data", job_types=str(JOB_TYPES), lease_seconds="2").start()
    yield desk
    desk.kill_quietly()


def batchdesk(data: Path, *arguments: str) -> str:
    """What a command says; it must work."""
    environment = {**os.environ, "BATCHDESK_DATA": str(data), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "webapp", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def ids(data: Path) -> Counter[int]:
    engine = connect(Settings(data=data).data_database)
    with engine.connect() as connection:
        found = Counter(connection.exec_driver_sql("SELECT id FROM kept").scalars())
    engine.dispose()
    return found


def test_a_desk_restored_from_the_midst_of_a_job_ends_it_with_no_row_lost_and_none_twice(
    running: RunningDesk, program: Program, tmp_path: Path
) -> None:
    file = tmp_path / "items.csv"
    file.write_text(items(ROWS))
    job_id = program.submit("keep_rows", file, pause=PAUSE)
    for number, moment in enumerate(MOMENTS):
        program.wait_for_rows(job_id, int(ROWS * moment))
        take_backup(Settings(data=running.data), tmp_path / f"backup-{number}", quietly)
    assert program.wait(job_id)["rows"]["done"] == ROWS, "the desk itself went on"
    running.stop()
    for number, _ in enumerate(MOMENTS):
        data = tmp_path / f"restored-{number}"
        said = batchdesk(data, "restore", str(tmp_path / f"backup-{number}"))
        assert "job 1: keep_rows, items.csv, running" in said
        restored = RunningDesk(data, job_types=str(JOB_TYPES), lease_seconds="2").start()
        try:
            again = Program(restored, program.headers["Authorization"].removeprefix("Bearer "))
            assert again.wait(job_id, {"queued"})["rows"]["done"] < ROWS, "it waits"
            assert batchdesk(data, "resume") == "The desk goes on.\n"
            assert again.wait(job_id)["rows"]["done"] == ROWS
            assert ids(data) == Counter(range(1, ROWS + 1))
        finally:
            restored.kill_quietly()
