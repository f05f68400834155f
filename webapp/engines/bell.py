"""What a waiting engine is woken by, from any thread of its process."""

import os
from collections.abc import Iterable
from contextlib import suppress
from multiprocessing import connection


class Bell:
    """Rings once however often it is rung before somebody listens."""

    def __init__(self) -> None:
        self._out, self._in = os.pipe()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)

    def ring(self) -> None:
        """Wake who waits, or who waits next."""
        with suppress(BlockingIOError):  # a full pipe is a ringing bell
            os.write(self._in, b"!")

    def wait(self, seconds: float, others: Iterable[int] = ()) -> None:
        """Until it rings, one of the other handles is ready, or the time is up."""
        connection.wait([self._out, *others], timeout=seconds)
        with suppress(BlockingIOError):
            while os.read(self._out, 4096):
                pass
