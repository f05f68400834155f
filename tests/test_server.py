"""The server as a process: where it says it is, what it refuses, how it starts and ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from uvicorn import Config

from tests.running import ROOT, RunningDesk

SLOW = '''
import time
from pathlib import Path
from webapp.authoring import job

@job()
def sleepy(seconds: int, sign: str) -> None:
    """Takes its time, and does not listen."""
    Path(sign).touch()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            time.sleep(0.1)
        except BaseException:
            pass
'''


def serve(data: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """`batchdesk serve`, where it is expected to leave by itself."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BATCHDESK_")}
    own = {f"BATCHDESK_{name.upper()}": value for name, value in {"data": str(data), **settings}.items()}
    command = [sys.executable, "-m", "webapp", "serve"]
    return subprocess.run(
        command, cwd=ROOT, env={**clean, **own}, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_port_in_use_stops_the_start_and_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        ended = serve(tmp_path / "data", port=port)
    assert (ended.returncode, ended.stdout) == (78, "")
    assert f"BATCHDESK_PORT {port}: another program does." in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("host", ["no-such-host.invalid", "..", "203.0.113.1"])
def test_an_address_that_is_not_ours_stops_the_start_and_is_named(tmp_path: Path, host: str) -> None:
    ended = serve(tmp_path / "data", host=host, port="0")
    assert ended.returncode == 78
    assert f"The desk can't listen on BATCHDESK_HOST {host}" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_the_link_is_shown_until_somebody_can_sign_in(tmp_path: Path) -> None:
    desk = RunningDesk(tmp_path / "data", workers="0")
    try:
        desk.start()
        assert desk.link
        assert httpx.get(desk.link).status_code == 200
        assert desk.stop() == 0
        desk.start()
        assert desk.link, "nobody has used the first one"
        form = {"link": desk.link.partition("link=")[2], "name": "Root", "password": "seven small boats"}
        assert httpx.post(f"{desk.url}/welcome", data=form, headers={"Origin": desk.url}).status_code == 303
        assert desk.stop() == 0
        desk.link = None
        desk.start()
        assert desk.link is None
    finally:
        desk.kill_quietly()


def test_a_broken_file_of_job_types_is_named_and_the_rest_load(tmp_path: Path) -> None:
    folder = tmp_path / "job_types"
    folder.mkdir()
    (folder / "broken.py").write_text("import no_such_module\n")
    (folder / "sleepy.py").write_text(SLOW)
    desk = RunningDesk(tmp_path / "data", job_types=str(folder))
    try:
        program = desk.start().program()
        names = [job_type["name"] for job_type in program.request("GET", "/job-types").json()]
        assert {"clean_csv", "load_table", "sleepy"} <= set(names)
        said = next(json.loads(line) for line in desk.log().splitlines() if "broken.py" in line)
        assert said["level"] == "error"
        assert str(folder / "broken.py") in said["message"]
        assert "No module named 'no_such_module'" in said["message"]
        refused = program.try_submit("broken")
        assert refused.status_code == 422
    finally:
        desk.kill_quietly()


def test_the_log_is_lines_of_json(running: RunningDesk) -> None:
    httpx.get(f"{running.url}/healthz")
    assert running.stop() == 0
    lines = [json.loads(line) for line in running.log().splitlines()]
    assert any(line.get("path") == "/healthz" for line in lines)
    assert not any(line.get("level") in {"error", "warning"} for line in lines), lines


def test_told_twice_it_ends_at_once_even_if_a_job_does_not_listen(tmp_path: Path) -> None:
    folder = tmp_path / "job_types"
    folder.mkdir()
    (folder / "sleepy.py").write_text(SLOW)
    desk = RunningDesk(tmp_path / "data", job_types=str(folder), workers="1")
    try:
        program = desk.start().program()
        program.submit("sleepy", seconds=60, sign=str(tmp_path / "at work"))
        while not (tmp_path / "at work").exists():
            time.sleep(0.05)
        os.kill(desk.pid, signal.SIGTERM)
        time.sleep(0.5)
        began = time.monotonic()
        assert desk.stop() == 128 + signal.SIGTERM
        assert time.monotonic() - began < 2
    finally:
        desk.kill_quietly()


def test_only_a_proxy_on_this_machine_is_believed(running: RunningDesk) -> None:
    """Where a request comes from, the log and the throttle take from it."""
    httpx.get(f"{running.url}/healthz", headers={"X-Forwarded-For": "203.0.113.9"})
    assert running.stop() == 0
    lines = [json.loads(line) for line in running.log().splitlines()]
    assert {line.get("source") for line in lines if line.get("path") == "/healthz"} == {"127.0.0.1", "203.0.113.9"}
    assert Config("webapp").forwarded_allow_ips == "127.0.0.1,::1", "what the server runs with unless told otherwise"
