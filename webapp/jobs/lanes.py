"""Several rows in a function's hands at the same time, each in a lane of its own.

All of them are written down as being sent before the first is, so what they do elsewhere they do with a key: after a
crash they are sent again with the same one.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

MOST = 64


@dataclass(slots=True)
class Lane:
    """A row in a function's hands, and what became of it."""

    row: int
    begun: bool = False
    """Whether it asked for its key, now or under an earlier claim, and may have left the desk."""
    told_to_stop: bool = False
    """Whether its function asked if it has to stop, and was told so."""
    error: BaseException | None = None


present: ContextVar[Lane | None] = ContextVar("present", default=None)
"""The lane that the present thread works in."""


def refuse_in_lane(what: str) -> None:
    """Refuse what needs one row after the other.

    Raises:
        RuntimeError: several are at work.
    """
    if present.get() is not None:
        raise RuntimeError(f"a job with at_once can't use {what} while several rows are at work: use keys")


class Lanes(AbstractContextManager["Lanes"]):
    """Threads to work on rows in; with one lane there are none."""

    def __init__(self, count: int) -> None:
        self.count = max(1, min(count, MOST))
        self._pool = ThreadPoolExecutor(self.count, "lane") if self.count > 1 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def pieces(self, good: Sequence[tuple[Any, ...]], last: float) -> Iterator[list[tuple[int, object]]]:
        """Rows that follow on each other, as many as there are lanes; those up to `last` and those behind it apart."""
        piece: list[tuple[int, object]] = []
        for row, instance, *_ in good:
            if piece and (len(piece) == self.count or row != piece[-1][0] + 1 or piece[-1][0] == last):
                yield piece
                piece = []
            piece.append((row, instance))
        if piece:
            yield piece

    def run(
        self, call: Callable[[object], object], piece: Sequence[tuple[int, object]], sent_before: Collection[int] = ()
    ) -> list[Lane]:
        """Call the function for each of the rows, and wait for all; what they raise is in their lanes.

        Rows in `sent_before` may have left the desk already.
        """
        if self._pool is None:
            raise LookupError("there is one lane only")
        lanes = [Lane(row, row in sent_before) for row, _ in piece]
        calls = [
            self._pool.submit(_run, call, lane, instance) for lane, (_, instance) in zip(lanes, piece, strict=True)
        ]
        for each in calls:
            each.result()
        return lanes


def _run(call: Callable[[object], object], lane: Lane, instance: object) -> None:
    present.set(lane)
    try:
        call(instance)
    except BaseException as error:  # noqa: BLE001 (told to whoever waits for all lanes)
        lane.error = error
