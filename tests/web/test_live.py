"""Live pages go on, whatever fails once, and never step back to an older state."""

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import cast

import pytest

from webapp.store.changes import Changes
from webapp.store.database import Database
from webapp.web import live
from webapp.web.live import Hub, Snapshot

LONG = 30.0


@dataclass(slots=True)
class Counter:
    """A topic of one number."""

    key: str = "counter"
    number: int = 1
    last: bool = False
    trouble: list[str] = field(default_factory=list)

    def version(self) -> str:
        self._fail("version")
        return str(self.number)

    def render(self) -> Snapshot:
        self._fail("render")
        return Snapshot(str(self.number), f"it is {self.number}", self.last)

    def _fail(self, where: str) -> None:
        if where in self.trouble:
            self.trouble.remove(where)
            raise OSError("the disk is gone")


class Flag:
    """Says once that something has changed, when told to; fails when told to."""

    def __init__(self) -> None:
        self.up = self.broken = False

    def moved(self) -> bool:
        if self.broken:
            self.broken = False
            raise OSError("the disk is gone")
        up, self.up = self.up, False
        return up


def hub_with(flag: Flag) -> Hub:
    return Hub(cast("Changes", flag))


async def following(watching: AsyncGenerator[Snapshot | None]) -> Snapshot | None:
    return await asyncio.wait_for(anext(watching), 5)


def watch(hub: Hub, topic: Counter) -> AsyncGenerator[Snapshot | None]:
    return cast("AsyncGenerator[Snapshot | None]", hub.watch(topic, LONG))


@pytest.mark.parametrize("where", ["version", "render"])
def test_a_page_that_cannot_be_read_once_is_shown_later_and_holds_up_no_other(
    where: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        flag, broken, sound = Flag(), Counter("broken"), Counter("sound")
        hub = hub_with(flag)
        pages = [watch(hub, broken), watch(hub, sound)]
        for page in pages:
            await following(page)
        broken.trouble = [where, where]
        broken.number = sound.number = 2
        flag.up = True  # once: nothing else changes after it
        for page in reversed(pages):
            assert await following(page) == Snapshot("2", "it is 2")
            await page.aclose()

    asyncio.run(story())
    assert [record.levelno for record in caplog.records if record.name == "batchdesk.live"] == [logging.ERROR]


def test_a_look_at_the_database_that_fails_is_not_the_last(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        flag, counter = Flag(), Counter()
        page = watch(hub_with(flag), counter)
        await following(page)
        flag.broken = flag.up = True
        counter.number = 2
        assert await following(page) == Snapshot("2", "it is 2")
        await page.aclose()

    asyncio.run(story())
    assert "the disk is gone" in caplog.text


def test_what_time_alone_has_changed_is_shown_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_ANYWAY_SECONDS", 0.0)

    async def story() -> None:
        counter = Counter()
        page = watch(hub_with(Flag()), counter)
        await following(page)
        counter.number = 2
        assert await following(page) == Snapshot("2", "it is 2")
        await page.aclose()

    asyncio.run(story())


def test_a_first_state_that_was_read_slowly_does_not_replace_a_newer_one() -> None:
    begun, go_on = threading.Event(), threading.Event()

    @dataclass(slots=True)
    class Slow(Counter):
        def render(self) -> Snapshot:
            shown = Counter.render(self)
            if not begun.is_set():
                begun.set()
                assert go_on.wait(5)
            return shown

    async def story() -> None:
        job = Slow()
        hub = hub_with(Flag())
        slow = watch(hub, job)
        first = asyncio.create_task(following(slow))
        assert await asyncio.to_thread(begun.wait, 5)
        job.number, job.last = 2, True  # it ends while its first state is being rendered
        assert await following(watch(hub, job)) == Snapshot("2", "it is 2", last=True)
        go_on.set()
        assert await first == Snapshot("2", "it is 2", last=True)
        with pytest.raises(StopAsyncIteration):
            await following(slow)

    asyncio.run(asyncio.wait_for(story(), 10))


def test_a_real_commit_wakes_a_page(database: Database) -> None:
    async def story() -> None:
        changes, counter = Changes(database), Counter()
        page = watch(Hub(changes), counter)
        await following(page)
        counter.number = 2
        with database.write() as session:
            session.connection().exec_driver_sql("CREATE TABLE change (id)")
        assert await following(page) == Snapshot("2", "it is 2")
        await page.aclose()
        changes.close()

    asyncio.run(story())
