"""A topic of the hub as a stream of server-sent events."""

import time
from collections.abc import AsyncIterator

from anyio import sleep, to_thread
from fastapi import Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from webapp.web.access import still_signed_in
from webapp.web.desk import Desk
from webapp.web.live import Topic

LOOK_AGAIN_SECONDS = 15.0  # how soon a stream ends after its user may no longer watch
PING_SECONDS = 15


def stream(
    request: Request, desk: Desk, topic: Topic, *, event: str | None = None, pause_s: float = 0
) -> EventSourceResponse:
    """Send the topic's present state at once, then each new one; `done` after the last.

    Args:
        request: whose user must stay signed in.
        desk: the running desk.
        topic: what is watched.
        event: the events' name; unnamed ones are swapped into the page.
        pause_s: the least time between two events.
    """
    return EventSourceResponse(
        _events(request, desk, topic, event, pause_s),
        ping=PING_SECONDS,
        sep="\n",
        headers={"X-Accel-Buffering": "no"},
    )


async def _events(
    request: Request, desk: Desk, topic: Topic, event: str | None, pause_s: float
) -> AsyncIterator[ServerSentEvent]:
    looked_at = time.monotonic()
    async for snapshot in desk.hub.watch(topic, LOOK_AGAIN_SECONDS):
        if time.monotonic() - looked_at >= LOOK_AGAIN_SECONDS:
            if not await to_thread.run_sync(still_signed_in, request, desk):
                return
            looked_at = time.monotonic()
        if snapshot is None:
            continue
        yield ServerSentEvent(snapshot.html, event=event, id=snapshot.version, sep="\n")
        if snapshot.last:
            yield ServerSentEvent("", event="done", sep="\n")
        if pause_s:
            await sleep(pause_s)
