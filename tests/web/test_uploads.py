"""Uploads by tus 1.0.0 against a real server: raw sockets where a well-behaved client would hide the point."""

import base64
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

HERE = Path(__file__).parent
MB = 1_000_000
TUS = {"Tus-Resumable": "1.0.0"}
STREAM = {**TUS, "Content-Type": "application/offset+octet-stream"}
CONTENT = os.urandom(3 * MB)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server:
    """A desk that takes uploads, in a process of its own that can be killed."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        environ = {**os.environ, "PYTHONPATH": str(HERE.parents[1]), "BATCHDESK_DISK_RESERVE": "0", **settings}
        command = [sys.executable, str(HERE / "upload_server.py"), str(folder), "1"]
        self.process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        said = json.loads(self.process.stdout.readline() or "null")
        assert said, self.process.wait(20)
        self.port: int = said["port"]
        self.ada, self.bob = (self.client(cookie) for cookie in said["cookies"])
        self.cookie: str = said["cookies"][0]

    def client(self, cookie: str) -> httpx.Client:
        """Somebody's browser."""
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Sec-Fetch-Site": "same-origin"},
            cookies={"batchdesk": cookie},
            timeout=30,
        )

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End the process."""
        for client in (self.ada, self.bob):
            client.close()
        self.process.send_signal(how)
        self.process.wait(20)
        if self.process.stdout:
            self.process.stdout.close()

    def memory(self) -> int:
        """The largest resident memory the process ever had, in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        match = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert match
        return int(match[1]) * 1024

    def paths(self) -> list[Path]:
        """What lies in the folder of uploads."""
        return sorted((self.folder / "uploads").iterdir())

    def connect(self, head: str) -> socket.socket:
        """A connection on which a request by Ada has begun."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        method, path, *lines = head.strip().splitlines()
        own = [f"Host: 127.0.0.1:{self.port}", f"Cookie: batchdesk={self.cookie}", "Sec-Fetch-Site: same-origin"]
        connection.sendall("\r\n".join([f"{method} {path} HTTP/1.1", *own, *lines, "", ""]).encode())
        return connection


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("desk"), BATCHDESK_MAX_UPLOAD="200000000")
    yield running
    running.stop()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers on one folder, as often as needed."""
    running: list[Server] = []

    def start_one(**settings: str) -> Server:
        running.append(Server(tmp_path, **settings))
        return running[-1]

    yield start_one
    for server in running:
        if server.process.poll() is None:
            server.stop()


def create(client: httpx.Client, size: int, name: str = "contacts.csv") -> str:
    metadata = "filename " + base64.b64encode(name.encode()).decode()
    response = client.post("/uploads", headers={**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata})
    assert response.status_code == 201, response.text
    return response.headers["Location"]


def send(client: httpx.Client, address: str, offset: int, data: bytes, **more: str) -> httpx.Response:
    return client.patch(address, headers={**STREAM, "Upload-Offset": str(offset), **more}, content=data)


def offset_of(client: httpx.Client, address: str) -> int:
    response = client.head(address, headers=TUS)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    return int(response.headers["Upload-Offset"])


def path_of(server: Server, address: str) -> Path:
    return server.folder / "uploads" / address.rsplit("/", 1)[1]


def part_of(server: Server, address: str) -> Path:
    return path_of(server, address).with_name(path_of(server, address).name + ".part")


def patch_head(address: str, *lines: str, offset: int = 0) -> str:
    """The beginning of a PATCH, as `connect` wants it."""
    own = [f"{name}: {value}" for name, value in STREAM.items()]
    return "\n".join(["PATCH", address, *own, f"Upload-Offset: {offset}", *lines])


def answer(connection: socket.socket) -> str:
    received = b""
    with suppress(ConnectionError):
        while b"\r\n\r\n" not in received and (data := connection.recv(65536)):
            received += data
    return received.decode()


def eventually(true: Callable[[], bool], within_s: float = 5) -> None:
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_the_server_says_what_it_can(server: Server) -> None:
    response = server.ada.options("/uploads")

    assert response.status_code == 204
    assert response.headers["Tus-Version"] == "1.0.0"
    assert response.headers["Tus-Extension"] == "creation,termination,expiration"
    assert response.headers["Tus-Max-Size"] == "200000000"
    assert response.headers["Tus-Resumable"] == "1.0.0"


def test_a_file_comes_in_one_go(server: Server) -> None:
    address = create(server.ada, len(CONTENT))

    response = send(server.ada, address, 0, CONTENT)

    assert response.status_code == 204
    assert response.headers["Upload-Offset"] == str(len(CONTENT))
    assert path_of(server, address).read_bytes() == CONTENT
    assert not part_of(server, address).exists()
    assert offset_of(server.ada, address) == len(CONTENT)


def test_a_file_comes_in_pieces(server: Server) -> None:
    address = create(server.ada, len(CONTENT))
    for start in range(0, len(CONTENT), 700_001):
        assert offset_of(server.ada, address) == start
        response = send(server.ada, address, start, CONTENT[start : start + 700_001])
        assert response.status_code == 204
        assert "GMT" in response.headers["Upload-Expires"]

    assert path_of(server, address).read_bytes() == CONTENT


def test_the_name_is_told_back_without_its_folders(server: Server) -> None:
    address = create(server.ada, 1, "../../Zoë <b>.csv")

    metadata = server.ada.head(address, headers=TUS).headers["Upload-Metadata"]

    assert base64.b64decode(metadata.removeprefix("filename ")).decode() == "Zoë <b>.csv"
    assert [path.name for path in server.paths() if "csv" in path.name] == []


def test_an_empty_file_is_complete_at_once(server: Server) -> None:
    address = create(server.ada, 0)

    assert path_of(server, address).read_bytes() == b""


def test_bytes_at_another_offset_are_refused(server: Server) -> None:
    address = create(server.ada, 10)
    assert send(server.ada, address, 0, b"12345").status_code == 204

    for offset in (0, 4, 6, 10):
        assert send(server.ada, address, offset, b"X").status_code == 409

    assert part_of(server, address).read_bytes() == b"12345"


@pytest.mark.parametrize("chunked", [True, False])
def test_more_bytes_than_declared_are_never_stored(server: Server, chunked: bool) -> None:  # noqa: FBT001
    address = create(server.ada, 10)
    data: Any = (b"x" for _ in range(11)) if chunked else b"x" * 11

    assert send(server.ada, address, 0, data).status_code == 413

    assert part_of(server, address).stat().st_size == 0
    assert offset_of(server.ada, address) == 0


def test_bytes_after_the_declared_body_are_no_part_of_it(server: Server) -> None:
    address = create(server.ada, 10)

    with server.connect(patch_head(address, "Content-Length: 10")) as connection:
        connection.sendall(b"0123456789" + b"x" * MB)
        answer(connection)

    stored = offset_of(server.ada, address)  # the rest is no request: the connection may end before the body is read
    path = path_of(server, address) if stored == 10 else part_of(server, address)
    assert path.read_bytes() == b"0123456789"[:stored]


def test_a_silent_body_ends_and_what_came_is_kept(server: Server) -> None:
    address = create(server.ada, 5_000_000)

    with server.connect(patch_head(address, "Content-Length: 5000000")) as connection:
        connection.sendall(b"0123456789")
        assert " 408 " in answer(connection)

    assert offset_of(server.ada, address) == 10


def test_an_endless_body_is_cut_at_the_declared_size(server: Server) -> None:
    address = create(server.ada, 2 * MB)
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"

    with server.connect(patch_head(address, "Transfer-Encoding: chunked")) as connection:
        sent = 0
        with suppress(ConnectionError):
            while sent < 100 * MB:
                connection.sendall(chunk)
                sent += len(chunk)

    assert sent < 20 * MB
    assert part_of(server, address).stat().st_size <= 2 * MB


def test_a_length_that_is_said_twice_is_refused(server: Server) -> None:
    address = create(server.ada, 10)
    both = patch_head(address, "Content-Length: 10", "Transfer-Encoding: chunked")

    with server.connect(both) as connection:
        connection.sendall(b"5\r\nabcde\r\n0\r\n\r\n")
        assert " 400 " in answer(connection)

    assert offset_of(server.ada, address) == 0


def test_what_is_too_large_is_refused_in_words(server: Server) -> None:
    response = server.ada.post("/uploads", headers={**TUS, "Upload-Length": "200000001"})

    assert (response.status_code, response.text) == (413, "This file is too large: the desk accepts up to 200.0 MB.")


def test_a_disk_without_room_is_said_before_the_body(start: Callable[..., Server]) -> None:
    roomy = start()
    address = create(roomy.ada, 100)
    roomy.stop()
    full = start(BATCHDESK_DISK_RESERVE=str(1 << 60))

    response = full.ada.post("/uploads", headers={**TUS, "Upload-Length": "1"})
    assert response.status_code == 507
    assert response.text.startswith("The desk's disk is too full")

    with full.connect(patch_head(address, "Content-Length: 100")) as connection:
        assert " 507 " in answer(connection)


def test_an_upload_of_somebody_else_is_not_there(server: Server) -> None:
    address = create(server.ada, 10)

    assert server.bob.head(address, headers=TUS).status_code == 404
    assert send(server.bob, address, 0, b"x").status_code == 404
    assert server.bob.delete(address, headers=TUS).status_code == 404
    assert part_of(server, address).stat().st_size == 0


def test_without_signing_in_the_body_is_not_read(server: Server) -> None:
    address = create(server.ada, 10 * MB)
    cookie, server.cookie = server.cookie, "made-up"
    try:
        with server.connect(patch_head(address, "Content-Length: 10000000")) as connection:
            assert " 401 " in answer(connection)
    finally:
        server.cookie = cookie

    assert offset_of(server.ada, address) == 0


def test_another_sites_page_cannot_upload(server: Server) -> None:
    response = server.ada.post("/uploads", headers={**TUS, "Upload-Length": "1", "Sec-Fetch-Site": "cross-site"})

    assert response.status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Length": "1"}, 412),
        ({"Tus-Resumable": "0.2.2", "Upload-Length": "1"}, 412),
        (TUS, 400),
        ({**TUS, "Upload-Length": "-1"}, 400),
        ({**TUS, "Upload-Length": "1.5"}, 400),
        ({**TUS, "Upload-Length": "9" * 40}, 400),
        ({**TUS, "Upload-Defer-Length": "1"}, 400),
        ({**TUS, "Upload-Length": "1", "Upload-Metadata": "filename ???"}, 400),
        ({**TUS, "Upload-Length": "1", "Upload-Metadata": "filename /w=="}, 400),
    ],
)
def test_a_creation_that_cannot_be_meant_is_refused(server: Server, headers: dict[str, str], status: int) -> None:
    before = server.paths()

    assert server.ada.post("/uploads", headers=headers).status_code == status

    assert server.paths() == before


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Content-Type": "text/csv"}, 415),
        ({"Content-Encoding": "gzip"}, 415),
        ({"Upload-Offset": "x"}, 400),
        ({"Upload-Offset": "-1"}, 400),
        ({"X-HTTP-Method-Override": "DELETE"}, 405),
    ],
)
def test_a_piece_that_cannot_be_meant_is_refused(server: Server, headers: dict[str, str], status: int) -> None:
    address = create(server.ada, 10)

    assert send(server.ada, address, 0, b"x", **headers).status_code == status

    assert offset_of(server.ada, address) == 0


def test_a_removed_upload_is_gone(server: Server) -> None:
    address = create(server.ada, 10)
    send(server.ada, address, 0, b"12345")

    assert server.ada.delete(address, headers=TUS).status_code == 204

    assert server.ada.head(address, headers=TUS).status_code == 404
    assert send(server.ada, address, 5, b"6").status_code == 404
    assert not part_of(server, address).exists()


def test_only_so_many_uploads_are_unfinished_at_once(start: Callable[..., Server]) -> None:
    server = start()
    for _ in range(20):
        create(server.ada, 10)

    response = server.ada.post("/uploads", headers={**TUS, "Upload-Length": "10"})

    assert response.status_code == 429
    assert response.text.startswith("20 of your uploads are unfinished.")
    create(server.bob, 10)


def test_a_connection_that_breaks_is_resumed(server: Server) -> None:
    address = create(server.ada, len(CONTENT))
    with server.connect(patch_head(address, f"Content-Length: {len(CONTENT)}")) as connection:
        connection.sendall(CONTENT[:1_500_000])
    eventually(lambda: offset_of(server.ada, address) == 1_500_000)

    send(server.ada, address, 1_500_000, CONTENT[1_500_000:])

    assert path_of(server, address).read_bytes() == CONTENT


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_that_is_killed_goes_on_after_its_restart(start: Callable[..., Server], how: signal.Signals) -> None:
    server = start()
    address = create(server.ada, len(CONTENT))
    with server.connect(patch_head(address, f"Content-Length: {len(CONTENT)}")) as connection:
        connection.sendall(CONTENT[:2_500_000])
        eventually(lambda: part_of(server, address).stat().st_size >= MB)
        server.stop(how)
    server = start()

    offset = offset_of(server.ada, address)
    assert MB <= offset <= 2_500_000
    send(server.ada, address, offset, CONTENT[offset:])

    assert path_of(server, address).read_bytes() == CONTENT


def test_a_file_that_was_whole_at_the_crash_is_completed_by_asking(start: Callable[..., Server]) -> None:
    server = start()
    address = create(server.ada, len(CONTENT))
    server.stop(signal.SIGKILL)
    part_of(server, address).write_bytes(CONTENT)  # the last byte came, nothing after it was done
    server = start()

    assert offset_of(server.ada, address) == len(CONTENT)

    assert path_of(server, address).read_bytes() == CONTENT


def test_memory_stays_flat_and_pages_stay_quick_while_large_files_come(server: Server) -> None:
    size, senders = 128 * MB, 2
    addresses = [create(server.ada, size) for _ in range(senders)]
    before = server.memory()
    block = os.urandom(MB)

    def upload(address: str) -> None:
        with server.client(server.cookie) as client:
            body: Any = (block for _ in range(size // MB))
            assert send(client, address, 0, body, **{"Content-Length": str(size)}).status_code == 204

    threads = [threading.Thread(target=upload, args=[address]) for address in addresses]
    for thread in threads:
        thread.start()
    waits = []
    while any(thread.is_alive() for thread in threads):
        began = time.monotonic()
        server.bob.options("/uploads").raise_for_status()
        waits.append(time.monotonic() - began)
    for thread in threads:
        thread.join()

    assert [path_of(server, address).stat().st_size for address in addresses] == [size] * senders
    assert server.memory() - before < 40 * MB
    assert sorted(waits)[len(waits) // 2] < 0.5
    for address in addresses:
        path_of(server, address).unlink()
