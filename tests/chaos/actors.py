"""Processes played by coroutines: each runs the desk's own code, and stops, dies or freezes where a chance decides.

The places are the edges of transactions, of all there are: before one begins, before it commits, after it has. Who dies
in the middle of one leaves it uncommitted, as a killed process does, and can do nothing more: whatever clearing up its
code still attempts dies in turn.
"""

import random
from collections.abc import Callable
from typing import Any

from greenlet import getcurrent, greenlet
from sqlalchemy import Connection, Engine, event

from webapp.jobs.claims import Claim
from webapp.jobs.work import StopFlag


class Killed(BaseException):
    """Kill -9, as far as one process can play it."""


class Actor:
    """One process. `claim` is what it works on, if it is a worker."""

    def __init__(self, name: str, play: Callable[["Actor"], None]) -> None:
        self.name = name
        self.claim: Claim | None = None
        self.stop = StopFlag()
        self.is_dead = False
        self.is_frozen = False
        self.writing: set[int] = set()
        """Transactions that hold a lock: nobody else would get on while it is out."""
        self._greenlet = greenlet(lambda: self._play(play))

    def _play(self, play: Callable[["Actor"], None]) -> None:
        _playing[getcurrent()] = self
        try:
            play(self)
        except Killed:
            self.is_dead = True
        finally:
            _playing.pop(getcurrent(), None)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.is_dead or self._greenlet.dead

    def go_on(self) -> None:
        """Let it run to the next place where it stops."""
        self._greenlet.switch()

    def kill(self) -> None:
        """Kill it where it stands."""
        self.is_dead = True
        if self._greenlet:
            self._greenlet.throw(Killed)


_playing: dict[greenlet, Actor] = {}


class Fate:
    """Decides at each place what becomes of who got there."""

    def __init__(self) -> None:
        self.chance = random.Random()
        self.deadly = 0.0
        self.switching = 0.0
        self.places = 0
        self.deaths = 0

    def at(self, place: str) -> None:  # noqa: ARG002 (for whoever looks into a failure)
        """A place is reached.

        Raises:
            Killed: this process ends here.
        """
        actor = _playing.get(getcurrent())
        if actor is None:
            return
        self.places += 1
        if not actor.is_dead and self.chance.random() < self.deadly:
            actor.is_dead = True
            self.deaths += 1
        if actor.is_dead:
            raise Killed
        if not actor.writing and self.chance.random() < self.switching:
            parent = getcurrent().parent
            assert parent is not None
            parent.switch()
            if actor.is_dead:
                raise Killed

    def watch(self, engine: Engine, name: str) -> None:
        """Make places of the edges of all transactions of an engine."""

        def begun(connection: Connection) -> None:
            actor = _playing.get(getcurrent())
            if actor is not None and connection.get_execution_options().get("write"):
                actor.writing.add(id(connection.connection.dbapi_connection))

        event.listen(engine, "checkout", lambda *_: self.at(f"before a transaction of {name}"))
        event.listen(engine, "begin", begun)
        self._watch_ends(engine.dialect, name)

    def _watch_ends(self, dialect: Any, name: str) -> None:
        do_commit, do_rollback = dialect.do_commit, dialect.do_rollback

        def ended(connection: Any) -> None:
            actor = _playing.get(getcurrent())
            if actor is not None:
                actor.writing.discard(id(connection.dbapi_connection))

        def commit(connection: Any) -> None:
            self.at(f"in a transaction of {name}")
            do_commit(connection)
            ended(connection)
            self.at(f"after a transaction of {name}")

        def rollback(connection: Any) -> None:
            do_rollback(connection)
            ended(connection)

        dialect.do_commit, dialect.do_rollback = commit, rollback
