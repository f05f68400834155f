"""The children of a worker process: started, asked to stop, killed if they do not, and their jobs taken back."""

import logging
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess

from sqlmodel import col, select

from webapp.engines.child import TROUBLE, prepare_children, start_child
from webapp.jobs.claims import Claim, Task
from webapp.jobs.recovery import take_back
from webapp.services.data import DataDatabase
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Job, State

log = logging.getLogger("batchdesk.engine")

GRACE_SECONDS = 3.0  # how long a function may take to stop by itself once its job was called off


@dataclass(slots=True)
class Child:
    """A process at work on a claim; `kill_at` once it was asked to stop."""

    process: ForkServerProcess
    kill_at: float | None = None

    def ask_to_stop(self, grace_s: float) -> None:
        """Ask again each time: a process that has only just begun may not have heard."""
        if self.kill_at is None:
            self.kill_at = time.monotonic() + grace_s
        self.process.terminate()

    def kill(self) -> None:
        """Kill it and the programs it has started, which are of its group."""
        if self.process.pid is not None and self.process.is_alive():
            with suppress(ProcessLookupError, PermissionError):  # it has made no group yet
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()


class Children:
    """All children of this process. For one thread."""

    def __init__(self, database: Database, data: DataDatabase, settings: Settings) -> None:
        self._database = database
        self._data = data
        self._settings = settings
        self._context: ForkServerContext | None = None
        self._children: dict[Claim, Child] = {}

    def __len__(self) -> int:
        return len(self._children)

    def prepare(self) -> None:
        """Start the process that children are forked from. Call it in the main thread."""
        self._context = prepare_children()

    def at_work_on(self, task: Task) -> int:
        """How many claims of this kind are being worked on."""
        return sum(claim.task is task for claim in self._children)

    def sentinels(self) -> list[int]:
        """What becomes ready when a child ends."""
        return [child.process.sentinel for child in self._children.values()]

    def start(self, claim: Claim) -> bool:
        """Have a new process work on a claim; False, and the job is given back, if the system does not give one."""
        if self._context is None:
            raise RuntimeError("prepare() was not called")
        try:
            self._children[claim] = Child(start_child(self._context, self._settings, claim))
        except (OSError, EOFError):
            log.exception("no process could be started")
            take_back(self._database, self._data, claim, lost=False)
            return False
        return True

    def reap(self) -> None:
        """See to the children that have ended: a job that did not end with its child is taken back."""
        for claim, child in list(self._children.items()):
            if child.process.is_alive():
                continue
            child.process.join()
            status = child.process.exitcode
            child.process.close()
            del self._children[claim]  # if taking back fails, the lease ends and it is tried again
            lost = child.kill_at is None and status != TROUBLE
            take_back(self._database, self._data, claim, lost=lost, detail=_how_it_ended(status))

    def stop_unwanted(self) -> None:
        """Ask the children to stop whose jobs were called off, or are no longer theirs."""
        for claim in self._unwanted():
            self._children[claim].ask_to_stop(GRACE_SECONDS)

    def stop_all(self, grace_s: float) -> None:
        """Ask every child to come to its next safe place."""
        for child in self._children.values():
            child.ask_to_stop(grace_s)

    def kill_overdue(self) -> None:
        """Kill the children that were asked to stop and did not in time."""
        for child in self._children.values():
            if child.kill_at is not None and time.monotonic() >= child.kill_at:
                child.kill()

    def next_kill(self) -> float | None:
        """In how many seconds `kill_overdue` has something to do."""
        ends = [child.kill_at for child in self._children.values() if child.kill_at is not None]
        return max(0.05, min(ends) - time.monotonic()) if ends else None

    def _unwanted(self) -> list[Claim]:
        if not self._children:
            return []
        with self._database.read() as session:
            ids = {claim.job_id for claim in self._children}
            jobs = session.execute(select(col(Job.id), col(Job.fence), col(Job.state)).where(col(Job.id).in_(ids)))
            held = {(job_id, fence): state for job_id, fence, state in jobs}
        return [claim for claim in self._children if held.get((claim.job_id, claim.fence)) is not _STATE[claim.task]]


def _how_it_ended(status: int | None) -> str:
    """For administrators: why there is no more of the process than its exit status."""
    if status is not None and status < 0:
        return f"The process was ended by signal {-status} ({signal.strsignal(-status)})."
    return f"The process ended with status {status}."


_STATE = {Task.run: State.running, Task.check: State.checking}
"""What a job is in that is worked on and not called off."""
