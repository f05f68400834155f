"""What jobs came to, added up by day, kind and person: one look into one index, whatever the number of jobs."""

import math
import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, String, case, cast, func, select
from sqlmodel import Session, col

from webapp.store.queries import ENDED, MOVING, clock, seen_by
from webapp.store.tables import Job, Outcome, Role, State, User
from webapp.store.types import Epoch

STEPS: Final = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 6 * 60, 24 * 60, 7 * 24 * 60))
MOST_MOMENTS: Final = 750
MOST_REMEMBERED: Final = 16
MEDIAN: Final = 0.5
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


@dataclass(slots=True)
class Part:
    """What the jobs came to that ended in some time, and from when to when they waited, in seconds and in order."""

    total: Sums = field(default_factory=Sums)
    days: dict[date, Sums] = field(default_factory=dict)
    types: dict[str, Sums] = field(default_factory=dict)
    owners: dict[UUID, Sums] = field(default_factory=dict)
    begins: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)

    def count(self, day: date, job_type: str, owner_id: UUID, sums: Sums) -> None:
        """Count jobs of a day, a kind and a person along."""
        for place in (
            self.total,
            self.days.setdefault(day, Sums()),
            self.types.setdefault(job_type, Sums()),
            self.owners.setdefault(owner_id, Sums()),
        ):
            place.add(sums)

    def add(self, other: "Part") -> None:
        """Count another one along."""
        self.total.add(other.total)
        for mine, theirs in ((self.days, other.days), (self.types, other.types), (self.owners, other.owners)):
            for key, sums in theirs.items():
                mine.setdefault(key, Sums()).add(sums)  # type: ignore[arg-type]  # the keys of a pair are of one type
        self.begins += other.begins
        self.ends += other.ends


@dataclass(frozen=True, slots=True)
class Depth:
    """How many jobs waited at most, at once, from a moment to the next one."""

    at: datetime
    jobs: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All of it. Days without a job have sums too, so that none is left out of a chart."""

    total: Sums
    days: Mapping[date, Sums]
    types: Mapping[str, Sums]
    owners: Mapping[UUID, Sums]
    depth: Sequence[Depth]


class Remembered:
    """What was added up of days that are over, as long as nothing has changed in them since."""

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[Hashable, Part]] = OrderedDict()

    def part(self, session: Session, wanted: Wanted) -> Part:
        """The part, added up anew if a job of these days has changed, gone on or come."""
        who = None if wanted.user.role is Role.admin else wanted.user.id
        key, stamp = (who, wanted.person, wanted.job_type, wanted.since, wanted.until), _stamp(session, wanted)
        with self._lock:
            known = self._kept.get(key)
        if known is not None and known[0] == stamp:
            return known[1]
        part = _add_up(session, wanted, waits_until=wanted.until)
        with self._lock:
            self._kept[key] = stamp, part
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return part


def figures(session: Session, wanted: Wanted, remembered: Remembered | None = None) -> Figures:
    """Add it up; of days that are over only once, if they are `remembered`."""
    present = clock(session)
    today = present.replace(hour=0, minute=0, second=0, microsecond=0)
    over = max(wanted.since, min(wanted.until, today))
    found = Part()
    if remembered is not None and wanted.since < over:
        found.add(remembered.part(session, replace(wanted, until=over)))
        found.add(_add_up(session, replace(wanted, since=over), waits_until=None))
    else:
        found.add(_add_up(session, wanted, waits_until=None))
    days = {day: found.days.get(day, Sums()) for day in _days(wanted)}
    return Figures(found.total, days, found.types, found.owners, _depth(session, wanted, found, present))


def quantile(values: Sequence[int], share: float) -> int | None:
    """The least of the values that so great a share of them does not exceed; None of none."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else None


def _which(wanted: Wanted) -> list[ColumnElement[bool]]:
    which = [*seen_by(wanted.user, col(Job.owner_id))]
    if wanted.person is not None:
        which.append(col(Job.owner_id) == wanted.person)
    return [*which, col(Job.job_type) == wanted.job_type] if wanted.job_type else which


def _ended(wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    return (col(Job.finished_at) >= wanted.since, col(Job.finished_at) < wanted.until)


def _groups(wanted: Wanted) -> Any:  # noqa: ANN401 (SQLAlchemy's select of so many columns)
    keys = (func.date(col(Job.finished_at)), col(Job.job_type), col(Job.owner_id))
    states = [func.sum(case((col(Job.state) == state, 1), else_=0)) for state in ENDED]
    rows = [func.sum(getattr(Job, name)) for name in ("received", *Outcome)]
    lists = [func.aggregate_strings(cast(column, String), ",") for column in (col(Job.ran_ms), col(Job.waited_ms))]
    return select(*keys, func.count(), *states, *rows, *lists).where(*_ended(wanted), *_which(wanted)).group_by(*keys)


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


def _stamp(session: Session, wanted: Wanted) -> Hashable:
    """Another one whenever the figures would be others: each change of a job makes its revision greater."""
    query = select(func.count(), func.sum(Job.revision)).where(*_ended(wanted), *_which(wanted))
    return tuple(session.execute(query).one())


def _add_up(session: Session, wanted: Wanted, waits_until: datetime | None) -> Part:
    part = Part()
    for row in session.execute(_groups(wanted)):
        part.count(date.fromisoformat(str(row[0])), row[1], row[2], _sums(row))
    spans = list(_waited(session, wanted, waits_until))
    part.begins, part.ends = sorted(span[0] for span in spans), sorted(span[1] for span in spans)
    return part


def _depth(session: Session, wanted: Wanted, found: Part, present: datetime) -> Sequence[Depth]:
    """How many jobs waited at once, in parts of the time that are equally long, up to now.

    There are most of them at the beginning of a part, or when one more begins to wait. A job that was called off
    before it began is left out.
    """
    waiting = list(_waiting(session, wanted))
    begins = sorted([*found.begins, *(span[0] for span in waiting)])
    ends = sorted([*found.ends, *(span[1] for span in waiting)])
    moments = list(_moments(wanted.since, min(wanted.until, present)))
    starts = [at.timestamp() for at in moments]
    most = [bisect_right(begins, start) - bisect_right(ends, start) for start in starts]
    until = min(wanted.until, present).timestamp()
    first, last = (bisect_left(begins, each) for each in (wanted.since.timestamp(), until))
    for number, begin in enumerate(begins[first:last], first + 1):
        place = bisect_right(starts, begin) - 1
        most[place] = max(most[place], number - bisect_right(ends, begin))
    return [Depth(at, jobs) for at, jobs in zip(moments, most, strict=True)]


def _moments(since: datetime, until: datetime) -> Iterator[datetime]:
    step = next((each for each in STEPS if (until - since) / each <= MOST_MOMENTS), STEPS[-1])
    while since < until:
        yield since
        since += step


def _waited(session: Session, wanted: Wanted, until: datetime | None) -> Iterable[tuple[float, float]]:
    """From when to when those waited that have ended since: who ended before waits no more."""
    began, waits = cast(Epoch(col(Job.started_at)), String), cast(col(Job.waited_ms), String)
    query = select(func.aggregate_strings(began, ","), func.aggregate_strings(waits, ","))
    ended = [col(Job.finished_at) >= wanted.since, col(Job.waited_ms).is_not(None), col(Job.started_at).is_not(None)]
    if until is not None:
        ended.append(col(Job.finished_at) < until)
    for starts, lengths in session.execute(query.where(*ended, *_which(wanted))):
        if starts:
            for start, length in zip(starts.split(","), lengths.split(","), strict=True):
                yield float(start) - int(length) / 1000, float(start)


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
