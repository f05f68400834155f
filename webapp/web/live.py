"""Live pages: what is watched is read once after a change, rendered once, and sent to everybody who watches it.

One hub in each process. No stream holds a database session, and a slow watcher gets the newest state, not a queue.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

from anyio import to_thread

from webapp.store.changes import Changes

LOOK_SECONDS = 0.2
LOOK_ANYWAY_SECONDS = 15.0  # what a page shows may also change because time goes by

log = logging.getLogger("batchdesk.live")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What there is to see of a topic now. It is sent when its `version` differs from the one sent before.

    After `look_in` seconds it may look different though nothing has changed.
    """

    version: str
    html: str
    last: bool = False
    look_in: float | None = None


class Topic(Protocol):
    """Something that can be watched."""

    @property
    def key(self) -> str:
        """Watchers of the same key share what is read and rendered."""
        ...

    def version(self) -> str | None:
        """What tells one state from the next, cheaply; None if it is gone. Called in a thread."""
        ...

    def render(self) -> Snapshot | None:
        """The present state; None if it is gone. Called in a thread."""
        ...


@dataclass(slots=True)
class Room:
    """The watchers of one topic."""

    topic: Topic
    watchers: int = 0
    latest: Snapshot | None = None
    gone: bool = False
    behind: bool = False  # it could not be read after a change, so it is tried again
    looked_at: float = 0.0
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def due(self) -> bool:
        """Whether it may look different because time has gone by."""
        wait = self.latest.look_in if self.latest else None
        return wait is not None and time.monotonic() - self.looked_at >= wait

    def show(self, snapshot: Snapshot | None) -> None:
        """Wake every watcher with a new state."""
        self.latest, self.gone = snapshot, snapshot is None
        self.moved.set()
        self.moved = asyncio.Event()


class Hub:
    """Looks at the database while somebody watches, and wakes those whose topic has moved."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._rooms: dict[str, Room] = {}
        self._looking: asyncio.Task[None] | None = None
        self._blind = False

    @property
    def watchers(self) -> int:
        """How many streams are open."""
        return sum(room.watchers for room in self._rooms.values())

    async def watch(self, topic: Topic, wait_s: float) -> AsyncIterator[Snapshot | None]:
        """The topic's present state at once, then each new one; None after `wait_s` seconds without any.

        The iterator ends after the last state, or when the topic is gone.
        """
        room = self._enter(topic)
        try:
            if room.latest is None:
                first = await to_thread.run_sync(topic.render)
                if room.latest is None and not room.gone:  # else a newer state has come meanwhile
                    room.latest = first
            sent: Snapshot | None = None
            while room.latest is not None and not room.gone:
                moved = room.moved
                if room.latest is not sent:
                    sent = room.latest
                    yield sent
                    if sent.last:
                        return
                    continue
                try:
                    await asyncio.wait_for(moved.wait(), wait_s)
                except TimeoutError:
                    yield None
        finally:
            self._leave(room)

    def _enter(self, topic: Topic) -> Room:
        room = self._rooms.setdefault(topic.key, Room(topic))
        room.watchers += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="hub")
        return room

    def _leave(self, room: Room) -> None:
        room.watchers -= 1
        if room.watchers == 0:
            self._rooms.pop(room.topic.key, None)

    async def _look(self) -> None:
        looked_at = time.monotonic()
        while self._rooms:
            await asyncio.sleep(LOOK_SECONDS)
            moved = await self._moved() or time.monotonic() - looked_at >= LOOK_ANYWAY_SECONDS
            if moved:
                looked_at = time.monotonic()
            for room in list(self._rooms.values()):
                if moved or room.behind or room.due:
                    await self._refresh(room)

    async def _moved(self) -> bool:
        try:
            moved = await to_thread.run_sync(self._changes.moved)
        except Exception:
            if not self._blind:  # the first time only: it looks again at once
                log.exception("Live pages stand still: whether something has changed can't be seen")
            self._blind = True
            return False
        self._blind = False
        return moved

    async def _refresh(self, room: Room) -> None:
        room.looked_at = time.monotonic()
        try:
            version = await to_thread.run_sync(room.topic.version)
            if room.latest is None or version != room.latest.version:
                room.show(await to_thread.run_sync(room.topic.render))
        except Exception:
            if not room.behind:
                log.exception("The live page of %s stands still: it can't be read", room.topic.key)
            room.behind = True
        else:
            room.behind = False
