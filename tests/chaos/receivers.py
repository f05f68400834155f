"""`python -m tests.chaos.receivers FOLDER`: far ends in a process of their own, which nobody kills.

Each effect is a line of a log, on the disk before the answer goes out: two web receivers, one that does a thing once
for each key and one that does whatever it is sent, and a mail server.
"""

import asyncio
import json
import os
import subprocess
import sys
import threading
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from webapp.engines.guardian import die_with_parent


class Log:
    """Effects, one a line."""

    def __init__(self, folder: Path, name: str) -> None:
        self._file = os.open(folder / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._lock = threading.Lock()

    def write(self, effect: dict[str, Any]) -> None:
        """Write one down, durably."""
        with self._lock:
            os.write(self._file, json.dumps(effect).encode() + b"\n")
            os.fsync(self._file)


class Keyed:
    """Effects by key: the first request with a key has one, the others are told that it was done."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._done: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def receive(self, effect: dict[str, Any], key: str) -> int:
        """The status to answer with: 422 for a key that was used for something else."""
        with self._lock:
            if key not in self._done:
                self._log.write(effect)
                self._done[key] = effect
            return 200 if self._done[key] == effect else 422


def serve_http(folder: Path) -> ThreadingHTTPServer:
    """Both web receivers, on a free port."""
    keyed, hook = Keyed(Log(folder, "keyed")), Log(folder, "hook")

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            effect = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = 200
            if self.path == "/keyed":
                status = keyed.receive(effect, self.headers["Idempotency-Key"])
            else:
                hook.write(effect)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """What was received is in the log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Mailbox:
    """Takes every mail; its subject says what it is about."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's)
        """A mail has arrived whole."""
        content = envelope.content
        assert isinstance(content, bytes)
        self._log.write(json.loads(message_from_bytes(content)["Subject"]))
        return "250 taken"


async def serve(folder: Path) -> None:
    """Serve everything, and say at which ports."""
    mailbox = Mailbox(Log(folder, "mail"))
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(mailbox), "127.0.0.1", 0)
    ports = {"CHAOS_HTTP_PORT": serve_http(folder).server_port, "CHAOS_SMTP_PORT": server.sockets[0].getsockname()[1]}
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    await server.serve_forever()


class Receivers:
    """That process, as seen by whoever started it; jobs find it by their `environment`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        command = [sys.executable, "-m", "tests.chaos.receivers", str(folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        ports = json.loads(self._process.stdout.readline())
        self.environment = {name: str(port) for name, port in ports.items()}

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


if __name__ == "__main__":
    die_with_parent()
    asyncio.run(serve(Path(sys.argv[1])))
