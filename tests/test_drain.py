"""Told to stop, a process takes no more jobs, gives back what runs, and leaves, whoever is connected."""

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.jobs.bench import JOB_TYPES, items
from tests.running import PASSWORD, RunningDesk, RunningWorker
from webapp.store.tables import Role

IN_TIME_S = 25.0


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RunningDesk]:
    desk = RunningDesk(tmp_path / "data", job_types=str(JOB_TYPES)).start()
    yield desk
    desk.kill_quietly()


def wait_until(true: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.02)


def write_items(folder: Path, rows: int) -> Path:
    file = folder / "items.csv"
    file.write_text(items(rows))
    return file


def test_while_a_row_is_brought_to_its_end_the_desk_is_not_ready_and_its_pages_are_there(
    desk: RunningDesk, tmp_path: Path
) -> None:
    program, mark = desk.program(), tmp_path / "mark"
    job_id = program.submit("keep_rows_and_say_so", write_items(tmp_path, 3), mark=str(mark), pause=6)
    wait_until(mark.exists)
    assert httpx.get(f"{desk.url}/readyz").status_code == 200
    told = time.monotonic()
    desk.terminate()
    wait_until(lambda: httpx.get(f"{desk.url}/readyz").status_code == 503)
    assert "draining" in httpx.get(f"{desk.url}/readyz").text
    assert httpx.get(f"{desk.url}/sign-in").status_code == 200
    late = program.submit("keep_some")
    assert desk.wait() == 0
    assert time.monotonic() - told < IN_TIME_S
    desk.start()
    job = program.wait(job_id)
    assert (job["state"], job["rows"]["done"], job["attempt"]) == ("completed", 3, 2)
    assert program.wait(late)["attempt"] == 1, "it was not begun by a desk that was leaving"


def test_a_desk_that_has_nothing_to_do_leaves_at_once(desk: RunningDesk) -> None:
    told = time.monotonic()
    assert desk.stop() == 0
    assert time.monotonic() - told < 8


def test_fifty_open_streams_do_not_hold_it_up(desk: RunningDesk, tmp_path: Path) -> None:
    desk.add_user("Ann", Role.admin)
    program, mark = desk.program(), tmp_path / "mark"
    job_id = program.submit("wait_for", mark=str(mark), until=str(tmp_path / "go"))
    with httpx.Client(base_url=desk.url, headers={"Origin": desk.url}) as client:
        assert client.post("/sign-in", data={"name": "Ann", "password": PASSWORD}).status_code == 303
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    request = f"GET /jobs/{job_id}/stream HTTP/1.1\r\nHost: 127.0.0.1:{desk.port}\r\nCookie: {cookies}\r\n\r\n"
    streams = [socket.create_connection(("127.0.0.1", desk.port)) for _ in range(50)]
    for stream in streams:
        stream.sendall(request.encode())
    for stream in streams:
        stream.settimeout(20)
        assert stream.recv(100).startswith(b"HTTP/1.1 200")
    told = time.monotonic()
    assert desk.stop() == 0
    assert time.monotonic() - told < IN_TIME_S
    for stream in streams:
        stream.close()


def test_an_upload_that_goes_on_does_not_hold_it_up(desk: RunningDesk) -> None:
    program = desk.program()
    head = (
        f"POST /api/v1/jobs HTTP/1.1\r\nHost: 127.0.0.1:{desk.port}\r\n"
        f"Authorization: {program.headers['Authorization']}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000000\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'
    )
    with socket.create_connection(("127.0.0.1", desk.port)) as upload:
        upload.sendall(head.encode())
        stop = threading.Event()

        def go_on() -> None:
            while not stop.wait(0.05):
                try:
                    upload.sendall(b"1,2,3\r\n" * 1000)
                except OSError:
                    return

        sending = threading.Thread(target=go_on)
        sending.start()
        time.sleep(0.5)
        told = time.monotonic()
        assert desk.stop() == 0
        assert time.monotonic() - told < IN_TIME_S
        stop.set()
        sending.join()


@pytest.mark.parametrize("twice", [False, True])
def test_a_worker_gives_back_what_it_runs_or_leaves_at_once_if_told_twice(tmp_path: Path, *, twice: bool) -> None:
    desk = RunningDesk(tmp_path / "data", job_types=str(JOB_TYPES), workers="0", lease_seconds="2").start()
    worker = RunningWorker(tmp_path / "data", job_types=str(JOB_TYPES), lease_seconds="2").start()
    try:
        program, mark = desk.program(), tmp_path / "mark"
        job_id = program.submit("keep_rows_and_say_so", write_items(tmp_path, 2), mark=str(mark), pause=3)
        wait_until(mark.exists)
        told = time.monotonic()
        worker.terminate()
        if twice:
            time.sleep(0.5)
            worker.terminate()
        assert worker.wait() == (128 + signal.SIGTERM if twice else 0)
        assert time.monotonic() - told < IN_TIME_S
        if not twice:
            assert program.job(job_id)["state"] == "queued"
        worker.start()
        job = program.wait(job_id)
        assert (job["state"], job["rows"]["done"]) == ("completed", 2)
    finally:
        worker.kill_quietly()
        desk.kill_quietly()


def test_a_worker_without_a_place_for_a_job_does_not_start(tmp_path: Path) -> None:
    worker = RunningWorker(tmp_path / "data", workers="0")
    with pytest.raises(AssertionError, match="BATCHDESK_WORKERS is 0"):
        worker.start()
