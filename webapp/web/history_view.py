"""The whole story of a job, the newest first: what people did with it, and what the desk did by itself."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from sqlmodel import Session

from webapp.jobs.activity import HAND_IN
from webapp.jobs.items import unit_of
from webapp.store.queries import owner_names
from webapp.store.tables import Activity, Attempt, Job
from webapp.web.activity_view import MADE, THE_DESK, Deed, deeds_of
from webapp.web.format import plural

MOST: Final = 100
ENDED: Final[Mapping[str, str]] = {
    "completed": "finished it",
    "failed": "stopped it: it did not work",
    "cancelled": "stopped it",
    "lost": "was interrupted",
    "given back": "left off, to go on later",
    "to be tried again": "put it off, to try again later",
    "waiting": "put it off, to go on later",
}


def history_of(session: Session, job: Job, attempts: Sequence[Attempt], done: Sequence[Activity]) -> Sequence[Deed]:
    """Tell it.

    Args:
        session: a reading one.
        job: whose story it is.
        attempts: its executions, the first one first.
        done: what was done with it, the newest first.
    """
    deeds = deeds_of(session, [each for each in done if each.action != HAND_IN])  # that is told as its beginning
    told = [*_beginning(session, job, done), *_work(job, attempts, done), *deeds[::-1]]
    return sorted(told, key=lambda deed: deed.at)[: -MOST - 1 : -1]


def _beginning(session: Session, job: Job, done: Sequence[Activity]) -> Iterator[Deed]:
    if not any(each.action in MADE for each in done):
        yield Deed(job.created_at, owner_names(session, [job]).get(job.owner_id, "Somebody"), "handed it in")


def _work(job: Job, attempts: Sequence[Attempt], done: Sequence[Activity]) -> Iterator[Deed]:
    for attempt, following in pairwise([*attempts, None]):
        if attempt is None:
            return
        yield Deed(attempt.started_at, THE_DESK, "began" if attempt is attempts[0] else "went on")
        accounted = following.accounted_before if following else job.accounted
        what = (
            _paused(attempt, accounted, done, unit_of(job.reading))
            if attempt.ended == "paused"
            else ENDED.get(attempt.ended or "")
        )
        if what and attempt.finished_at:
            yield Deed(attempt.finished_at, THE_DESK, what)


def _paused(attempt: Attempt, accounted: int, done: Sequence[Activity], unit: str) -> str | None:
    """Nothing if somebody paused it: that is told already."""
    if any(each.action == "pause" and each.at >= attempt.started_at for each in done):
        return None
    return f"paused it after the first {plural(accounted, unit)}"
