"""Forms with files against a real server: straight to the disk, within limits, nothing left after a refusal."""

import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

HERE = Path(__file__).parent
MB = 1_000_000
LARGEST = 200 * MB
CONTENT = b"name,age\r\nAda,36\r\n--\r\n-\r\n\r\n--bX\r\r\n--b-x\r\n" + os.urandom(3 * MB) + b"\r\n-"


class Server:
    """A desk that takes forms, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        settings = {"BATCHDESK_DISK_RESERVE": "0", "BATCHDESK_MAX_UPLOAD": str(LARGEST)}
        environ = {**os.environ, "PYTHONPATH": str(HERE.parents[1]), **settings}
        command = [sys.executable, str(HERE / "upload_server.py"), str(folder), "1"]
        self.process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        said = json.loads(self.process.stdout.readline() or "null")
        assert said, self.process.wait(20)
        self.port: int = said["port"]
        self.cookie: str = said["cookies"][0]
        self.ada = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Sec-Fetch-Site": "same-origin"},
            cookies={"batchdesk": self.cookie},
            timeout=30,
        )

    def stop(self) -> None:
        """End the process."""
        self.ada.close()
        self.process.terminate()
        self.process.wait(20)
        if self.process.stdout:
            self.process.stdout.close()

    def post(
        self, body: bytes | str | Iterator[bytes], kind: str = "multipart/form-data; boundary=b", **headers: str
    ) -> httpx.Response:
        """Send a form as it stands."""
        return self.ada.post("/jobs", content=body, headers={"Content-Type": kind, **headers})

    def connect(self, *lines: str) -> socket.socket:
        """A connection on which a form's head was sent."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        own = [f"Host: 127.0.0.1:{self.port}", f"Cookie: batchdesk={self.cookie}", "Sec-Fetch-Site: same-origin"]
        kind = "Content-Type: multipart/form-data; boundary=b"
        connection.sendall("\r\n".join(["POST /jobs HTTP/1.1", *own, kind, *lines, "", ""]).encode())
        return connection

    def memory(self) -> int:
        """The largest resident memory the process ever had, in bytes."""
        match = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self.process.pid}/status").read_text())
        assert match
        return int(match[1]) * 1024

    def paths(self) -> set[Path]:
        """What lies in the folder of uploads."""
        return set((self.folder / "uploads").iterdir())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("desk"))
    yield running
    running.stop()


@pytest.fixture
def nothing_left(server: Server) -> Iterator[None]:
    """After the test there is no file that wasn't there before."""
    before = server.paths()
    yield
    assert server.paths() == before


def part(disposition: str, content: bytes = b"", *headers: str) -> bytes:
    head = "\r\n".join(["--b", f"Content-Disposition: form-data; {disposition}", *headers, "", ""])
    return head.encode() + content + b"\r\n"


def file_part(content: bytes, file_name: str = "a.csv", name: str = "file") -> bytes:
    return part(f'name="{name}"; filename="{file_name}"', content)


def answer(connection: socket.socket) -> str:
    received = b""
    with suppress(ConnectionError):
        while b"\r\n\r\n" not in received and (data := connection.recv(65536)):
            received += data
    return received.decode()


def test_fields_and_a_file_arrive_as_sent(server: Server) -> None:
    body = part('name="job_type"', b"clean_csv") + part('name="tag"', "Zoë".encode()) + part('name="tag"', b"b")

    got = server.post(body + file_part(CONTENT) + part('name="after"') + b"--b--\r\n").json()

    assert got["fields"] == [["job_type", "clean_csv"], ["tag", "Zoë"], ["tag", "b"], ["after", ""]]
    upload = got["uploads"]["file"]
    assert (upload["name"], upload["size"]) == ("a.csv", len(CONTENT))
    assert upload["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert (server.folder / "uploads" / upload["id"]).read_bytes() == CONTENT


def test_a_form_as_clients_write_it_arrives(server: Server) -> None:
    response = server.ada.post("/jobs", data={"params": '{"a": 1}'}, files={"file": ("x.csv", CONTENT)})

    got = response.json()
    assert got["fields"] == [["params", '{"a": 1}']]
    assert got["uploads"]["file"]["sha256"] == hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_it_does_not_matter_where_the_network_cuts(server: Server, size: int) -> None:
    content = CONTENT[:5000]
    body = part('name="x"', b"1") + file_part(content) + b"--b--\r\n"

    with server.connect(f"Content-Length: {len(body)}", "Connection: close") as connection:
        for start in range(0, len(body), size):
            connection.sendall(body[start : start + size])
        assert " 200 " in answer(connection)

    assert max(server.paths(), key=lambda path: path.stat().st_mtime_ns).read_bytes() == content


def test_two_files_for_two_fields_are_two_uploads(server: Server) -> None:
    body = file_part(b"1", name="left") + file_part(b"22", name="right") + b"--b--"

    uploads = server.post(body).json()["uploads"]

    assert {name: upload["size"] for name, upload in uploads.items()} == {"left": 1, "right": 2}


@pytest.mark.usefixtures("nothing_left")
def test_a_file_input_left_empty_gives_no_upload(server: Server) -> None:
    got = server.post(part('name="x"', b"1") + file_part(b"", file_name="") + b"--b--").json()

    assert got == {"fields": [["x", "1"]], "uploads": {}}


def test_an_empty_file_is_an_upload_of_no_bytes(server: Server) -> None:
    got = server.post(file_part(b"") + b"--b--").json()

    assert got["uploads"]["file"]["size"] == 0


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\\\dir\\\\x.csv", "x.csv"),
        ("a%22b.csv", "a%22b.csv"),
        ("Zoë 🚤.csv", "Zoë 🚤.csv"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("x" * 300 + ".csv", "x" * 251 + ".csv"),
        (" ", "file"),
    ],
)
def test_a_name_is_kept_as_text_only(server: Server, sent: str, kept: str) -> None:
    upload = server.post(file_part(b"1", file_name=sent) + b"--b--").json()["uploads"]["file"]

    assert upload["name"] == kept
    assert (server.folder / "uploads" / upload["id"]).read_bytes() == b"1"


def test_a_plain_form_works_too(server: Server) -> None:
    got = server.post("a=1&a=2&b=Zo%C3%AB+x&c=", "application/x-www-form-urlencoded").json()

    assert got == {"fields": [["a", "1"], ["a", "2"], ["b", "Zoë x"], ["c", ""]], "uploads": {}}


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (file_part(CONTENT), 400),  # the last boundary is missing
        (file_part(CONTENT) + part('name="x"', b"1"), 400),
        (file_part(CONTENT) + b"--b-x", 400),
        (b"", 400),
        (b"no form at all", 400),
        (file_part(b"1") + b"--b\r\nX: y\r\n\r\n1\r\n--b--", 400),  # a part without a name
        (file_part(b"1") + part("x=y", b"1") + b"--b--", 400),
        (file_part(b"1") + part('name=""', b"1") + b"--b--", 400),
        (file_part(b"1") + b"--b\r\nContent-Disposition: attachment; name=x\r\n\r\n1\r\n--b--", 400),
        (file_part(b"1") + part('name="x"', b"\xff\xfe") + b"--b--", 400),  # not UTF-8
        (file_part(b"1") + file_part(b"2") + b"--b--", 400),  # two files for one field
        (file_part(b"1") + part('name="x"', b"x" * 64_001) + b"--b--", 413),
        (file_part(b"1") + b"".join(part('name="x"', b"x" * 60_000) for _ in range(17)) + b"--b--", 413),
        (file_part(b"1") + b"".join(part(f'name="{n}"') for n in range(100)) + b"--b--", 400),
        (file_part(b"1") + b"".join(part(f'name="{n}"') for n in range(100_000)) + b"--b--", 400),
        (file_part(b"1") + part(f'name="{"n" * MB}"', b"1") + b"--b--", 400),
        (file_part(b"1") + part('name="x"', b"1", *(f"H{n}: x" for n in range(50))) + b"--b--", 400),
    ],
)
def test_a_form_that_is_no_form_leaves_nothing(server: Server, body: bytes, status: int) -> None:
    began = time.monotonic()

    assert server.post(body).status_code == status

    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary=", 400),
        (f"multipart/form-data; boundary={'b' * 5000}", 400),
        ("multipart/mixed; boundary=b", 415),
        ("text/csv", 415),
        ("", 415),
    ],
)
@pytest.mark.usefixtures("nothing_left")
def test_a_kind_that_is_no_form_is_refused(server: Server, kind: str, status: int) -> None:
    assert server.post(file_part(b"1") + b"--b--", kind).status_code == status


@pytest.mark.usefixtures("nothing_left")
def test_a_form_within_a_form_is_only_text(server: Server) -> None:
    inner = b"--i\r\nContent-Disposition: file; filename=x\r\n\r\n1\r\n--i--"
    body = part('name="x"', inner, "Content-Type: multipart/mixed; boundary=i")

    assert server.post(body + b"--b--").json()["fields"] == [["x", inner.decode()]]


@pytest.mark.usefixtures("nothing_left")
def test_a_compressed_form_is_refused(server: Server) -> None:
    assert server.post(file_part(b"1") + b"--b--", **{"Content-Encoding": "gzip"}).status_code == 415


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("body", [b"a=%FF", b"&".join(b"a=1" for _ in range(1001)), "a=ë".encode()])
def test_a_plain_form_that_cannot_be_read_is_refused(server: Server, body: bytes) -> None:
    assert server.post(body, "application/x-www-form-urlencoded").status_code == 400


def test_a_plain_form_of_too_much_text_is_refused(server: Server) -> None:
    assert server.post(b"a=" + b"x" * MB, "application/x-www-form-urlencoded").status_code == 413


@pytest.mark.usefixtures("nothing_left")
def test_a_form_said_to_be_too_large_is_refused_before_its_body(server: Server) -> None:
    with server.connect(f"Content-Length: {LARGEST + 3 * MB}") as connection:
        assert " 413 " in answer(connection)


@pytest.mark.usefixtures("nothing_left")
def test_an_endless_file_is_cut_at_the_limit(server: Server) -> None:
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"

    with server.connect("Transfer-Encoding: chunked") as connection:
        head = file_part(b"")[:-2]
        connection.sendall(b"%x\r\n%b\r\n" % (len(head), head))
        sender = threading.Thread(target=_send_endlessly, args=(connection, chunk), daemon=True)
        sender.start()
        assert " 413 " in answer(connection)
        connection.shutdown(socket.SHUT_RDWR)
        sender.join()


def _send_endlessly(connection: socket.socket, chunk: bytes) -> None:
    with suppress(OSError):
        for _ in range(4 * LARGEST // len(chunk)):
            connection.sendall(chunk)


@pytest.mark.usefixtures("nothing_left")
def test_a_form_that_falls_silent_leaves_nothing(server: Server) -> None:
    with server.connect("Content-Length: 5000000") as connection:
        connection.sendall(file_part(b"only the beginning")[:-2])
        assert " 408 " in answer(connection)


def test_a_connection_that_breaks_leaves_nothing(server: Server) -> None:
    before = server.paths()
    with server.connect("Content-Length: 50000000") as connection:
        connection.sendall(file_part(b"x" * 5 * MB)[:-2])
        while server.paths() == before:
            time.sleep(0.01)

    end = time.monotonic() + 5
    while server.paths() != before:
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.usefixtures("nothing_left")
def test_without_signing_in_the_body_is_not_read(server: Server) -> None:
    cookie, server.cookie = server.cookie, "made-up"
    try:
        with server.connect("Content-Length: 50000000", "Accept: application/json") as connection:
            assert " 401 " in answer(connection)
    finally:
        server.cookie = cookie


def test_memory_stays_flat_and_one_copy_is_written(server: Server) -> None:
    size, block = 128 * MB, os.urandom(MB)
    head, tail = file_part(b"")[:-2], b"\r\n--b--"
    before, written_before = server.memory(), _bytes_written(server)

    def body() -> Iterator[bytes]:
        yield head
        yield from (block for _ in range(size // MB))
        yield tail

    length = str(len(head) + size + len(tail))
    upload = server.post(body(), **{"Content-Length": length}).json()["uploads"]["file"]

    assert upload["size"] == size
    assert server.memory() - before < 40 * MB
    assert _bytes_written(server) - written_before < 1.1 * size
    (server.folder / "uploads" / upload["id"]).unlink()


def _bytes_written(server: Server) -> int:
    match = re.search(r"wchar: (\d+)", Path(f"/proc/{server.process.pid}/io").read_text())
    assert match
    return int(match[1])
