"""The engine for tests: jobs run in the caller's process and thread, as soon as they are handed in.

The claims and the work are the real ones. What needs a process of its own is not there: nothing can be killed, and
nobody keeps to the limits of a job type.
"""

import threading
from uuid import UUID

from sqlalchemy import event
from sqlmodel import Session

from webapp.engines import rounds
from webapp.engines.base import Health
from webapp.engines.bell import Bell
from webapp.engines.child import open_workshop
from webapp.engines.heartbeat import keep_claim
from webapp.jobs.claims import Claim, Task
from webapp.jobs.queue import claim_next
from webapp.jobs.recovery import take_back_expired
from webapp.jobs.run import work_to_the_end
from webapp.jobs.work import StopFlag
from webapp.kit import new_id
from webapp.settings import Settings
from webapp.store.database import Database


class InlineEngine:
    """Runs each job before its `dispatch` is over, and in `serve` what was left. See `base.Engine`."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._shop = open_workshop(settings, database)
        self._worker = new_id()
        self._bell = Bell()
        self._at_work: dict[UUID, StopFlag] = {}
        self._stop = threading.Event()
        self._running = False

    def migrate(self) -> None:
        """Nothing: all that this engine needs is in our own tables."""

    def prepare(self) -> None:
        """Nothing: there are no other processes."""

    def dispatch(self, session: Session, job_id: UUID) -> None:  # noqa: ARG002 (the table says which job)
        event.listen(session, "after_commit", lambda _: self.run_waiting(), once=True)

    def hint_cancel(self, job_id: UUID) -> None:
        if flag := self._at_work.get(job_id):
            flag.set()

    def wake(self) -> None:
        self._bell.ring()
        if self._stop.is_set():
            for flag in list(self._at_work.values()):
                flag.set()

    def health(self) -> Health:
        return Health(running=self._running, slots=self._shop.settings.workers, busy=len(self._at_work))

    def serve(self, stop: threading.Event, drain_s: float) -> None:  # noqa: ARG002 (there is nobody to wait for)
        self._stop, self._running = stop, True
        try:
            while not stop.is_set():
                take_back_expired(self._shop.database, self._shop.data)
                self.run_waiting()
                self._bell.wait(rounds.LOOK_SECONDS)
        finally:
            self._running = False
            self._shop.data.close()

    def run_waiting(self) -> None:
        """Run all that waits, one after the other."""
        settings = self._shop.settings
        for task in Task if settings.workers else ():
            while not self._stop.is_set():
                claim = claim_next(
                    self._shop.database, self._worker, task, settings.lease_seconds, settings.queues or {}
                )
                if claim is None:
                    break
                self._work_on(claim)

    def _work_on(self, claim: Claim) -> None:
        if claim.task is Task.clean:
            work_to_the_end(self._shop, claim, StopFlag())
            return
        stop = self._at_work[claim.job_id] = StopFlag()
        over = keep_claim(self._shop.database, claim, self._shop.settings.lease_seconds, stop, lost=stop.set)
        try:
            work_to_the_end(self._shop, claim, stop)
        finally:
            over.set()
            del self._at_work[claim.job_id]
