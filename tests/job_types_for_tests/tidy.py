"""Jobs that leave something behind, and clean it up whatever became of them."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

from webapp.authoring import Cancelled, ComeBackLater, Context, Depends, JobError, JobFacts, Row, job
from webapp.settings import Settings


def open_book(settings: Settings) -> Iterator[str]:
    """A service for the clean-up."""
    yield str(settings.data)


def sweep(folder: str, facts: JobFacts, book: Annotated[str, Depends(open_book)]) -> None:
    """Take away what an attempt left, and say so."""
    if (Path(folder) / "broken").exists():
        raise OSError("the broom is broken")
    if (Path(folder) / "called off").exists():
        raise asyncio.CancelledError
    if (Path(folder) / "slow").exists():
        time.sleep(8)
    (Path(folder) / f"left by {facts.attempt}").unlink(missing_ok=True)
    (Path(folder) / "sweeps in").write_text(tempfile.gettempdir())
    with (Path(folder) / "swept").open("a") as file:
        file.write(f"{facts.attempt} {bool(book)}\n")


async def sweep_async(folder: str, facts: JobFacts) -> None:
    """The same on a loop."""
    await asyncio.sleep(0)
    sweep(folder, facts, "book")


def _raise(error: BaseException) -> None:
    raise error


def _hog() -> None:
    kept = bytearray(2_000_000_000)
    kept[0] = 1


HOW: dict[str, Callable[[], object]] = {
    "": lambda: None,
    "error": lambda: _raise(KeyError("x")),
    "refuse": lambda: _raise(JobError("No.")),
    "stop": lambda: _raise(Cancelled()),
    "exit": lambda: _raise(SystemExit(3)),
    "later": lambda: _raise(ComeBackLater("Not yet.", 60)),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "wait": lambda: None,
    "sleep": lambda: time.sleep(600),
    "hog": _hog,
}


def _leave(ctx: Context, folder: str, how: str) -> None:
    (Path(folder) / f"left by {ctx.job.attempt}").touch()
    (Path(folder) / "works in").write_text(tempfile.gettempdir())
    swept = Path(folder) / "swept"
    ctx.log(f"found {len(swept.read_text().split()) // 2 if swept.exists() else 0}")
    if how == "kill once":
        how = "kill" if ctx.job.attempt == 1 else ""
    while how == "wait" and not (Path(folder) / "go on").exists():
        time.sleep(0.02)
    HOW[how]()


@job(title="Leave a mess", cleanup=sweep)
def leave_mess(ctx: Context, *, folder: str, how: str = "") -> None:
    """Leave something behind."""
    _leave(ctx, folder, how)


@job(title="Leave a mess in little time", cleanup=sweep, time_limit=1.0)
def leave_mess_in_time(ctx: Context, *, folder: str, how: str = "") -> None:
    """The same with a limit."""
    _leave(ctx, folder, how)


@job(title="Leave a mess in little memory", cleanup=sweep, memory_limit=400_000_000)
def leave_mess_in_memory(ctx: Context, *, folder: str, how: str = "") -> None:
    """The same with another limit."""
    _leave(ctx, folder, how)


@job(title="Leave a mess, row by row", cleanup=sweep_async)
async def leave_mess_rows(row: Row, ctx: Context, *, folder: str) -> None:
    """The same for each row."""
    await asyncio.sleep(0)
    _leave(ctx, folder, row["do"])
