"""A real desk in a process of its own, on a free port, with a folder of its own; and a program that talks to it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import httpx

from tests.ports import lasting_port
from webapp.accounts import add_user, create_token
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.migrate import migrate
from webapp.store.tables import Role

ROOT = Path(__file__).resolve().parent.parent
ENDED = {"completed", "completed_with_errors", "needs_attention", "failed", "cancelled"}
PASSWORD = "seven small boats"


class RunningProcess:
    """A command of ours in a process of its own, that can be stopped, killed and started again."""

    def __init__(self, data: Path, command: str, **settings: str) -> None:
        self.data = data
        self.folder = ROOT
        self.environment: Mapping[str, str] = {}
        self._command = command
        self._settings = {f"BATCHDESK_{name.upper()}": value for name, value in settings.items()}
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        """Start it, and return once it says so."""
        raise NotImplementedError

    def _launch(self, **settings: str) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("BATCHDESK_")}
        own = {"BATCHDESK_DATA": str(self.data), "BATCHDESK_DISK_RESERVE": "0", "PYTHONPATH": str(ROOT)}
        self.data.mkdir(parents=True, exist_ok=True)
        with (self.data / "server.log").open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "webapp", *self._command.split()],
                cwd=self.folder,
                env={**clean, **self.environment, **own, **settings, **self._settings},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )

    def _read_line(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    @property
    def pid(self) -> int:
        """The id of the first of its processes."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the first of its processes is there."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """Kill -9, with what is below it, all at once."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._close()

    def kill_quietly(self) -> None:
        """Kill -9, if there is anything left to kill."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self.kill()
        self._close()

    def kill_server_only(self) -> None:
        """Kill -9 to the first process; its children have to notice."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._close()

    def terminate(self) -> None:
        """SIGTERM, and go on at once."""
        assert self._process is not None
        self._process.terminate()

    def wait(self) -> int:
        """Until it has left; the exit status."""
        assert self._process is not None
        self._process.wait(timeout=30)
        self._close()
        return self._process.returncode

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        assert self._process is not None
        if self._process.poll() is None:
            self.terminate()
        return self.wait()

    def _close(self) -> None:
        assert self._process is not None
        if self._process.stdout is not None:
            self._process.stdout.close()

    def log(self) -> str:
        """What the processes with this data folder wrote."""
        return (self.data / "server.log").read_text()


class RunningWorker(RunningProcess):
    """`batchdesk worker`."""

    def __init__(self, data: Path, **settings: str) -> None:
        super().__init__(data, "worker", **settings)

    def start(self) -> Self:
        """Start it, and return once it says that it works."""
        self._launch()
        line = self._read_line()
        if not line.startswith("Batchdesk works"):
            self.kill_quietly()
            raise AssertionError(f"the worker did not start: {line}{self.log()}")
        return self


class RunningDesk(RunningProcess):
    """`batchdesk serve`, that can be stopped, killed and started again over the same folder."""

    def __init__(self, data: Path, **settings: str) -> None:
        super().__init__(data, "serve", **settings)
        self.port = lasting_port()
        self.url = ""
        self.link: str | None = None

    def start(self) -> Self:
        """Start it, and return once it says where it is."""
        self._launch(BATCHDESK_PORT=str(self.port))
        try:
            self._read_address()
            self._wait_until_ready()
        except BaseException:
            self.kill_quietly()
            raise
        return self

    def _read_address(self) -> None:
        line = self._read_line()
        found = re.search(r"http://[^\s]+:(\d+)", line)
        assert found, f"the desk did not start: {line}{self.log()}"
        assert int(found[1]) == self.port
        self.url = found[0]
        if not self._has_users():
            self._read_line()
            self.link = self._read_line()

    def _has_users(self) -> bool:
        database = self._database()
        with database.engine.connect() as connection:
            users = connection.exec_driver_sql('SELECT count(*) FROM "user" WHERE password_hash IS NOT NULL')
            count = users.scalar_one()
        database.close()
        return bool(count)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/healthz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.02)
        raise AssertionError(f"the desk does not answer: {self.log()}")

    def add_user(self, name: str, role: Role = Role.operator) -> None:
        """Somebody who may sign in with PASSWORD."""
        database = self._database()
        add_user(database, name, role, PASSWORD)
        database.close()

    def program(self, name: str = "robot", role: Role = Role.operator) -> "Program":
        """A program with a token of its own."""
        self.add_user(name, role)
        database = self._database()
        token = create_token(database, name)
        database.close()
        return Program(self, token)

    def _database(self) -> Database:
        url = self._settings.get("BATCHDESK_DATABASE_URL")
        database = Database(Settings(data=self.data, database_url=url).database)
        migrate(database)
        return database


class Program:
    """Talks to the API with a bearer token."""

    def __init__(self, desk: RunningDesk, token: str) -> None:
        self.desk = desk
        self.headers = {"Authorization": f"Bearer {token}"}

    def at(self, desk: RunningDesk) -> "Program":
        """The same program, talking to another process of the same desk."""
        other = Program(desk, "")
        other.headers = self.headers
        return other

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request; `path` is below /api/v1 unless it is a whole one."""
        path = path if path.startswith("/api/") else f"/api/v1{path}"
        headers = {**self.headers, **more.pop("headers", {})}
        return httpx.request(method, self.desk.url + path, headers=headers, timeout=120, **more)

    def submit(self, job_type: str, file: Path | None = None, *, once: str | None = None, **params: Any) -> str:
        """Hand in a job; its id."""
        answer = self.try_submit(job_type, file, once=once, **params)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def try_submit(
        self, job_type: str, file: Path | None = None, *, once: str | None = None, **params: Any
    ) -> httpx.Response:
        """Hand in a job; the answer, whatever it is."""
        data = {"job_type": job_type, "params": json.dumps(params)}
        headers = {"Idempotency-Key": once} if once else {}
        if file is None:
            files: Mapping[str, Any] = {name: (None, value) for name, value in data.items()}
            return self.request("POST", "/jobs", files=files, headers=headers)
        with file.open("rb") as content:
            return self.request("POST", "/jobs", data=data, files={"file": (file.name, content)}, headers=headers)

    def job(self, job_id: str) -> dict[str, Any]:
        """A job as it stands; its rows must add up whenever one looks."""
        job: dict[str, Any] = self.request("GET", f"/jobs/{job_id}").json()
        rows = dict(job["rows"])
        received = rows.pop("received")
        assert received == sum(rows.values()), job["rows"]
        return job

    def wait(self, job_id: str, states: set[str] = ENDED, seconds: float = 60) -> dict[str, Any]:
        """A job once it is in one of these states."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            job = self.job(job_id)
            if job["state"] in states:
                return job
            time.sleep(0.05)
        raise AssertionError(f"the job is still {job['state']} after {seconds} s: {job}\n{self.desk.log()[-3000:]}")

    def wait_for_rows(self, job_id: str, rows: int, seconds: float = 60) -> dict[str, Any]:
        """A job once so many of its rows are accounted for, or it has ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            job = self.job(job_id)
            if job["rows"]["received"] - job["rows"]["waiting"] >= rows or job["state"] in ENDED:
                return job
            time.sleep(0.01)
        raise AssertionError(f"no {rows} rows after {seconds} s: {job}")

    def problems(self, job_id: str) -> list[dict[str, Any]]:
        """All rows that went wrong."""
        problems: list[dict[str, Any]] = []
        path: str | None = f"/api/v1/jobs/{job_id}/problems"
        while path:
            answer = self.request("GET", path).json()
            problems += answer["problems"]
            path = answer["next"]
        return problems
