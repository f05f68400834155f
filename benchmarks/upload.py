"""How fast a file comes in, and what memory that takes: `python benchmarks/upload.py [megabytes]`.

Starts the desk on a free port, sends a file by tus, then another as a form, and prints one line for each:
megabytes a second until the answer (the file is durable and hashed by then), and the server's peak memory.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from webapp.accounts import add_user, open_session
from webapp.store.database import Database
from webapp.store.migrate import migrate
from webapp.store.tables import Role

MB = 1_000_000
HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
TAIL = b"\r\n--b--\r\n"


class Desk:
    """A running desk with one operator signed in."""

    def __init__(self, folder: Path) -> None:
        database = Database(f"sqlite:///{folder / 'batchdesk.sqlite3'}")
        migrate(database)
        self.cookie = open_session(database, add_user(database, "Ada", Role.operator, "seven small boats").id)
        database.close()
        own = {"BATCHDESK_DATA": str(folder), "BATCHDESK_PORT": "0", "BATCHDESK_WORKERS": "0"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "webapp", "serve"], env=os.environ | own, stdout=subprocess.PIPE, text=True
        )
        said = self.process.stdout.readline() if self.process.stdout else ""
        self.port = int(said.rsplit(":", 1)[1])

    def ask(self, request: str, *headers: str, source: Path | None = None, head: bytes = b"", tail: bytes = b"") -> str:
        """The head of the answer to a request, with a file in its body."""
        length = (source.stat().st_size if source else 0) + len(head) + len(tail)
        own = [f"Host: 127.0.0.1:{self.port}", f"Cookie: batchdesk={self.cookie}", "Sec-Fetch-Site: same-origin"]
        lines = [f"{request} HTTP/1.1", *own, f"Content-Length: {length}", *headers, "", ""]
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall("\r\n".join(lines).encode() + head)
            if source:
                with source.open("rb") as file:
                    connection.sendfile(file)
            connection.sendall(tail)
            return connection.recv(65536).decode()

    def peak(self) -> float:
        """The largest resident memory the process ever had, in megabytes."""
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self.process.pid}/status").read_text())
        return int(found[1]) * 1024 / MB if found else 0.0

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait()


def send_by_tus(desk: Desk, source: Path) -> str:
    version = "Tus-Resumable: 1.0.0"
    created = desk.ask("POST /uploads", version, f"Upload-Length: {source.stat().st_size}")
    address = next(line[10:] for line in created.splitlines() if line.lower().startswith("location: "))
    kind = "Content-Type: application/offset+octet-stream"
    return desk.ask(f"PATCH {address}", version, "Upload-Offset: 0", kind, source=source)


def send_as_form(desk: Desk, source: Path) -> str:
    # the desk has no such job type and says so: after it has received the form
    kind = "Content-Type: multipart/form-data; boundary=b"
    return desk.ask("POST /jobs", kind, source=source, head=HEAD, tail=TAIL)


def main() -> None:
    size = int(sys.argv[1] if len(sys.argv) > 1 else 512) * MB
    block = os.urandom(MB)
    for name, send, status in (("tus", send_by_tus, " 204 "), ("form", send_as_form, " 404 ")):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "source"
            with source.open("wb") as file:
                file.writelines(block for _ in range(size // MB))
            desk = Desk(Path(folder))
            idle, began = desk.peak(), time.perf_counter()
            answer = send(desk, source)
            seconds, peak = time.perf_counter() - began, desk.peak()
            desk.stop()
        assert status in answer, answer
        print(f"{name}: {size / MB / seconds:.0f} MB/s, peak {peak:.0f} MB ({peak - idle:.0f} MB more than idle)")


if __name__ == "__main__":
    main()
