"""Taking jobs back that write into a database of somebody else's: in a thread of its own, which may wait for it.

A server that does not answer holds up nobody but the jobs that write into it.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from webapp.jobs.claims import Claim

log = logging.getLogger("batchdesk.engine")

REST_SECONDS: Final = 10.0  # between two tries with one database
LEAVE_SECONDS: Final = 5.0  # how long what is under way may take when the worker leaves

Deed = Callable[[], object]


class Aside:
    """Does a deed for each claim, and again after a while if it did not work; the claims of a database in turn."""

    def __init__(self, tell: Callable[[Claim, str], None]) -> None:
        """`tell` is told why a job can't be taken back yet."""
        self._tell = tell
        self._deeds: dict[Claim, tuple[str, Deed]] = {}
        self._not_before: dict[str, float] = {}
        self._news = threading.Condition()
        self._stop = False
        self._thread: threading.Thread | None = None

    def put(self, claim: Claim, target: str, deed: Deed) -> None:
        """Have it done; what is put for a claim that waits already is left out."""
        with self._news:
            self._deeds.setdefault(claim, (target, deed))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="aside", daemon=True)
                self._thread.start()
            self._news.notify()

    def leave(self) -> None:
        """Do what can be done now, once; the rest is found by others when its lease has ended."""
        with self._news:
            self._stop = True
            self._news.notify()
        if self._thread is not None:
            self._thread.join(LEAVE_SECONDS)

    def _work(self) -> None:
        while (claim := self._next()) is not None:
            target, deed = self._deeds[claim]
            try:
                deed()
            except Exception as error:  # noqa: BLE001 (whatever ails the database)
                log.warning("job %s could not be taken back yet: %s", claim.job_id, error)
                self._not_before[target] = time.monotonic() + REST_SECONDS
                with suppress(Exception):
                    self._tell(claim, str(error))
            else:
                with self._news:
                    del self._deeds[claim]

    def _next(self) -> Claim | None:
        """A claim whose database may be tried, waited for; None once there is none and nothing is to be waited for."""
        with self._news:
            while True:
                waits = {claim: self._not_before.get(target, 0.0) for claim, (target, _) in self._deeds.items()}
                first = min(waits, key=waits.__getitem__, default=None)
                left = None if first is None else waits[first] - time.monotonic()
                if first is not None and left is not None and left <= 0:
                    return first
                if self._stop:
                    return None
                self._news.wait(left)
