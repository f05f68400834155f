"""What is said before a start of rows that are done already, and of how long it will take."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from webapp.authoring import Registry
from webapp.jobs.estimate import FEWEST_RUNS, Estimate, Range, estimate
from webapp.jobs.lifecycle import PREPARING
from webapp.store.tables import Job
from webapp.web.format import duration, plural

TOO_FEW = f"How long it takes can be said once this kind of job has run {FEWEST_RUNS} times."
MINUTE = 60
LONG = 3600  # seconds; below it minutes are fine enough


@dataclass(frozen=True, slots=True)
class EarlierJob:
    """A job that has done rows of the file; `id` is None if the page's job is somebody else's."""

    number: int
    rows: int
    id: UUID | None
    started_at: datetime | None


@dataclass(frozen=True, slots=True)
class OverlapView:
    """How many rows are not new: done before, or there twice. `unsure` of those may have been done."""

    rows: int
    unsure: int
    repeats: int
    received: int
    new: int
    jobs: Sequence[EarlierJob]


def view_overlap(session: Session, job: Job) -> OverlapView | None:
    """What the check found, if it found any."""
    found: Mapping[str, Any] = (job.findings or {}).get("overlap") or {}
    if job.state not in PREPARING or not (found.get("rows") or found.get("repeats")):
        return None
    numbers = {each["number"]: each["rows"] for each in found["jobs"]}
    earlier = {each.number: each for each in session.exec(select(Job).where(col(Job.number).in_(numbers)))}
    jobs = [_earlier(job, earlier.get(number), number, rows) for number, rows in numbers.items()]
    good = job.received - int((job.findings or {}).get("rejected", 0)) - int((job.findings or {}).get("skipped", 0))
    new = good - found["rows"] - found["repeats"]
    return OverlapView(found["rows"], found["unsure"], found["repeats"], good, new, jobs)


def _earlier(job: Job, other: Job | None, number: int, rows: int) -> EarlierJob:
    if other is None or other.owner_id != job.owner_id:
        return EarlierJob(number, rows, None, None)
    return EarlierJob(number, rows, other.id, other.started_at)


def view_estimate(session: Session, registry: Registry, job: Job, slots: int) -> str | None:
    """How long a prepared job will take and wait, in a sentence or two."""
    if job.state not in PREPARING:
        return None
    return in_words(estimate(session, registry, job, max(slots, 1)))


def in_words(found: Estimate) -> str:
    """An estimate as people read it."""
    if found.work is None:
        return f"{TOO_FEW} {_wait(found)}".strip()
    by = f", going by its last {found.runs} runs" if found.runs else ""
    return f"It will take {span(found.work)}{by}. {_wait(found)}".strip()


def span(found: Range) -> str:
    """A range in round figures: never one number, for nobody knows it."""
    least, most = duration(_round(found.least, floor)), duration(_round(found.most, ceil))
    return f"up to {most}" if least == most or found.least < 1 else f"about {least} to {most}"


def _round(seconds: float, whole: Callable[[float], int]) -> int:
    """To five seconds, to whole minutes from one on, and to quarters of an hour where hours are told."""
    step = 900 if seconds >= LONG else 60 if seconds >= MINUTE else 5 if seconds >= MINUTE / 6 else 1
    return max(whole(seconds / step) * step, 1)


def _wait(found: Estimate) -> str:
    if not found.ahead:
        return ""
    first = f"{plural(found.ahead, 'job')} {'goes' if found.ahead == 1 else 'go'} first"
    return f"{first}, which takes {span(found.wait)}." if found.wait else f"{first}."
