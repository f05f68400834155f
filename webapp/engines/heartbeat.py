"""The heartbeat of a claim: its lease is renewed for as long as somebody works on it."""

import os
import threading
import time
from collections.abc import Callable

from webapp.jobs.claims import Claim, renew
from webapp.jobs.lifecycle import STOPPING
from webapp.jobs.work import StopFlag
from webapp.store.database import Database

LOST = 75  # the exit status of a process whose claim was taken away (EX_TEMPFAIL)


def leave_at_once() -> None:
    """End this process: what it worked on is somebody else's now."""
    os._exit(LOST)


def keep_claim(
    database: Database, claim: Claim, lease_seconds: float, stop: StopFlag, lost: Callable[[], None] = leave_at_once
) -> threading.Event:
    """Renew the lease from now on, however long a row takes.

    Args:
        database: the desk's database.
        claim: what is kept.
        lease_seconds: how long it holds each time.
        stop: set when the job was paused or called off.
        lost: called when the job is no longer ours, or when nobody renews the lease any more, whatever the reason.

    Returns:
        What to set when the work is over, if the process is not.
    """
    over = threading.Event()

    def beat() -> None:
        try:
            _renew_until_lost(database, claim, lease_seconds, stop, over)
        finally:
            if not over.is_set():
                lost()

    threading.Thread(target=beat, name="heartbeat", daemon=True).start()
    return over


def _renew_until_lost(
    database: Database, claim: Claim, lease_seconds: float, stop: StopFlag, over: threading.Event
) -> None:
    renewed_at = time.monotonic()
    while not over.wait(lease_seconds / 4):
        try:
            state = renew(database, claim, lease_seconds)
        except Exception:  # noqa: BLE001 (whatever ails the database: past the lease we may not work on)
            if time.monotonic() - renewed_at < lease_seconds:
                continue
            return
        if state is None:
            return
        renewed_at = time.monotonic()
        if state in STOPPING:
            stop.set()
