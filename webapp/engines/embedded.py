"""The engine inside the web process: a thread that claims jobs and looks after the children that work on them."""

import logging
import os
import threading
import time
from contextlib import suppress
from multiprocessing import connection
from uuid import UUID

from sqlalchemy import event
from sqlmodel import Session

from webapp.engines.base import Health
from webapp.engines.children import Children
from webapp.jobs.claims import Task
from webapp.jobs.queue import claim_next
from webapp.jobs.recovery import take_back_expired
from webapp.jobs.workers import beat, leave
from webapp.kit import new_id
from webapp.services.data import DataDatabase
from webapp.settings import Settings
from webapp.store.database import Database

log = logging.getLogger("batchdesk.engine")

LOOK_SECONDS = 1.0  # the safety net: found at the latest after this, if a doorbell was lost
BEAT_SECONDS = 5.0  # how often the worker says that it is alive
REST_SECONDS = 5.0  # how long no process is started after the system refused one
PATIENCE_SECONDS = 1.0  # for a locked data database: other jobs wait for this thread, and it looks again
CHECK_SLOTS = 2  # files are checked beside the jobs, so that a preview never waits for a long job


class EmbeddedEngine:
    """Runs jobs on this machine without anything else installed. See `base.Engine`."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._data = DataDatabase(settings.data_database, patience_s=PATIENCE_SECONDS)
        self._settings = settings
        self._worker = new_id()
        self._children = Children(database, self._data, settings)
        self._bell_out, self._bell_in = os.pipe()
        os.set_blocking(self._bell_in, False)
        os.set_blocking(self._bell_out, False)
        self._beat_at = float("-inf")
        self._rest_until = float("-inf")
        self._running = False

    def migrate(self) -> None:
        """Nothing: all that this engine needs is in our own tables."""

    def prepare(self) -> None:
        """Start the process that children are forked from. Call it in the main thread."""
        self._children.prepare()

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
        self._children.kill_overdue()
        try:
            self._children.reap()
            self._children.stop_unwanted()
            take_back_expired(self._database, self._data)
            self._beat_now_and_then()
            self._fill(Task.run, self._settings.workers)
            self._fill(Task.check, CHECK_SLOTS if self._settings.workers else 0)
        except Exception:
            log.exception("the engine's round failed; it tries again")

    def _beat_now_and_then(self) -> None:
        if time.monotonic() - self._beat_at > BEAT_SECONDS:
            beat(self._database, self._worker)
            self._beat_at = time.monotonic()

    def _fill(self, task: Task, slots: int) -> None:
        while time.monotonic() >= self._rest_until and self._children.at_work_on(task) < slots:
            limits = self._settings.queues or {}
            claim = claim_next(self._database, self._worker, task, self._settings.lease_seconds, limits)
            if claim is None:
                return
            if not self._children.start(claim):
                self._rest_until = time.monotonic() + REST_SECONDS

    def _drain(self, drain_s: float) -> None:
        """Ask every child to come to its next safe place, and wait; what has not stopped then is killed."""
        while self._children:
            self._children.stop_all(drain_s)
            self._children.kill_overdue()
            try:
                self._children.reap()
            except Exception:
                log.exception("a job could not be given back; it goes on when its lease has ended")
            self._wait(0.2)

    def _wait(self, seconds: float) -> None:
        """Until a doorbell rings, a child ends, a grace period is over, or the time is up."""
        next_kill = self._children.next_kill()
        if next_kill is not None:
            seconds = min(seconds, next_kill)
        connection.wait([self._bell_out, *self._children.sentinels()], timeout=seconds)
        with suppress(BlockingIOError):
            while os.read(self._bell_out, 4096):
                pass
