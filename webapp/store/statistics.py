"""What jobs came to, added up by day, kind and person: one look into one index, whatever the number of jobs."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, String, case, cast, func, select
from sqlmodel import Session, col

from webapp.store.queries import ENDED, MOVING, clock, seen_by
from webapp.store.tables import Job, Outcome, State, User
from webapp.store.types import Epoch

STEPS: Final = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 6 * 60, 24 * 60, 7 * 24 * 60))
MOST_MOMENTS: Final = 750
P95: Final = 0.95
STARTED: Final = tuple(set(MOVING) - {State.draft, State.checking, State.ready})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which jobs: those that ended from `since` to before `until`, and that the user may see."""

    user: User
    since: datetime
    until: datetime
    person: UUID | None = None
    job_type: str = ""


@dataclass(slots=True)
class Sums:
    """What some jobs came to. `ran` and `waited` are milliseconds, one for each job that has such a time."""

    jobs: int = 0
    states: dict[State, int] = field(default_factory=lambda: dict.fromkeys(ENDED, 0))
    received: int = 0
    rows: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    ran: list[int] = field(default_factory=list)
    waited: list[int] = field(default_factory=list)

    def add(self, other: "Sums") -> None:
        """Count others along."""
        self.jobs += other.jobs
        self.received += other.received
        for state, count in other.states.items():
            self.states[state] += count
        for outcome, count in other.rows.items():
            self.rows[outcome] += count
        self.ran += other.ran
        self.waited += other.waited

    @property
    def wrong(self) -> int:
        """Rows that did not work, or may not have."""
        return self.rows[Outcome.rejected] + self.rows[Outcome.failed] + self.rows[Outcome.unknown]


@dataclass(frozen=True, slots=True)
class Depth:
    """How many jobs waited at a moment."""

    at: datetime
    jobs: int


@dataclass(slots=True)
class Figures:
    """All of it."""

    total: Sums = field(default_factory=Sums)
    days: dict[date, Sums] = field(default_factory=dict)
    types: dict[str, Sums] = field(default_factory=dict)
    owners: dict[UUID, Sums] = field(default_factory=dict)
    depth: Sequence[Depth] = ()


def figures(session: Session, wanted: Wanted) -> Figures:
    """Add it up. Days without a job have sums too, so that none is left out of a chart."""
    found = Figures(days={day: Sums() for day in _days(wanted)})
    for row in session.execute(_groups(wanted)):
        day, job_type, owner_id, sums = date.fromisoformat(str(row[0])), row[1], row[2], _sums(row)
        places = (
            found.days.get(day),
            found.types.setdefault(job_type, Sums()),
            found.owners.setdefault(owner_id, Sums()),
        )
        for place in (found.total, *places):
            if place is not None:
                place.add(sums)
    found.depth = _depth(session, wanted)
    return found


def quantile(values: Sequence[int], share: float) -> int | None:
    """The least of the values that so great a share of them does not exceed; None of none."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)]


def _which(wanted: Wanted) -> list[ColumnElement[bool]]:
    which = [*seen_by(wanted.user, col(Job.owner_id))]
    if wanted.person is not None:
        which.append(col(Job.owner_id) == wanted.person)
    return [*which, col(Job.job_type) == wanted.job_type] if wanted.job_type else which


def _groups(wanted: Wanted) -> Any:  # noqa: ANN401 (SQLAlchemy's select of so many columns)
    keys = (func.date(col(Job.finished_at)), col(Job.job_type), col(Job.owner_id))
    states = [func.sum(case((col(Job.state) == state, 1), else_=0)) for state in ENDED]
    rows = [func.sum(getattr(Job, name)) for name in ("received", *Outcome)]
    lists = [func.aggregate_strings(cast(column, String), ",") for column in (col(Job.ran_ms), col(Job.waited_ms))]
    ended = (col(Job.finished_at) >= wanted.since, col(Job.finished_at) < wanted.until)
    return select(*keys, func.count(), *states, *rows, *lists).where(*ended, *_which(wanted)).group_by(*keys)


def _sums(row: Row[Any]) -> Sums:
    values = iter(row[3:])
    return Sums(
        jobs=next(values),
        states={state: int(next(values)) for state in ENDED},
        received=int(next(values)),
        rows={outcome: int(next(values)) for outcome in Outcome},
        ran=_numbers(next(values)),
        waited=_numbers(next(values)),
    )


def _numbers(text: str | None) -> list[int]:
    return [int(each) for each in text.split(",")] if text else []


def _days(wanted: Wanted) -> Iterator[date]:
    day = wanted.since.date()
    while day < wanted.until.date():
        yield day
        day += timedelta(days=1)


def _depth(session: Session, wanted: Wanted) -> Sequence[Depth]:
    """How many jobs waited at moments that are evenly apart, up to now.

    A job that was called off before it began is left out.
    """
    until = min(wanted.until, clock(session))
    moments = list(_moments(wanted.since, until))
    spans = [*_waited(session, wanted), *_waiting(session, wanted)]
    begins, ends = sorted(span[0] for span in spans), sorted(span[1] for span in spans)
    return [Depth(at, bisect_right(begins, at.timestamp()) - bisect_right(ends, at.timestamp())) for at in moments]


def _moments(since: datetime, until: datetime) -> Iterator[datetime]:
    step = next((each for each in STEPS if (until - since) / each <= MOST_MOMENTS), STEPS[-1])
    while since < until:
        yield since
        since += step


def _waited(session: Session, wanted: Wanted) -> Iterable[tuple[float, float]]:
    """From when to when those waited that have ended since: who ended before waits no more."""
    began = cast(Epoch(col(Job.started_at)), String)
    query = select(func.aggregate_strings(began, ","), func.aggregate_strings(cast(col(Job.waited_ms), String), ","))
    ended = (col(Job.finished_at) >= wanted.since, col(Job.waited_ms).is_not(None), col(Job.started_at).is_not(None))
    for starts, waits in session.execute(query.where(*ended, *_which(wanted))):
        if starts:
            for start, wait in zip(starts.split(","), waits.split(","), strict=True):
                yield float(start) - int(wait) / 1000, float(start)


def _waiting(session: Session, wanted: Wanted) -> Iterable[tuple[float, float]]:
    """The same of those that were started and have not ended: some wait still."""
    columns = (col(Job.state), col(Job.queued_at), col(Job.run_at), col(Job.started_at))
    query = select(*columns).where(col(Job.state).in_(STARTED), col(Job.queued_at).is_not(None), *_which(wanted))
    for state, queued_at, run_at, started_at in session.execute(query):
        due = max(queued_at, run_at) if run_at and state is State.scheduled else queued_at
        if state in {State.queued, State.scheduled}:
            yield due.timestamp(), float("inf")
        elif started_at is not None and started_at >= queued_at:
            yield queued_at.timestamp(), started_at.timestamp()
