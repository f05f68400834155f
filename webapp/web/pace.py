"""How long a job has worked, how fast it is, and whether anybody works on it at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from webapp.jobs.lifecycle import WORKING
from webapp.kit import now
from webapp.store.tables import Attempt, Job, State

LEAST_SECONDS = 1.0  # a rate over less says nothing
LEAST_SILENCE = timedelta(seconds=3)
SILENT_SHARE = 0.4  # of a lease: it is renewed after a quarter of it


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a running job is. Seconds, and rows a second; None where it can't be said yet."""

    running_for: float
    rate: float | None
    left: float | None


def pace_of(job: Job, attempts: Sequence[Attempt]) -> Pace | None:
    """From the present attempt alone: a pause between two attempts is no part of the pace."""
    if job.state is not State.running or not attempts:
        return None
    attempt, running_for = attempts[-1], worked_for(attempts)
    seconds = (now() - attempt.started_at).total_seconds()
    rows = job.accounted - attempt.accounted_before
    if seconds < LEAST_SECONDS or rows <= 0:
        return Pace(running_for, None, None)
    rate = rows / seconds
    return Pace(running_for, rate, job.waiting / rate)


def worked_for(attempts: Sequence[Attempt]) -> float:
    """Seconds in which somebody worked on a job: neither while it waited or was paused, nor while the desk was off."""
    spans = ((each.finished_at or now()) - each.started_at for each in attempts)
    return sum(max(span.total_seconds(), 0.0) for span in spans)


def is_interrupted(job: Job, lease_seconds: float) -> bool:
    """Whether nobody was heard of for a while who should work on the job: it goes on once its lease has ended."""
    if job.state not in WORKING or job.lease_until is None:
        return False
    silence = now() - job.lease_until + timedelta(seconds=lease_seconds)
    return silence > max(LEAST_SILENCE, timedelta(seconds=lease_seconds * SILENT_SHARE))
