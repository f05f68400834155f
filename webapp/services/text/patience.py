"""A limit on the time that one line may take: a regular expression can need longer than the world stands."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Self

SECONDS = 2.0
"""Of the processor, so that a busy machine makes nobody wait for nothing."""


class TookTooLongError(Exception):
    """The line took longer than it may."""


class Patience:
    """Within the block, each line that is said to begin may take 2 to 4 seconds. Python's own engine heeds signals.

    Only a process's main thread gets them: elsewhere, the limit is that of the job.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self.line = 0
        self._seconds = seconds
        self._seen = -1
        self._in_charge = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> Self:
        if self._in_charge:
            self._before = signal.signal(signal.SIGVTALRM, self._look)
            signal.setitimer(signal.ITIMER_VIRTUAL, self._seconds, self._seconds)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._in_charge:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, self._before)

    def _look(self, _signal: int, _frame: FrameType | None) -> None:
        if self.line == self._seen:
            raise TookTooLongError
        self._seen = self.line
