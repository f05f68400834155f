"""What makes a job wait instead of fail, and for how long."""

from dataclasses import dataclass
from typing import Final

from webapp.authoring import ComeBackLater
from webapp.services.targets.trouble import LOOK_AGAIN_S, TargetTrouble, waits
from webapp.store.passing import causes, passes

LOOK_AGAIN_SECONDS: Final = 10.0  # between two looks whether there is room again
SHORTEST_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 30 * 86_400.0
LONGEST_ASKED: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a job waits, in words, and how long."""

    reason: str
    seconds: float


def waiting_for(error: BaseException) -> Waiting | None:
    """What a job waits for by itself, however often: what its function asks for, or what is no fault of it."""
    if isinstance(error, ComeBackLater):
        return Waiting(error.reason, min(max(error.seconds, SHORTEST_SECONDS), LONGEST_SECONDS))
    trouble = next((each for each in causes(error) if isinstance(each, TargetTrouble)), None)
    if trouble is not None:
        return Waiting(waits(trouble), LOOK_AGAIN_S)
    reason = passes(error)
    return None if reason is None else Waiting(reason, LOOK_AGAIN_SECONDS)


def seconds_asked(error: BaseException) -> float:
    """How long whoever refused wants to be left alone, by the error's `retry_after`: at most a day."""
    asked = getattr(error, "retry_after", None)
    return min(float(asked), LONGEST_ASKED) if isinstance(asked, int | float) and asked > 0 else 0.0
