"""A desk that takes uploads by tus 1.0.0, and a client that says no more than it is told to."""

import base64
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx

from tests.running import ROOT

PROGRAM = Path(__file__).resolve().parents[1] / "upload_server.py"
MB = 1_000_000
TUS = {"Tus-Resumable": "1.0.0"}
STREAM = {**TUS, "Content-Type": "application/offset+octet-stream"}
CONTENT = os.urandom(3 * MB)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server:
    """A desk that takes uploads, in a process of its own that can be killed."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "BATCHDESK_DISK_RESERVE": "0", **settings}
        command = [sys.executable, str(PROGRAM), str(folder), "1"]
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
