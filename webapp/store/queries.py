"""What pages and the API ask of the store: each question here is one or two statements, whatever the size."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, literal, or_, select
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import Session, col

from webapp.store.keyset import PAGE, page_of
from webapp.store.tables import (
    Attempt,
    Job,
    LedgerEntry,
    LogLine,
    Outcome,
    ResultFile,
    Role,
    Schedule,
    State,
    Upload,
    User,
)
from webapp.store.types import DatabaseNow

LONGEST_NUMBER = 9  # digits; there are not so many jobs
NEWEST = 200  # jobs that lists are likely to show
ENDED = (State.completed, State.completed_with_errors, State.needs_attention, State.failed, State.cancelled)
MOVING = tuple(state for state in State if state not in ENDED)
CALLING = frozenset({State.completed_with_errors, State.needs_attention, State.failed})
"""States of jobs that somebody should look at, until they say that they have seen to it."""

SEEN = ""
"""What stands in place of a job's doubt once somebody has seen to it."""

UNDID = frozenset({State.completed, State.completed_with_errors, State.needs_attention})
"""States of jobs that undo another one, and have come to their end."""

NOT_REACHED = ("cancelled", "stopped")  # codes of rows that a job ended before
PROBLEMS = (Outcome.rejected, Outcome.failed, Outcome.unknown)


def accounted() -> ColumnElement[int]:
    """How many rows of a job have an outcome: `Job.accounted`, in a statement."""
    counts: list[ColumnElement[int]] = [getattr(Job, outcome) for outcome in Outcome]
    return sum(counts, start=literal(0))


def unseen() -> ColumnElement[bool]:
    """Jobs of which nobody has said that they have seen to them."""
    return func.coalesce(col(Job.doubt), "-") != SEEN


def undone() -> ColumnElement[bool]:
    """Jobs that another one has undone in whole: nothing of them is left that somebody could see to."""
    undo = aliased(Job)
    whole = (col(undo.done) > 0, col(undo.done) >= col(undo.received), col(undo.state).in_(UNDID))
    return select(literal(1)).where(col(undo.undo_of) == col(Job.id), *whole).correlate(Job).exists()


def tried_out() -> ColumnElement[bool]:
    """Dry runs that have come to their end: `dry_run.was_tried_out`, in a statement."""
    ticked = cast(col(Job.params), String).contains('"dry_run": true', autoescape=True)
    return and_(col(Job.state) == State.completed_with_errors, col(Job.undo_of).is_(None), ticked)


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs a list shows.

    With `unseen` only those that nobody has seen to, and that are not undone or dry runs; with `settled` the others.
    `before` and `after` are job ids: the page begins behind, or ends before one.
    """

    user: User
    states: frozenset[State] = frozenset()
    unseen: bool = False
    settled: bool = False
    job_type: str | None = None
    text: str = ""
    schedule_id: UUID | None = None
    before: UUID | None = None
    after: UUID | None = None


@dataclass(frozen=True, slots=True)
class JobPage:
    """One page of a list, newest first, and whether there is more on either side."""

    jobs: Sequence[Job]
    newer: UUID | None
    older: UUID | None


def clock(session: Session) -> datetime:
    """What the database's clock shows: the one clock that all processes share."""
    shown: datetime = session.execute(select(DatabaseNow())).scalar_one()
    return shown


def job_page(session: Session, wanted: JobFilter, size: int = PAGE) -> JobPage:
    """A page of jobs."""
    query = jobs_of(wanted)
    rows, newer, older = page_of(session, query, col(Job.id), before=wanted.before, after=wanted.after, size=size)
    return JobPage([row[0] for row in rows], newer, older)


def state_counts(session: Session, wanted: JobFilter) -> dict[State, int]:
    """How many of the jobs are in each state."""
    query = jobs_of(wanted).with_only_columns(col(Job.state), func.count()).group_by(col(Job.state))
    return {row[0]: row[1] for row in session.execute(query)}


def jobs_version(session: Session) -> str:
    """Changes when a list of jobs would look different: with the newest jobs, and with each that has not ended."""
    newest = select(col(Job.id)).order_by(col(Job.id).desc()).limit(NEWEST)
    watched = or_(col(Job.id).in_(newest), col(Job.state).in_(MOVING))
    last = newest.limit(1).scalar_subquery()  # PostgreSQL knows no greatest id
    query = select(last, func.count(), func.sum(col(Job.revision))).where(watched)
    return ".".join(str(part) for part in session.execute(query).one())


def problem_rows(
    session: Session,
    job_id: UUID,
    after_row: int = 0,
    size: int = 100,
    outcomes: Collection[Outcome] = PROBLEMS,
) -> Sequence[LedgerEntry]:
    """Rows that went wrong, or have other `outcomes`, in the order of the file."""
    query = (
        select(LedgerEntry)
        .where(
            col(LedgerEntry.job_id) == job_id,
            col(LedgerEntry.outcome).in_(outcomes),
            col(LedgerEntry.first_row) > after_row,
        )
        .order_by(col(LedgerEntry.first_row))
        .limit(size)
    )
    return session.execute(query).scalars().all()


def problem_page(
    session: Session, job_id: UUID, after_row: int, size: int, outcomes: Collection[Outcome] = PROBLEMS
) -> tuple[Sequence[LedgerEntry], int | None]:
    """One page of `problem_rows`, and its last row if there are more behind it."""
    entries = problem_rows(session, job_id, after_row, size + 1, outcomes)
    shown = entries[:size]
    return shown, shown[-1].last_row if len(entries) > size else None


def not_reached(session: Session, job_id: UUID) -> int:
    """How many rows a job ended before: they are the last ones of the file, and one entry says so for all of them."""
    query = (
        select(LedgerEntry)
        .where(col(LedgerEntry.job_id) == job_id, col(LedgerEntry.outcome) == Outcome.skipped)
        .order_by(col(LedgerEntry.first_row).desc())
        .limit(1)
    )
    last = session.execute(query).scalar_one_or_none()
    return last.last_row - last.first_row + 1 if last is not None and last.code in NOT_REACHED else 0


def log_tail(session: Session, job_id: UUID, size: int = 20) -> Sequence[LogLine]:
    """The newest lines of a job's log, oldest first."""
    query = select(LogLine).where(col(LogLine.job_id) == job_id).order_by(col(LogLine.id).desc()).limit(size)
    return session.execute(query).scalars().all()[::-1]


def result_files(session: Session, job_id: UUID) -> Sequence[ResultFile]:
    """What the job made, by name."""
    query = select(ResultFile).where(col(ResultFile.job_id) == job_id).order_by(col(ResultFile.name))
    return session.execute(query).scalars().all()


def attempts(session: Session, job_id: UUID) -> Sequence[Attempt]:
    """Every execution of the job, the first one first."""
    query = select(Attempt).where(col(Attempt.job_id) == job_id).order_by(col(Attempt.number))
    return session.execute(query).scalars().all()


def running(session: Session) -> int:
    """How many jobs are at work, of whoever."""
    working = col(Job.state).in_((State.running, State.pausing, State.cancelling))
    return int(session.execute(select(func.count()).select_from(Job).where(working)).scalar_one())


def queue_ahead(session: Session, job: Job) -> int:
    """How many jobs are claimed before this one."""
    earlier = col(Job.queued_at) < job.queued_at
    before = (earlier & col(Job.run_at).is_not(None)) if job.run_at else (earlier | col(Job.run_at).is_not(None))
    sooner = or_(col(Job.priority) > job.priority, (col(Job.priority) == job.priority) & before)
    query = select(func.count()).select_from(Job).where(col(Job.state) == State.queued, sooner)
    return int(session.execute(query).scalar_one())


def seen_by(user: User, owner_id: Mapped[UUID] | Mapped[UUID | None]) -> tuple[ColumnElement[bool], ...]:
    """What is asked of an owner so that the user may see what is theirs: an administrator sees all."""
    return () if user.role is Role.admin else (owner_id == user.id,)


def schedules(session: Session, user: User) -> Sequence[Schedule]:
    """The schedules that a user may see: those that make jobs soonest first, then those that make none."""
    query = select(Schedule).where(*seen_by(user, col(Schedule.owner_id)))
    order = (col(Schedule.next_at).is_(None), col(Schedule.next_at), col(Schedule.id))
    return session.execute(query.order_by(*order)).scalars().all()


def last_jobs(session: Session, schedule_ids: Collection[UUID]) -> dict[UUID, Job]:
    """The newest job of each schedule that has made one."""
    of_it = select(col(Job.id)).where(col(Job.schedule_id) == col(Schedule.id))
    newest = of_it.order_by(col(Job.id).desc()).limit(1).correlate(Schedule).scalar_subquery()
    query = select(Job).where(col(Job.id).in_(select(newest).where(col(Schedule.id).in_(schedule_ids))))
    return {job.schedule_id: job for job in session.execute(query).scalars() if job.schedule_id}


def single_jobs(session: Session, schedules: Sequence[Schedule]) -> dict[UUID, Job]:
    """The job of each schedule whose single time is over, if it got one."""
    times = {schedule.id: schedule.last_at for schedule in schedules}
    query = select(Job).where(col(Job.schedule_id).in_(times), col(Job.fire_time).is_not(None))
    jobs = session.execute(query).scalars() if times else ()
    return {job.schedule_id: job for job in jobs if job.schedule_id and job.fire_time == times[job.schedule_id]}


def upload_names(session: Session, upload_ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of files as they were handed in."""
    query = select(col(Upload.id), col(Upload.name)).where(col(Upload.id).in_(upload_ids))
    return {row[0]: row[1] for row in session.execute(query)}


def owner_names(session: Session, owned: Sequence[Job | Schedule]) -> dict[UUID, str]:
    """The names of those to whom jobs or schedules belong."""
    query = select(col(User.id), col(User.name)).where(col(User.id).in_({each.owner_id for each in owned}))
    return {row[0]: row[1] for row in session.execute(query)}


def jobs_of(wanted: JobFilter) -> Select[Job]:
    """All jobs that a list shows, in no order, whatever the page."""
    query = select(Job).where(*seen_by(wanted.user, col(Job.owner_id)))
    if wanted.states:
        query = query.where(col(Job.state).in_(wanted.states))
    if wanted.unseen:
        query = query.where(unseen(), ~undone(), ~tried_out())
    if wanted.settled:
        query = query.where(~unseen() | undone() | tried_out())
    if wanted.job_type:
        query = query.where(col(Job.job_type) == wanted.job_type)
    if wanted.schedule_id:
        query = query.where(col(Job.schedule_id) == wanted.schedule_id)
    if wanted.text:
        query = query.where(_matches(wanted.text))
    return query


def _matches(text: str) -> ColumnElement[bool]:
    """A part of the file's name, of an entry or of the owner's name; or the number of the job: "412" or "job 412"."""
    owners = select(col(User.id)).where(col(User.name).icontains(text, autoescape=True))
    in_entries = cast(col(Job.params), String).icontains(json.dumps(text)[1:-1], autoescape=True)
    in_name = col(Job.file_name).icontains(text, autoescape=True) | col(Job.owner_id).in_(owners) | in_entries
    number = text.casefold().removeprefix("job").strip()
    is_number = number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER
    return in_name | (col(Job.number) == int(number)) if is_number else in_name
