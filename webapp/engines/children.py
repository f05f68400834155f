"""The children of a worker process: started, asked to stop, killed if they do not, and their jobs taken back."""

import logging
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import col

from webapp.engines.aside import Aside, Deed
from webapp.engines.child import TROUBLE, TimeLimit, prepare_children, start_child
from webapp.jobs.claims import Claim, Task
from webapp.jobs.ending import took_too_long
from webapp.jobs.recovery import note_waiting, stop, take_back, target_of
from webapp.services.databases import Databases
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Job, State
from webapp.store.types import DatabaseNow

log = logging.getLogger("batchdesk.engine")

GRACE_SECONDS = 3.0  # how long a function may take to stop by itself once its job was called off, or its time is up


class Standing(NamedTuple):
    """What the desk says of a claimed job."""

    state: State
    forced: bool
    expired: bool | None


@dataclass(slots=True)
class Child:
    """A process at work on a claim, or waiting for one; `kill_at` once it was asked to stop."""

    process: ForkServerProcess
    worker: Connection
    kill_at: float | None = None
    limit: TimeLimit | None = None

    def listen(self) -> None:
        """Hear what it has to say."""
        with suppress(EOFError, OSError):
            while self.worker.poll():
                self.limit = self.worker.recv()

    def ask_to_stop(self, grace_s: float | None = None) -> None:
        """Ask again each time: a process that has only just begun may not have heard. After `grace_s` it is killed."""
        if self.kill_at is None and grace_s is not None:
            self.kill_at = time.monotonic() + grace_s
        self.process.terminate()

    def kill(self) -> None:
        """Kill it and the programs it has started, which are of its group."""
        self.kill_at = self.kill_at or time.monotonic()
        if self.process.pid is not None and self.process.is_alive():
            with suppress(ProcessLookupError, PermissionError):  # it has made no group yet
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()

    def is_over_time(self) -> bool:
        """Whether it should have ended its job by itself, and had its grace to do so."""
        return self.limit is not None and time.monotonic() >= self.limit.ends_at + GRACE_SECONDS

    def bury(self) -> int | None:
        """Give back what it held; its exit status."""
        self.process.join()
        status = self.process.exitcode
        self.process.close()
        self.worker.close()
        return status


class Children:
    """All children of this process. For one thread."""

    def __init__(self, database: Database, data: Databases, settings: Settings) -> None:
        self._database = database
        self._data = data
        self._settings = settings
        self._context: ForkServerContext | None = None
        self._children: dict[Claim, Child] = {}
        self._aside = Aside(partial(note_waiting, database))
        self._to_give_back: dict[Claim, str] = {}  # by no fault of theirs; a full disk may not let us yet
        self._next: Child | None = None
        self._next_has: frozenset[tuple[str, int, int]] = frozenset()

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

    @property
    def has_next(self) -> bool:
        """Whether a process waits for the next claim, or did so a moment ago."""
        return self._next is not None

    def have_next(self) -> bool:
        """See that a process waits for the next claim; False if the system does not give one."""
        if self._context is None:
            raise RuntimeError("prepare() was not called")
        code = code_in(self._settings.job_types)
        if self._next is not None and (code != self._next_has or not self._next.process.is_alive()):
            self.dismiss_next()
        if self._next is None:
            try:
                self._next, self._next_has = Child(*start_child(self._context, self._settings)), code
            except (OSError, EOFError):
                log.exception("no process could be started")
        return self._next is not None

    def dismiss_next(self) -> None:
        """Let the process go that waits for the next claim."""
        if self._next is not None:
            self._next.kill()
            self._next.bury()
            self._next = None

    def start(self, claim: Claim) -> bool:
        """Have the process that waits work on a claim; False, and the job is given back, if there is none."""
        child, self._next = self._next, None
        if child is not None:
            self._children[claim] = child
            with suppress(OSError):  # it has just died: that is seen to as with any other
                child.worker.send(claim)
            return True
        if claim.task is not Task.clean:
            self._see_to(claim, partial(take_back, self._database, self._data, claim, lost=False))
        return False

    def reap(self) -> None:
        """See to the children that have ended: a job that did not end with its child is taken back."""
        for claim, child in list(self._children.items()):
            child.listen()
            if child.process.is_alive():
                continue
            over_time = child.is_over_time()
            status = child.bury()
            del self._children[claim]  # if taking back fails, the lease ends and it is tried again
            if claim.task is Task.clean:
                continue  # what it has not noted as done is due again
            if child.limit and over_time:
                how = (took_too_long(child.limit.seconds), _how_it_ended(status))
                self._see_to(claim, partial(stop, self._database, self._data, claim, *how))
            elif status == TROUBLE:
                self._to_give_back[claim] = _how_it_ended(status)
            else:
                lost = child.kill_at is None
                self._take_back(claim, _how_it_ended(status), lost=lost)
        for claim, detail in list(self._to_give_back.items()):
            self._take_back(claim, detail, lost=False)
            del self._to_give_back[claim]

    def take_back_aside(self, claim: Claim) -> bool:
        """Have a job taken back whose worker is silent, if its database may be waited for; False if not."""
        target = target_of(self._database, claim.job_id)
        if target is not None:
            self._aside.put(claim, target, partial(take_back, self._database, self._data, claim, lost=True))
        return target is not None

    def leave(self) -> None:
        """The worker ends."""
        self._aside.leave()

    def _take_back(self, claim: Claim, detail: str, *, lost: bool) -> None:
        self._see_to(claim, partial(take_back, self._database, self._data, claim, lost=lost, detail=detail))

    def _see_to(self, claim: Claim, deed: Deed) -> None:
        """At once, unless the job writes into a database of somebody else's."""
        target = target_of(self._database, claim.job_id)
        if target is None:
            deed()
        else:
            self._aside.put(claim, target, deed)

    def stop_unwanted(self, *, leases_count: bool = True) -> None:
        """Ask the children to stop whose jobs were paused or called off, or are no longer theirs.

        One whose lease has run out may be frozen with the database's lock in its hands: nobody else could end that.

        Args:
            leases_count: whether the clock can tell that a lease has run out.
        """
        if not self._children:
            return
        standings = self._standings()
        for claim, child in self._children.items():
            if claim.task is Task.clean:
                continue
            standing = standings.get((claim.job_id, claim.fence))
            if standing is not None and standing.forced:
                child.kill()
            elif standing is not None and standing.state is State.pausing:
                child.ask_to_stop()
            elif standing is None or (leases_count and standing.expired) or standing.state is not _STATE[claim.task]:
                child.ask_to_stop(GRACE_SECONDS)

    def stop_all(self, grace_s: float) -> None:
        """Ask every child to come to its next safe place."""
        for child in self._children.values():
            child.ask_to_stop(grace_s)

    def kill_overdue(self) -> None:
        """Kill the children that were asked to stop, or whose time is up, and that did not end in time."""
        for child in self._children.values():
            if child.is_over_time() or (child.kill_at is not None and time.monotonic() >= child.kill_at):
                child.kill()

    def next_kill(self) -> float | None:
        """In how many seconds `kill_overdue` has something to do."""
        ends = [child.kill_at for child in self._children.values() if child.kill_at is not None]
        ends += [child.limit.ends_at + GRACE_SECONDS for child in self._children.values() if child.limit]
        return max(0.05, min(ends) - time.monotonic()) if ends else None

    def _standings(self) -> dict[tuple[object, int], Standing]:
        expired = col(Job.lease_until) < DatabaseNow()
        ids = {claim.job_id for claim in self._children}
        query = select(col(Job.id), col(Job.fence), col(Job.state), col(Job.forced), expired)
        with self._database.read() as session:
            found = session.execute(query.where(col(Job.id).in_(ids)))
            return {(job_id, fence): Standing(state, forced, over) for job_id, fence, state, forced, over in found}


def code_in(folder: Path | None) -> frozenset[tuple[str, int, int]]:
    """What tells whether the code in a folder has changed since a process has loaded it."""
    files = ((file, file.stat()) for file in folder.rglob("*.py")) if folder else ()
    return frozenset((str(file), found.st_mtime_ns, found.st_size) for file, found in files)


def _how_it_ended(status: int | None) -> str:
    """For administrators: why there is no more of the process than its exit status."""
    if status is not None and status < 0:
        return f"The process was ended by signal {-status} ({signal.strsignal(-status)})."
    return f"The process ended with status {status}."


_STATE = {Task.run: State.running, Task.check: State.checking}
"""What a job is in that is worked on and not called off."""
