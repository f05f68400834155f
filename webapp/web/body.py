"""A request's body, in pieces large enough to be worth a trip to another thread."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TypeVar, TypeVarTuple

from anyio import CancelScope, CapacityLimiter, current_time, fail_after
from anyio.to_thread import run_sync
from fastapi import HTTPException, Request, status
from starlette.requests import ClientDisconnect

from webapp.errors import DeskError, TooLarge

PIECE = 1 << 20
IDLE_S = 30.0
DISK = CapacityLimiter(8)  # its own: however slow the disk, pages find a thread

Got = TypeVar("Got")
Given = TypeVarTuple("Given")


async def on_disk(work: Callable[[*Given], Got], *given: *Given) -> Got:
    """Do work that waits for the disk in a thread."""
    return await run_sync(work, *given, limiter=DISK)


async def take_body(request: Request, take: Callable[[bytearray], object]) -> None:
    """Give the body, piece by piece, to `take` in a thread, while the next piece is being received.

    When this ends, however it ends, `take` is no longer at work.

    Raises:
        HTTPException: 408 after a long silence.
        ClientDisconnect: the sender went away.
        Exception: whatever `take` raised.
    """
    taking: asyncio.Task[object] | None = None
    try:
        async with aclosing(pieces(request)) as body:
            async for piece in body:
                if taking is not None:
                    await taking
                taking = asyncio.create_task(on_disk(take, piece))
    finally:
        if taking is not None:
            with CancelScope(shield=True):
                await taking


async def whole_body(request: Request, most: int, too_long: str) -> bytearray:
    """The body of a request that is small.

    Raises:
        TooLarge: it is longer than `most` bytes; says `too_long`, before the body is read if its length is declared.
        HTTPException: 408 after a long silence.
        ClientDisconnect: the sender went away.
    """
    body = bytearray()
    if (declared_length(request) or 0) > most:
        raise TooLarge(too_long)
    async with aclosing(pieces(request)) as stream:
        async for piece in stream:
            body += piece
            if len(body) > most:
                raise TooLarge(too_long)
    return body


async def pieces(request: Request) -> AsyncGenerator[bytearray]:
    """The body in pieces of about 1 MiB; what came before a failure is given out before the failure is raised.

    Raises:
        HTTPException: 408 after a long silence.
        ClientDisconnect: the sender went away.
    """
    async with aclosing(request.stream()) as stream:
        while True:
            piece, failure = await _read_piece(stream)
            if piece:
                yield piece
            if failure is not None:
                raise failure
            if not piece:
                return


async def _read_piece(stream: AsyncGenerator[bytes]) -> tuple[bytearray, Exception | None]:
    """A piece and what ended it before its time; an empty one at the end."""
    piece = bytearray()
    try:
        with fail_after(IDLE_S) as silence:
            while len(piece) < PIECE and (chunk := await anext(stream, b"")):
                piece += chunk
                silence.deadline = current_time() + IDLE_S
    except TimeoutError:
        return piece, HTTPException(status.HTTP_408_REQUEST_TIMEOUT)
    except ClientDisconnect as error:
        return piece, error
    return piece, None


def declared_length(request: Request) -> int | None:
    """How many bytes the body is said to have; None if it comes in chunks of unknown number.

    Raises:
        DeskError: what it says is no number.
    """
    said = request.headers.get("content-length")
    if said is None:
        return None
    if not (said.isascii() and said.isdigit()):
        raise DeskError("Content-Length must be a whole number.")
    return int(said)


def require_plain(request: Request) -> None:
    """Refuse a compressed body: how much it would become is not known before it is too late.

    Raises:
        HTTPException: 415.
    """
    if request.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise HTTPException(status.HTTP_415_UNSUPPORTED_MEDIA_TYPE)
