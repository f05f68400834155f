"""The seam between the desk and what carries a job to a worker.

The job's row is the truth; an engine is only a doorbell. It may ring late, twice or, when a process dies, not at all:
claims decide who works, and a slow look at the table finds what no bell announced.
"""

import threading
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlmodel import Session

DRAIN_SECONDS = 18.0
"""How long jobs have to come to a safe place when their process is told to end."""


@dataclass(frozen=True, slots=True)
class Health:
    """How an engine is doing: `slots` jobs may run at once, `busy` of them do."""

    running: bool
    slots: int
    busy: int


class Engine(Protocol):
    """What every engine can do; `tests/engines/test_conformance.py` holds each to it."""

    def migrate(self) -> None:
        """Make whatever the engine keeps outside our own tables."""
        ...

    def prepare(self) -> None:
        """Get ready to `serve`. Called once, in the process's main thread."""
        ...

    def dispatch(self, session: Session, job_id: UUID) -> None:
        """Announce a waiting job with the caller's transaction: not before it commits, and only if it does."""
        ...

    def hint_cancel(self, job_id: UUID) -> None:
        """Say that a running job was called off, so that its worker need not find out by itself."""
        ...

    def serve(self, stop: threading.Event, drain_s: float) -> None:
        """Run jobs until `stop` is set; then let what runs come to a safe place, for `drain_s` seconds at most."""
        ...

    def wake(self) -> None:
        """Have `serve` look around at once."""
        ...

    def health(self) -> Health:
        """How this process's part of the engine is doing."""
        ...
