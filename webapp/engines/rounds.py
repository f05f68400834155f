"""What every engine's worker does, again and again: whatever rings the bell, the table says what there is to do."""

import logging
import os
import shutil
import socket
import threading
import time
from contextlib import suppress

from webapp.engines.base import Health
from webapp.engines.bell import Bell
from webapp.engines.children import Children
from webapp.engines.jumps import Jumps
from webapp.jobs.claims import Task
from webapp.jobs.queue import claim_next, seconds_to_next, silent_elsewhere, waits
from webapp.jobs.recovery import LeasesAhead, take_back_expired
from webapp.jobs.workers import beat, leave
from webapp.kit import new_id
from webapp.services.databases import Databases
from webapp.settings import Settings
from webapp.store.database import Database

log = logging.getLogger("batchdesk.engine")

LOOK_SECONDS = 1.0  # the safety net: found at the latest after this, if a doorbell was lost
BEAT_SECONDS = 5.0  # how often the worker says that it is alive
REST_SECONDS = 5.0  # how long no process is started after the system refused one
PATIENCE_SECONDS = 1.0  # for a locked data database: other jobs wait for this thread, and it looks again
QUIET_SECONDS = 0.02  # a job that begins has the processors to itself: the process for the next one is made after it
CLEAN_SLOTS = 1
CHECK_SLOTS = 2  # files are checked beside the jobs, so that a preview never waits for a long job


class Rounds:
    """One worker: it claims jobs, and looks after the children that work on them."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.bell = Bell()
        self._database = database
        self._data = Databases(settings, patience_s=PATIENCE_SECONDS)
        self._settings = settings
        self._limits = settings.queues or {}
        self._worker = new_id()  # never used again: a machine's name and a process's number are
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._children = Children(database, self._data, settings)
        self._ahead = LeasesAhead(settings.lease_seconds)
        self._jumps = Jumps(database, settings.lease_seconds)
        self._beat_at = self._began_at = float("-inf")
        self._rest_until = self._quiet_until = float("-inf")
        self._running = False

    def prepare(self) -> None:
        """Start the process that children are forked from. Call it in the main thread."""
        if self._settings.workers:
            self._children.prepare()

    def health(self) -> Health:
        """How it is doing."""
        return Health(running=self._running, slots=self._settings.workers, busy=len(self._children))

    def serve(self, stop: threading.Event, drain_s: float) -> None:
        """Go round until `stop` is set; then let what runs come to a safe place, for `drain_s` seconds at most."""
        self._running, self._began_at = True, time.monotonic()
        try:
            while not stop.is_set():
                self._go_round()
                self._wait(self._until_next_look())
            self._drain(drain_s)
        finally:
            self._running = False
            with suppress(Exception):  # leaving is a courtesy; silence would be noticed as well
                leave(self._database, self._worker)
            self._children.leave()
            self._data.close()

    def _go_round(self) -> None:
        """See to what ended, what was called off, what waits, and what was left behind."""
        self._children.kill_overdue()
        try:
            self._children.reap()
            in_doubt = self._jumps.are_leases_in_doubt()
            self._children.stop_unwanted(leases_count=not in_doubt)
            self._fill_all()
            if not in_doubt and take_back_expired(
                self._database, self._data, self._children.take_back_aside, self._ahead
            ):
                self._fill_all()
            self._beat_now_and_then()
        except Exception:
            log.exception("the engine's round failed; it tries again")

    def _beat_now_and_then(self) -> None:
        if self._settings.workers and time.monotonic() - self._beat_at > BEAT_SECONDS:
            beat(self._database, self._worker, self._name)
            self._beat_at = time.monotonic()

    def _fill_all(self) -> None:
        if self._settings.workers and not self._children.has_next and self._quiet_left() <= 0:
            self._has_process()
        self._fill(Task.run, self._settings.workers - self._room_kept())
        self._fill(Task.check, CHECK_SLOTS if self._settings.workers else 0)
        self._fill(Task.clean, CLEAN_SLOTS if self._settings.workers else 0)

    def _room_kept(self) -> int:
        """Places for jobs that may have been interrupted: until their leases have run out they go before newer ones."""
        running_for, lease = time.monotonic() - self._began_at, self._settings.lease_seconds
        return (
            0
            if running_for > lease + 2 * LOOK_SECONDS
            else silent_elsewhere(self._database, self._worker, lease, running_for)
        )

    def _fill(self, task: Task, slots: int) -> None:
        while self._children.at_work_on(task) < slots and self._is_worth_a_process(task) and self._has_process():
            claim = claim_next(self._database, self._worker, task, self._settings.lease_seconds, self._limits)
            if claim is None or not self._children.start(claim):
                return
            self._quiet_until = time.monotonic() + QUIET_SECONDS

    def _is_worth_a_process(self, task: Task) -> bool:
        return self._children.has_next or waits(self._database, task)

    def _has_process(self) -> bool:
        """Nothing is claimed before there is somebody to work on it, and room for what comes of it."""
        if time.monotonic() < self._rest_until:
            return False
        if shutil.disk_usage(self._settings.data).free >= self._settings.least_free and self._children.have_next():
            return True
        self._rest_until = time.monotonic() + REST_SECONDS
        return False

    def _drain(self, drain_s: float) -> None:
        """Ask every child to come to its next safe place, and wait; what has not stopped then is killed."""
        self._children.dismiss_next()
        while self._children:
            self._children.stop_all(drain_s)
            self._children.kill_overdue()
            try:
                self._children.reap()
            except Exception:
                log.exception("a job could not be given back; it goes on when its lease has ended")
            self._wait(0.2)

    def _until_next_look(self) -> float:
        """A scheduled job is begun when its time has come, not at the next look after."""
        try:
            first = seconds_to_next(self._database)
        except Exception:  # noqa: BLE001 (the round says what ails the database)
            return LOOK_SECONDS
        look = LOOK_SECONDS if self._children.has_next else max(0.0, self._quiet_left()) or LOOK_SECONDS
        return min(first, look) if first is not None and first > 0 else look

    def _quiet_left(self) -> float:
        return self._quiet_until - time.monotonic()

    def _wait(self, seconds: float) -> None:
        """Until the bell rings, a child ends, a grace period is over, or the time is up."""
        next_kill = self._children.next_kill()
        if next_kill is not None:
            seconds = min(seconds, next_kill)
        self.bell.wait(seconds, self._children.sentinels())
