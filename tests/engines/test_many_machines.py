"""Several machines on one PostgreSQL: two that serve, two that work, each in a folder of its own; files are shared."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.jobs.bench import JOB_TYPES, items
from tests.postgres import PostgresServer
from tests.running import PASSWORD, RunningDesk, RunningWorker
from webapp.store.tables import Role

ROWS = 200
PATIENCE_S = 20.0


class Machines:
    """Two desks that serve pages and run nothing, and two workers."""

    def __init__(self, folder: Path, url: str) -> None:
        settings = {"database_url": url, "job_types": str(JOB_TYPES)}
        data = folder / "data"
        self.serving = [RunningDesk(data, **settings, workers="0") for _ in range(2)]
        self.working = [RunningWorker(data, **settings, workers="2") for _ in range(2)]
        for number, machine in enumerate((*self.serving, *self.working)):
            machine.folder = folder / f"machine {number}"
            machine.folder.mkdir()

    def start(self) -> "Machines":
        for machine in (*self.serving, *self.working):
            machine.start()
        return self

    def kill_quietly(self) -> None:
        for machine in (*self.serving, *self.working):
            machine.kill_quietly()


@pytest.fixture(scope="module")
def machines(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer, postgres_template: str
) -> Iterator[Machines]:
    database = postgres_server.create_database(postgres_template)
    machines = Machines(tmp_path_factory.mktemp("machines"), postgres_server.url(database))
    try:
        yield machines.start()
    finally:
        machines.kill_quietly()
        postgres_server.drop_database(database)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "items.csv"
    file.write_text(items(ROWS))
    return file


class Watcher:
    """Somebody who watches a job's page: what its stream sent, by a thread of its own."""

    def __init__(self, desk: RunningDesk, job_id: str) -> None:
        self._desk = desk
        self._path = f"/jobs/{job_id}/stream"
        self.heard: list[str] = []
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        with httpx.Client(base_url=self._desk.url, headers={"Origin": self._desk.url}, timeout=60) as client:
            assert client.post("/sign-in", data={"name": "Ann", "password": PASSWORD}).status_code == 303
            with client.stream("GET", self._path, headers={"Accept": "text/event-stream"}) as stream:
                for line in stream.iter_lines():
                    self.heard.append(line)
                    if line == "event: done":
                        return

    def wait_for(self, words: str) -> None:
        """Until this was heard."""
        wait_until(lambda: any(words in line for line in self.heard))


def wait_until(true: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.05)


def test_a_job_handed_in_on_one_is_run_by_another_and_watched_on_a_third(machines: Machines, file: Path) -> None:
    first, second = machines.serving
    first.add_user("Ann", Role.admin)
    program = first.program()
    job_id = program.submit("keep_rows", file, pause=0.01)
    watcher = Watcher(second, job_id)
    watcher.wait_for("Running")
    job = program.wait(job_id)
    assert (job["state"], job["rows"]["done"]) == ("completed", ROWS)
    watcher.wait_for("event: done")
    watcher.wait_for(f"{ROWS:,}")


@pytest.mark.parametrize("victim", ["serving 0", "serving 1", "working 0", "working 1"])
def test_whichever_is_killed_nothing_is_lost_and_the_others_go_on(machines: Machines, file: Path, victim: str) -> None:
    kind, number = victim.split()
    process = getattr(machines, kind)[int(number)]
    desk = next(desk for desk in machines.serving if desk is not process)
    program = desk.program(f"robot for {victim}")
    jobs = [program.submit("keep_rows", file, pause=0.01, table=f"kept{each}") for each in range(3)]
    for job_id in jobs:
        program.wait_for_rows(job_id, 20)
    process.kill()
    deadline = time.monotonic() + PATIENCE_S
    new = program.submit("keep_some")
    for job_id in jobs:
        rows = program.job(job_id)["rows"]
        program.wait_for_rows(job_id, rows["received"] - rows["waiting"] + 1, seconds=deadline - time.monotonic())
    program.wait(new, seconds=deadline - time.monotonic())
    for job_id in (*jobs, new):
        job = program.wait(job_id)
        assert (job["state"], job["rows"]["waiting"]) == ("completed", 0)
    process.start()
