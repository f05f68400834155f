"""`serve --reload`: a job type that changes is there a moment later, and a job that was running goes on."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.running import RunningDesk
from webapp.cli_new import write_new

PATIENCE_S = 40.0
SLOW = '''
import time
from pydantic import BaseModel
from webapp.authoring import Context, job

class Item(BaseModel):
    id: int

@job(title="Slow")
def slow(row: Item, ctx: Context) -> None:
    """Take a while."""
    time.sleep(0.05)
    ctx.data.insert("slow", {"id": row.id})
'''


def wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.1)


def test_a_changed_file_is_loaded_and_a_running_job_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "job_types"
    folder.mkdir()
    (folder / "slow.py").write_text(SLOW)
    desk = RunningDesk(tmp_path / "data", job_types=str(folder))
    desk._command = "serve --reload"
    items = tmp_path / "items.csv"
    items.write_text("id\n" + "".join(f"{row}\n" for row in range(1, 101)))
    try:
        program = desk.start().program()
        job_id = program.submit("slow", items)
        program.wait_for_rows(job_id, 5)
        write_new("ship_orders", "row", folder)

        def titles() -> list[str]:
            try:
                return [found["title"] for found in program.request("GET", "/api/v1/job-types").json()]
            except (httpx.TransportError, AssertionError):
                return []

        wait_until(lambda: "Ship orders" in titles())  # at the same address, whichever port it took at first
        job = program.wait(job_id)
        assert (job["state"], job["rows"]["done"]) == ("completed", 100)
        desk.terminate()
        assert desk.wait() == 0
    finally:
        desk.kill_quietly()


def test_without_a_folder_it_says_what_to_set(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BATCHDESK_")}
    done = subprocess.run(
        [sys.executable, "-m", "webapp", "serve", "--reload"],
        env={**environment, "BATCHDESK_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "BATCHDESK_JOB_TYPES" in done.stderr) == (78, True)


def test_a_port_that_is_taken_ends_it_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        settings = {"BATCHDESK_DATA": str(tmp_path), "BATCHDESK_JOB_TYPES": str(tmp_path), "BATCHDESK_PORT": port}
        command = [sys.executable, "-m", "webapp", "serve", "--reload"]
        ended = subprocess.run(
            command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=60, check=False
        )
    assert (ended.returncode, f"BATCHDESK_PORT {port}: another program does." in ended.stderr) == (78, True)
