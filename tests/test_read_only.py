"""A folder that can be written to no more: the desk says so, stays up, and goes on by itself once it can again."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.jobs.bench import JOB_TYPES, items
from tests.running import ROOT, RunningDesk

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """An empty disk over a folder, on which nothing can be made."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "t", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RunningDesk]:
    desk = RunningDesk(tmp_path / "data", job_types=str(JOB_TYPES), lease_seconds="2").start()
    yield desk
    desk.kill_quietly()


def test_a_desk_that_may_not_write_its_files_says_so_and_goes_on_later(desk: RunningDesk, tmp_path: Path) -> None:
    file = tmp_path / "items.csv"
    file.write_text(items(5))
    program = desk.program()
    with read_only(desk.data / "uploads"):
        answer = program.try_submit("keep_rows", file)
        assert answer.status_code == 503, answer.text
        assert "can’t write to its disk" in answer.text
        ready = httpx.get(f"{desk.url}/readyz")
        assert ready.status_code == 503
        assert "disk: the data folder can't be written to" in ready.json()["reasons"]
    with read_only(desk.data / "results"):
        job_id = program.submit("clean_csv", file)
        assert program.wait(job_id)["state"] == "failed"
        pid = desk.pid
    assert (desk.is_running, desk.pid) == (True, pid)
    assert httpx.get(f"{desk.url}/readyz").status_code == 200
    assert program.request("POST", f"/jobs/{job_id}/retry").status_code == 202
    assert program.wait(job_id)["state"] == "completed"
    assert program.wait(program.submit("keep_rows", file))["rows"]["done"] == 5


@pytest.mark.parametrize("small_disk", [16_000], indirect=True)
def test_a_desk_whose_disk_is_read_only_does_not_start_and_says_why(small_disk: Path) -> None:
    environment = {**os.environ, "BATCHDESK_DATA": str(small_disk / "data"), "PYTHONPATH": str(ROOT)}

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "webapp", command],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert run("migrate").returncode == 0
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    for command in ("serve", "worker"):
        said = run(command)
        assert said.returncode not in {0, 1}, said
        assert "can't be written to" in said.stderr
        assert "Traceback" not in said.stderr
