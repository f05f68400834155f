"""A desk with an engine at work beside the tests."""

import gc
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.jobs.bench import Bench, MakeEngine
from webapp.engines.embedded import EmbeddedEngine
from webapp.engines.inline import InlineEngine
from webapp.engines.procrastinate import ProcrastinateEngine
from webapp.jobs.lifecycle import ENDED
from webapp.store.tables import Job, State

ENGINES: list[MakeEngine] = [EmbeddedEngine, ProcrastinateEngine]
"""Those whose jobs run in processes of their own."""

ALL_ENGINES: list[MakeEngine] = [*ENGINES, InlineEngine]
DRAIN_SECONDS = 5.0


class House(Bench):
    """A desk whose engine can be started and stopped."""

    def __init__(self, folder: Path, make_engine: MakeEngine, **settings: Any) -> None:
        super().__init__(folder, make_engine=make_engine, **settings)
        self.engine.migrate()
        self._stop = threading.Event()
        self._serving: threading.Thread | None = None

    def start(self, drain_s: float = DRAIN_SECONDS) -> "House":
        """Have the engine run jobs."""
        self.engine.prepare()
        self._stop.clear()
        self._serving = threading.Thread(target=self.engine.serve, args=(self._stop, drain_s))
        self._serving.start()
        return self

    def stop(self) -> float:
        """Have it come to an end; how many seconds that took."""
        if self._serving is None:
            return 0.0
        began = time.monotonic()
        self._stop.set()
        self.engine.wake()
        self._serving.join(timeout=40)
        assert not self._serving.is_alive(), "the engine does not stop"
        self._serving = None
        return time.monotonic() - began

    def wait(self, job_id: UUID, *states: State, seconds: float = 30) -> Job:
        """A job once it is in one of these states; if none is named, once it has ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            job = self.job(job_id)
            if job.state in (states or ENDED):
                return job
            time.sleep(0.02)
        raise AssertionError(f"the job is still {job.state} after {seconds} s: {job}")

    def wait_until(self, true: Callable[[], object], seconds: float = 20) -> None:
        """Until something is so."""
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, "it does not come about"
            time.sleep(0.02)


def descendants(pid: int) -> set[int]:
    """The processes below a process that are alive."""
    children: dict[int, set[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except (OSError, IndexError):
            continue
        if fields[0] != "Z":
            children.setdefault(int(fields[1]), set()).add(int(entry.name))
    found, waiting = set(), [pid]
    while waiting:
        below = children.get(waiting.pop(), set())
        found |= below
        waiting += below
    return found


def open_files() -> int:
    """How many files this process holds open, but for those that earlier tests have left to be collected."""
    gc.collect()
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 (one of these is the folder itself, as before)
