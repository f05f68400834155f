"""The named steps of an attempt: noted while it runs, and read as they are to be believed afterwards."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from webapp.authoring import ComeBackLater
from webapp.kit import now
from webapp.store.tables import Attempt

MOST: Final = 100


class StepState(StrEnum):
    """How a step stands. One that `broke_off` was going on when its process died."""

    running = "running"
    done = "done"
    failed = "failed"
    stopped = "stopped"
    broke_off = "broke_off"


@dataclass(frozen=True, slots=True)
class Step:
    """A step as it is shown; `seconds` is None while it runs, and where nobody knows."""

    name: str
    state: StepState
    started_at: datetime
    seconds: float | None


class Steps:
    """Notes the steps of the attempt that runs in this process."""

    def __init__(self) -> None:
        self._steps: list[dict[str, Any]] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Note a step for as long as the block takes, and how it ended.

        Raises:
            RuntimeError: another one has not ended, or there are too many.
        """
        self._check(name)
        noted: dict[str, Any] = {"name": name, "state": StepState.running, "at": now().isoformat(), "seconds": None}
        begun = time.monotonic()
        self._steps.append(noted)
        try:
            yield
        except BaseException as error:
            failed = isinstance(error, Exception | SystemExit) and not isinstance(error, ComeBackLater)
            noted["state"] = StepState.failed if failed else StepState.stopped
            raise
        else:
            noted["state"] = StepState.done
        finally:
            noted["seconds"] = round(time.monotonic() - begun, 3)

    def to_json(self) -> list[dict[str, Any]]:
        """For the attempt's `steps`."""
        return [dict(step) for step in self._steps]

    def _check(self, name: str) -> None:
        last = self._steps[-1] if self._steps else None
        if last is not None and last["seconds"] is None:
            raise RuntimeError(
                f"the step {name!r} is begun within {last['name']!r}: end that first, steps follow each other"
            )
        if len(self._steps) >= MOST:
            raise RuntimeError(
                f"a job has at most {MOST} steps: rows are counted without, progress is told by ctx.progress"
            )


def steps_of(attempts: Sequence[Attempt]) -> tuple[Step, ...]:
    """The steps of the last of some attempts that has any."""
    for attempt in reversed(attempts):
        if attempt.steps:
            return tuple(_step(noted, over=attempt.finished_at is not None) for noted in attempt.steps)
    return ()


def _step(noted: Mapping[str, Any], *, over: bool) -> Step:
    state = StepState(noted["state"])
    if over and state is StepState.running:
        state = StepState.broke_off
    return Step(noted["name"], state, datetime.fromisoformat(noted["at"]), noted["seconds"])
