"""The engine inside the web process: a thread that claims jobs and looks after the children that work on them."""

import logging
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from uuid import UUID

from sqlalchemy import event
from sqlmodel import Session, col, select

from webapp.engines.base import Health
from webapp.engines.child import LOST, prepare_children, start_child
from webapp.jobs.claims import Claim, Task, claim_next, release, release_expired
from webapp.jobs.workers import beat, leave
from webapp.kit import new_id
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Job, State

log = logging.getLogger("batchdesk.engine")

LOOK_SECONDS = 1.0  # the safety net: found at the latest after this, if a doorbell was lost
CARE_SECONDS = 5.0  # how often expired leases are looked for, and the worker says that it is alive
GRACE_SECONDS = 3.0  # how long a function may take to stop by itself once its job was called off
CHECK_SLOTS = 2  # files are checked beside the jobs, so that a preview never waits for a long job


@dataclass(slots=True)
class Child:
    """A process at work on a claim; `kill_at` once it was asked to stop."""

    claim: Claim
    process: ForkServerProcess
    kill_at: float | None = None


class EmbeddedEngine:
    """Runs jobs on this machine without anything else installed. See `base.Engine`."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._worker = new_id()
        self._children: dict[UUID, Child] = {}
        self._context: ForkServerContext | None = None
        self._bell_out, self._bell_in = os.pipe()
        os.set_blocking(self._bell_in, False)
        os.set_blocking(self._bell_out, False)
        self._cared_at = float("-inf")
        self._running = False

    def migrate(self) -> None:
        """Nothing: all that this engine needs is in our own tables."""

    def prepare(self) -> None:
        """Start the process that children are forked from. Call it in the main thread."""
        self._context = prepare_children()

    def dispatch(self, session: Session, job_id: UUID) -> None:  # noqa: ARG002 (the table says which job)
        event.listen(session, "after_commit", lambda _: self.wake(), once=True)

    def hint_cancel(self, job_id: UUID) -> None:  # noqa: ARG002
        self.wake()

    def wake(self) -> None:
        with suppress(BlockingIOError):  # a full pipe is a ringing bell
            os.write(self._bell_in, b"!")

    def health(self) -> Health:
        return Health(running=self._running, slots=self._settings.workers, busy=len(self._children))

    def serve(self, stop: threading.Event, drain_s: float) -> None:
        self._running = True
        beat(self._database, self._worker)
        try:
            while not stop.is_set():
                self._look()
                self._wait(LOOK_SECONDS)
            self._drain(drain_s)
        finally:
            self._running = False
            with suppress(Exception):  # leaving is a courtesy; silence would be noticed as well
                leave(self._database, self._worker)

    def _look(self) -> None:
        """One round: see to what ended, what was called off, what was left behind, and what waits."""
        try:
            self._reap()
            self._stop_cancelled()
            if time.monotonic() - self._cared_at > CARE_SECONDS:
                beat(self._database, self._worker)
                release_expired(self._database)
                self._cared_at = time.monotonic()
            self._fill(Task.run, self._settings.workers)
            self._fill(Task.check, CHECK_SLOTS if self._settings.workers else 0)
        except Exception:
            log.exception("the engine's round failed; it tries again")

    def _fill(self, task: Task, slots: int) -> None:
        while sum(child.claim.task is task for child in self._children.values()) < slots:
            claim = claim_next(self._database, self._worker, task, self._settings.lease_seconds)
            if claim is None:
                return
            self._start(claim)

    def _start(self, claim: Claim) -> None:
        if self._context is None:
            raise RuntimeError("prepare() was not called")
        try:
            process = start_child(self._context, self._settings, claim)
        except OSError:
            log.exception("no process could be started")
            release(self._database, claim, lost=True)
            return
        self._children[claim.job_id] = Child(claim, process)

    def _reap(self) -> None:
        for job_id, child in list(self._children.items()):
            if child.process.is_alive():
                continue
            child.process.join()
            del self._children[job_id]
            if child.process.exitcode != LOST:
                release(self._database, child.claim, lost=child.kill_at is None)
            child.process.close()

    def _stop_cancelled(self) -> None:
        """Ask the children of jobs that were called off to stop, and kill those that do not."""
        if not self._children:
            return
        with self._database.read() as session:
            calls = select(Job.id).where(col(Job.id).in_(self._children), col(Job.state) == State.cancelling)
            cancelled = session.exec(calls).all()
        for job_id in cancelled:
            self._ask_to_stop(self._children[job_id], GRACE_SECONDS)
        for child in self._children.values():
            if child.kill_at is not None and time.monotonic() >= child.kill_at:
                child.process.kill()

    def _ask_to_stop(self, child: Child, grace_s: float) -> None:
        if child.kill_at is None:
            child.process.terminate()
            child.kill_at = time.monotonic() + grace_s

    def _drain(self, drain_s: float) -> None:
        """Ask every child to come to its next safe place, and wait; what has not stopped then is killed."""
        for child in self._children.values():
            self._ask_to_stop(child, drain_s)
        while self._children:
            self._reap()
            for child in self._children.values():
                if child.kill_at is not None and time.monotonic() >= child.kill_at:
                    child.process.kill()
            self._wait(0.2)

    def _wait(self, seconds: float) -> None:
        """Until a doorbell rings, a child ends, a grace period is over, or the time is up."""
        ends = [child.kill_at for child in self._children.values() if child.kill_at is not None]
        if ends:
            seconds = max(0.0, min(seconds, min(ends) - time.monotonic()))
        sentinels = [child.process.sentinel for child in self._children.values()]
        connection.wait([self._bell_out, *sentinels], timeout=seconds)
        with suppress(BlockingIOError):
            while os.read(self._bell_out, 4096):
                pass
