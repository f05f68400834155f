"""Named places at which a process of the desk kills itself, if a plan says so.

This file lies in the folder of job types, so each process that runs jobs loads it: nothing of the desk knows of it.
A plan is a file, `plan`, in the folder that CHAOS_PLANS names: "serial|place|nth|signal". The process that gets to that
place for the nth time takes the plan away, by which others see that it was there, and sends itself the signal: it dies
as by kill -9, or freezes. `died` holds its id. Then what `next` says is the plan.
"""

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from webapp.engines.children import Children
from webapp.jobs import ending, recovery, rows, run, table
from webapp.jobs.context import JobContext
from webapp.jobs.ledger import Ledger
from webapp.jobs.mending import Menders
from webapp.services.data import DataDatabase, DataWriter
from webapp.store.files import Files

PLANS = Path(os.environ["CHAOS_PLANS"]) if os.environ.get("CHAOS_PLANS") else None
_reached: dict[str, Counter[str]] = {}


class _Within(threading.local):
    """The places that a thread is within: others commit meanwhile."""

    def __init__(self) -> None:
        self.places: list[str] = []


_within = _Within()


def reached(place: str) -> None:
    """Die or freeze here, if it is planned."""
    if PLANS is None:
        return
    try:
        plan = (PLANS / "plan").read_text()
    except FileNotFoundError:
        return
    rows.COMMIT_SECONDS = table.COMMIT_SECONDS = 0  # the nth commit comes soon
    if _reached.get(plan) is None:
        _reached.clear()
    seen = _reached.setdefault(plan, Counter())
    seen[place] += 1
    _, planned, nth, what = plan.split("|")
    if planned == place and seen[place] == int(nth):
        _die(signal.Signals[what])


def _die(what: signal.Signals) -> None:
    assert PLANS is not None
    (PLANS / "plan").unlink()
    with suppress(FileNotFoundError):
        (PLANS / "next").rename(PLANS / "plan")
    (PLANS / "part").write_text(str(os.getpid()))
    (PLANS / "died").unlink(missing_ok=True)
    (PLANS / "part").rename(PLANS / "died")
    os.kill(os.getpid(), what)


def around(owner: Any, name: str, place: str) -> None:
    """Make places of a function: before it, in its transaction, and after it."""
    function = getattr(owner, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        reached(f"before {place}")
        _within.places.append(place)
        try:
            result = function(*args, **kwargs)
        finally:
            _within.places.pop()
        reached(f"after {place}")
        return result

    setattr(owner, name, wrapped)


def around_block(owner: Any, name: str, place: str) -> None:
    """The same for a block: at its beginning, when its own work is done, and after it."""
    function: Callable[..., Any] = getattr(owner, name)

    @contextmanager
    def wrapped(*args: Any, **kwargs: Any) -> Iterator[Any]:
        with function(*args, **kwargs) as value:
            reached(f"at the beginning of {place}")
            yield value
            reached(f"at the end of {place}")
            _within.places.append(place)
        _within.places.pop()
        reached(f"after {place}")

    setattr(owner, name, wrapped)


def install() -> None:
    """Make all places."""
    around(Ledger, "commit", "the ledger's commit")
    around(DataWriter, "commit", "the data's commit")
    around(ending, "finish", "the end")
    around(DataDatabase, "take", "taking the marker")
    around(recovery, "settle", "settling")
    around(recovery, "release", "taking back")
    around(run, "release", "giving back")
    around(Children, "start", "starting a child")
    around(run, "open_work", "beginning")
    around(Menders, "send_back", "the mending")
    around_block(Files, "write_result", "the result file")
    around_block(JobContext, "open_result", "the result")
    event.listen(Engine, "commit", lambda _: reached(f"in {_within.places[-1]}") if _within.places else None)


if PLANS is not None:
    install()
