"""The engine inside the web process, for one machine: its bell is rung in the process itself."""

import threading
from uuid import UUID

from sqlalchemy import event
from sqlmodel import Session

from webapp.engines.base import Health
from webapp.engines.rounds import Rounds
from webapp.settings import Settings
from webapp.store.database import Database


class EmbeddedEngine:
    """Runs jobs on this machine without anything else installed. See `base.Engine`."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._rounds = Rounds(database, settings)

    def migrate(self) -> None:
        """Nothing: all that this engine needs is in our own tables."""

    def prepare(self) -> None:
        """Start the process that children are forked from. Call it in the main thread."""
        self._rounds.prepare()

    def dispatch(self, session: Session, job_id: UUID) -> None:  # noqa: ARG002 (the table says which job)
        event.listen(session, "after_commit", lambda _: self.wake(), once=True)

    def hint_cancel(self, job_id: UUID) -> None:  # noqa: ARG002
        self.wake()

    def wake(self) -> None:
        self._rounds.bell.ring()

    def health(self) -> Health:
        return self._rounds.health()

    def serve(self, stop: threading.Event, drain_s: float) -> None:
        self._rounds.serve(stop, drain_s)
