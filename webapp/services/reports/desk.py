"""What happened on the desk in some days, as one person may see it: read in one go, so that all figures agree."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from webapp.authoring import Context, Depends, JobFacts, load_registry
from webapp.services.reports.periods import Per, Period, part_of
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.queries import PROBLEMS, seen_by
from webapp.store.tables import Job, LedgerEntry, Outcome, Role, State, User

AT_ONCE: Final = 5_000
MOST_CAUSES: Final = 50
MOST_FAILED: Final = 50
OUTCOMES: Final = tuple(Outcome)
NOT_STARTED: Final = (State.draft, State.checking, State.ready)
"""Nobody has asked for these to be done yet."""
_JOBS: Final = (
    Job.created_at,
    User.name,
    Job.job_type,
    Job.undo_of,
    Job.state,
    Job.started_at,
    Job.finished_at,
    Job.received,
    *(getattr(Job, outcome) for outcome in OUTCOMES),
)


@dataclass(slots=True)
class Tally:
    """Jobs and their rows, counted."""

    jobs: int = 0
    failed_jobs: int = 0
    received: int = 0
    rows: list[int] = field(default_factory=lambda: [0] * len(OUTCOMES))

    @property
    def waiting(self) -> int:
        """Rows without an outcome."""
        return self.received - sum(self.rows)

    def add(self, state: State, received: int, rows: Sequence[int]) -> None:
        """Count a job."""
        self.jobs += 1
        self.failed_jobs += state is State.failed
        self.received += received
        for place, count in enumerate(rows):
            self.rows[place] += count

    def take(self, other: "Tally") -> None:
        """Count what another has counted."""
        self.jobs += other.jobs
        self.failed_jobs += other.failed_jobs
        self.received += other.received
        self.rows = [mine + theirs for mine, theirs in zip(self.rows, other.rows, strict=True)]


@dataclass(frozen=True, slots=True)
class Cause:
    """Why rows went wrong: how many, and in how many jobs."""

    job_type: str
    outcome: str
    column: str
    reason: str
    rows: int
    jobs: int


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that failed, and what it said."""

    number: int
    job_type: str
    owner: str
    day: date
    problem: str


@dataclass(slots=True)
class Happenings:
    """All of it."""

    all_people: bool
    total: Tally = field(default_factory=Tally)
    states: Counter[State] = field(default_factory=Counter)
    parts: dict[date, Tally] = field(default_factory=lambda: defaultdict(Tally))
    job_types: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    people: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    seconds: "dict[str, array[float]]" = field(default_factory=lambda: defaultdict(lambda: array("d")))
    causes: list[Cause] = field(default_factory=list)
    failed: list[FailedJob] = field(default_factory=list)


class DeskFacts:
    """Reads the desk's own tables for the owner of a job: their jobs, or everybody's for an administrator.

    That job itself, which is about to say what they came to, is not among them.
    """

    def __init__(self, database: Database, job: JobFacts, titles: Mapping[str, str]) -> None:
        self._database = database
        self._job = job
        self._titles = titles

    def happenings(self, period: Period, zone: ZoneInfo, per: Per) -> Happenings:
        """What became of the jobs that were handed in within some days of a time zone; days are counted there."""
        with self._database.read() as session:
            user = session.execute(select(User).where(col(User.name) == self._job.owner)).scalar_one()
            others = [col(Job.id) != self._job.id, col(Job.state).not_in(NOT_STARTED)]
            wanted = [*seen_by(user, col(Job.owner_id)), *others, *_within(period, zone)]
            found = Happenings(all_people=user.role is Role.admin)
            self._count(session, wanted, found, zone, per)
            found.causes = list(self._causes(session, wanted))
            found.failed = list(self._failed(session, wanted, zone))
        return found

    def _count(
        self, session: Session, wanted: list[ColumnElement[bool]], found: Happenings, zone: ZoneInfo, per: Per
    ) -> None:
        query = select(*_JOBS).join(User, col(User.id) == col(Job.owner_id)).where(*wanted)
        for created, owner, job_type, undo_of, state, started, finished, received, *rows in session.execute(
            query.execution_options(yield_per=AT_ONCE)
        ):
            title, day = self._title(job_type, undoes=undo_of is not None), created.astimezone(zone).date()
            found.states[state] += 1
            for tally in (found.total, found.parts[part_of(day, per)], found.job_types[title], found.people[owner]):
                tally.add(state, received, rows)
            if started and finished:
                found.seconds[title].append(max((finished - started).total_seconds(), 0.0))

    def _causes(self, session: Session, wanted: list[ColumnElement[bool]]) -> Iterator[Cause]:
        """Those with the most rows."""
        what = (Job.job_type, LedgerEntry.outcome, LedgerEntry.column, LedgerEntry.reason)
        rows = func.sum(LedgerEntry.last_row - LedgerEntry.first_row + 1)
        query = (
            select(*what, rows, func.count(col(Job.id).distinct()))  # type: ignore[call-overload]
            .join(Job, col(Job.id) == col(LedgerEntry.job_id))
            .where(*wanted, col(LedgerEntry.outcome).in_(PROBLEMS), ~col(LedgerEntry.again))
            .group_by(*what)
            .order_by(rows.desc(), *what)
            .limit(MOST_CAUSES)
        )
        for job_type, outcome, column, reason, count, jobs in session.execute(query):
            yield Cause(self._title(job_type), str(outcome), column or "", reason or "", int(count), int(jobs))

    def _failed(self, session: Session, wanted: list[ColumnElement[bool]], zone: ZoneInfo) -> Iterator[FailedJob]:
        """The newest ones."""
        query = (
            select(Job, User.name)  # type: ignore[call-overload]
            .join(User, col(User.id) == col(Job.owner_id))
            .where(*wanted, col(Job.state) == State.failed)
            .order_by(col(Job.number).desc())
            .limit(MOST_FAILED)
        )
        for job, owner in session.execute(query):
            day = job.created_at.astimezone(zone).date()
            yield FailedJob(job.number, self._title(job.job_type), owner, day, job.problem or "")

    def _title(self, job_type: str, *, undoes: bool = False) -> str:
        title = self._titles.get(job_type, job_type)
        return f"Undo: {title}" if undoes else title


def _within(period: Period, zone: ZoneInfo) -> list[Any]:
    begin, end = period.begins_at(zone), period.ends_at(zone)
    return [
        *([] if begin is None else [col(Job.created_at) >= begin]),
        *([] if end is None else [col(Job.created_at) < end]),
    ]


def open_desk_facts(settings: Settings, ctx: Context) -> Iterator[DeskFacts]:
    """For the owner of the job."""
    registry = load_registry(folders=[settings.job_types] if settings.job_types else [])
    titles = {name: job_type.title for name, job_type in registry.job_types.items()}
    database = Database(settings.database)
    try:
        yield DeskFacts(database, ctx.job, titles)
    finally:
        database.close()


DeskFactsService = Annotated[DeskFacts, Depends(open_desk_facts)]
