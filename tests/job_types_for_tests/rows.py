"""Row jobs that behave as badly as real ones: each row says what to do."""

import asyncio
import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from pydantic import BaseModel, field_validator

from webapp.authoring import Context, JobError, Rejected, Skipped, job


class Item(BaseModel):
    """A row: its number again, and what happens over it."""

    id: int
    do: str = ""


class Fussy(BaseModel):
    """A model whose own code makes an error over some rows."""

    id: int
    do: str = ""

    @field_validator("do")
    @classmethod
    def look_up(cls, value: str) -> str:
        """Fails in a way that pydantic does not know."""
        return {"": "", "good": "good"}[value]


class Birth(BaseModel):
    """Somebody and their birthday."""

    id: int
    born: date


def _raise(error: BaseException) -> None:
    raise error


def _spin() -> None:
    while True:
        pass


def _stop_the_heart() -> None:
    """End the thread that renews the lease, as nothing that it foresees would."""
    for thread in threading.enumerate():
        if thread.name == "heartbeat":
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit))
    time.sleep(600)


DEEDS: dict[str, Callable[[], object]] = {
    "error": lambda: _raise(KeyError("nothing")),
    "reject": lambda: _raise(Rejected("is not wanted here", column="do")),
    "skip": lambda: _raise(Skipped("needs nothing")),
    "odd": lambda: _raise(Rejected("half a character: \udcff")),
    "give up": lambda: _raise(JobError("The till is closed.")),
    "sys.exit": lambda: sys.exit("that was it"),
    "os._exit": lambda: os._exit(3),
    "segfault": lambda: ctypes.string_at(0),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "freeze": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "spin": _spin,
    "sleep": lambda: time.sleep(600),
    "stop the heart": _stop_the_heart,
    "hog": lambda: bytearray(2_000_000_000),
    "cancelled": lambda: _raise(asyncio.CancelledError()),
}


@job(title="Keep rows")
def keep_rows(row: Item, ctx: Context, *, pause: float = 0.0, once: bool = False, table: str = "kept") -> None:
    """Put each row into the data database, then do what it says; if `once`, only in the first attempt."""
    ctx.data.insert(table, {"id": row.id})
    if row.do and not (once and ctx.job.attempt > 1):
        DEEDS[row.do]()
    if pause:
        threading.Event().wait(pause)  # `time.sleep` fails by the clock of `tests.clocks`


@job(title="Keep rows, and say so")
def keep_rows_and_say_so(row: Item, ctx: Context, *, mark: str, pause: float = 0.0) -> None:
    """The same, and make the file `mark` when a row begins."""
    Path(mark).touch()
    keep_rows(row, ctx, pause=pause)


@job(title="Keep rows, and wait for a file")
def keep_rows_and_wait(row: Item, ctx: Context, *, gate: str, table: str, pause: float = 0.0) -> None:
    """The same, and be at a row that says "wait" until there is the file `gate`."""
    keep_rows(Item(id=row.id), ctx, pause=pause, table=table)
    while row.do == "wait" and not Path(gate).exists():
        threading.Event().wait(0.05)


@job(title="Keep rows in little memory", memory_limit=400_000_000)
def keep_rows_in_little_memory(row: Item, ctx: Context) -> None:
    """The same with a limit."""
    keep_rows(row, ctx)


@job(title="Keep rows in little time", time_limit=4.0)
def keep_rows_in_little_time(row: Item, ctx: Context, *, pause: float = 0.0) -> None:
    """The same with another limit."""
    keep_rows(row, ctx, pause=pause)


@job(title="Keep rows, without hurry")
async def keep_rows_async(row: Item, ctx: Context) -> None:
    """The same with an async function."""
    await asyncio.sleep(0)
    ctx.data.insert("kept", {"id": row.id})
    if row.do:
        DEEDS[row.do]()


@job(title="Look for a cancellation in each row")
def patient_rows(row: Item, ctx: Context) -> None:
    """The last row waits until it is called off; it would not notice otherwise."""
    ctx.data.insert("kept", {"id": row.id})
    while row.do == "wait":
        ctx.check_cancelled()
        time.sleep(0.01)


@job(title="Obey by returning from a row")
def obey_rows(row: Item, ctx: Context) -> None:
    """The last row waits until it has to stop, and returns without having done anything."""
    while row.do == "wait":
        if ctx.cancelled:
            return
        time.sleep(0.01)
    ctx.data.insert("kept", {"id": row.id})


@job(title="Fussy rows")
def fussy_rows(row: Fussy, ctx: Context) -> None:
    """Put each row into the data database."""
    ctx.data.insert("kept", {"id": row.id})


@job(title="Keep days")
def keep_days(row: Birth, ctx: Context) -> None:
    """Say the month of each day."""
    ctx.log(f"row {row.id}: month {row.born.month}")
