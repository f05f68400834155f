"""A desk that is killed in the middle of a file goes on there: it is whole, and what was there is not sent again."""

import hashlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.running import Program, RunningDesk

CONTENT = bytes(number * 31 % 251 for number in range(1_000)) * 40_000
HALF = 36_000_000  # more than is held back before it is made durable


class Slow:
    """Sends most of the file and then nothing more, until it is asked for the rest."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.starts: list[int] = []
        self.is_half_way = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            asked = re.search(rb"range: bytes=(\d+)-", connection.recv(65536))
            start, size = int(asked[1]) if asked else 0, len(CONTENT)
            self.starts.append(start)
            status = f"206 Partial Content\r\nContent-Range: bytes {start}-{size - 1}/{size}" if start else "200 OK"
            head = f'HTTP/1.1 {status}\r\nETag: "1"\r\nContent-Length: {size - start}\r\n\r\n'
            connection.sendall(head.encode() + CONTENT[start : None if start else HALF])
            if not start:
                self.is_half_way.set()
                connection.recv(1)  # until the other side is gone


@pytest.fixture
def server() -> Iterator[Slow]:
    server = Slow()
    yield server
    server.close()


def wait_for_bytes(program: Program, job: str, least: int) -> None:
    deadline = time.monotonic() + 60
    while (program.job(job)["progress"] or {}).get("done", 0) < least:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_desk_killed_in_the_middle_of_a_file_goes_on_there(server: Slow, tmp_path: Path) -> None:
    desk = RunningDesk(tmp_path / "data", lease_seconds="2", allowed_hosts=server.place).start()
    try:
        program = desk.program()
        sum_ = hashlib.sha256(CONTENT).hexdigest()
        job = program.submit("fetch_url", url=f"http://{server.place}/large.bin", sha256=sum_)
        assert server.is_half_way.wait(60)
        wait_for_bytes(program, job, 33_000_000)
        desk.kill()
        desk.start()
        done = program.wait(job, seconds=90)
        assert done["state"] == "completed", done
        (file,) = done["files"]
        assert (file["name"], file["bytes"]) == ("large.bin", len(CONTENT))
        assert len(server.starts) == 2
        assert server.starts[1] >= 32_000_000
    finally:
        desk.kill_quietly()
