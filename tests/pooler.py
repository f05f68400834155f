"""A real pgbouncer before a PostgreSQL of the tests."""

import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

import psycopg
import pytest
from sqlalchemy import make_url

from tests.ports import lasting_port
from tests.postgres import die_with_the_tests, system_user

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
PATIENCE_S = 10.0

needs_pooler = pytest.mark.skipif(PGBOUNCER is None, reason="pgbouncer is not installed: scripts/apt pgbouncer")


class Pooler:
    """A pgbouncer on a port of this machine; it lets in whoever PostgreSQL would."""

    def __init__(self, url: str, mode: str, ignored: str = "") -> None:
        """Write its settings; nothing is started yet.

        Args:
            url: a database of the server that it stands before, as `PostgresServer.url` gives it.
            mode: after what a connection of the server is given to another client: `transaction` or `session`.
            ignored: what clients may ask for at the beginning and do not get.
        """
        self._port = lasting_port()
        self._folder = Path(tempfile.mkdtemp(prefix="batchdesk-pooler-"))
        self._owner = system_user(self._folder)  # it refuses to run as root
        self._settings = self._folder / "pgbouncer.ini"
        self._url = make_url(url)
        self._settings.write_text(
            f"[databases]\n* = host={self._url.query['host']} user=postgres\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {self._port}\nunix_socket_dir =\nauth_type = any\n"
            f"logfile = {self._folder / 'log'}\npool_mode = {mode}\nignore_startup_parameters = {ignored}\n"
        )
        self._settings.chmod(0o644)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of the database by way of it."""
        there = self._url.set(host="127.0.0.1", port=self._port, query={})
        return there.render_as_string(hide_password=False)

    def __enter__(self) -> Self:
        """Start it, and return once it passes on what is asked."""
        assert PGBOUNCER is not None
        self._process = subprocess.Popen(
            [PGBOUNCER, "-q", str(self._settings)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self._owner,
            cwd="/",
            preexec_fn=die_with_the_tests,  # noqa: PLW1509 (calls one function of the C library)
        )
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + PATIENCE_S
        while True:
            assert self._process.poll() is None, f"pgbouncer does not start: {self._log()}"
            with suppress(psycopg.OperationalError):
                psycopg.connect(self.url.replace("+psycopg", "")).close()
                return
            assert time.monotonic() < deadline, f"pgbouncer does not answer: {self._log()}"
            time.sleep(0.02)

    def _log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")

    def __exit__(self, *_: object) -> None:
        """Stop it, and take its folder away."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
