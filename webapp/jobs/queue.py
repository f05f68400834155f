"""Which job is claimed next, and that its claim breaks no limit.

All of it is one conditional update, the same on every database. On PostgreSQL claims come one after the other: two at
the same moment could each see room for one more.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Update, case, exists, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from webapp.jobs.claims import Claim, Task
from webapp.jobs.cleanup import claim_cleanup, not_cleaned_up
from webapp.jobs.lifecycle import WAITING, WORKING
from webapp.store.database import Database
from webapp.store.locks import hold
from webapp.store.queries import accounted
from webapp.store.tables import Attempt, Halt, Job, State
from webapp.store.types import DatabaseNow

_CLAIMED = (
    col(Job.id),
    col(Job.fence),
    col(Job.attempt),
    col(Job.job_type),
    accounted().label("accounted"),
)
NO_LIMITS: Mapping[str, int] = MappingProxyType({})


def claim_next(
    database: Database, worker: UUID, task: Task, lease_seconds: float, limits: Mapping[str, int] = NO_LIMITS
) -> Claim | None:
    """Take the next waiting job.

    The highest priority goes first, then what was interrupted, then the owner with the fewest jobs at work, then the
    job that waited longest. One that may not start yet holds up nobody: the next that may is taken.

    Args:
        database: the desk's database.
        worker: who takes it.
        task: what for.
        lease_seconds: how long the claim holds unless it is renewed.
        limits: how many jobs of a queue may be at work, on all machines together; a queue without one has none.

    Returns:
        None when nothing may start.
    """
    if task is Task.clean:
        return claim_cleanup(database)
    # without power there is no worker left that holds it, and what any has done in its name has been synced after it
    with database.write(synced=False) as session:
        if task is Task.run:
            hold(session.connection(), "claims")
        statement = _taking(task, worker, lease_seconds, frozenset(limits.items()))
        row = session.execute(statement, execution_options={"synchronize_session": False}).one_or_none()
        if row is None:
            return None
        claim = Claim(row.id, row.fence, row.attempt, task, row.job_type)
        if task is Task.run:
            opened = Attempt(job_id=row.id, number=row.attempt, worker=worker, accounted_before=row.accounted)
            session.add(opened)
        return claim


def waits(database: Database, task: Task) -> bool:
    """Whether anything may wait for such a claim; cheaper than to try, and it takes no lock."""
    if task is Task.clean:
        query = select(exists(not_cleaned_up()))
    else:
        query = select(
            exists(select(col(Job.id)).where(_may_be_run(Job) if task is Task.run else _may_be_checked(Job)))
        )
    with database.read() as session:
        return bool(session.execute(query).scalar_one())


def seconds_to_next(database: Database) -> float | None:
    """In how many seconds the next scheduled job may start, by the database's clock; None if there is none."""
    times = select(func.min(col(Job.run_at)), DatabaseNow()).where(col(Job.state) == State.scheduled)
    with database.read() as session:
        first, clock = session.execute(times).one()
    return None if first is None else float((first - clock).total_seconds())


def silent_elsewhere(database: Database, worker: UUID, lease_seconds: float, since_seconds: float) -> int:
    """How many jobs that others work on have given no sign of life for so many seconds: they may soon go on here."""
    unheard = col(Job.lease_until) < DatabaseNow(lease_seconds - since_seconds)
    others = (col(Job.state).in_(WORKING), col(Job.worker) != worker, unheard)
    with database.read() as session:
        return int(session.execute(select(func.count()).select_from(Job).where(*others)).scalar_one())


def was_interrupted(job: type[Job]) -> ColumnElement[bool]:
    """Whether a queued job was given back: only then has it a time, that of the interruption.

    There are never more of these than workers have room for, so that going first they hold up nobody for long.
    """
    return (col(job.state) == State.queued) & col(job.run_at).is_not(None)


@lru_cache(maxsize=8)
def _taking(task: Task, worker: UUID, lease_seconds: float, limits: frozenset[tuple[str, int]]) -> Update:
    """The same for each claim of a worker, and kept: to put it together takes ten times as long as to run it."""
    candidate = _next_job(dict(limits)) if task is Task.run else _next_check()
    values: dict[str, Any] = {
        "fence": Job.fence + 1,
        "stalls": Job.stalls + 1,
        "worker": worker,
        "lease_until": DatabaseNow(lease_seconds),
        "revision": Job.revision + 1,
    }
    if task is Task.run:
        values["state"] = State.running
        values["attempt"] = Job.attempt + 1
        values["started_at"] = case((col(Job.started_at).is_(None), DatabaseNow()), else_=col(Job.started_at))
    still_waits = _may_be_run(Job) if task is Task.run else _may_be_checked(Job)
    statement = update(Job).where(col(Job.id) == candidate.scalar_subquery(), still_waits)
    return statement.values(values).returning(*_CLAIMED)


def _next_job(limits: Mapping[str, int]) -> Select[UUID]:
    waiting = aliased(Job, name="waiting")
    at_work = _jobs_at_work_by_owner().subquery("at_work")
    statement = (
        select(col(waiting.id))
        .outerjoin(at_work, at_work.c.owner_id == col(waiting.owner_id))
        .where(
            _may_be_run(waiting),
            col(waiting.id).not_in(not_cleaned_up()),
            ~exists(select(col(Halt.id))),
            or_(
                col(waiting.only_one).is_(None),
                col(waiting.only_one).not_in(_only_ones_at_work())
                & col(waiting.only_one).not_in(_only_ones_not_cleaned_up()),
            ),
        )
        .order_by(
            col(waiting.priority).desc(),
            was_interrupted(waiting).desc(),
            func.coalesce(at_work.c.jobs, 0),
            col(waiting.queued_at),
            col(waiting.id),
        )
        .limit(1)
        .with_for_update(of=waiting, skip_locked=True)
    )
    return statement.where(col(waiting.queue).not_in(_full_queues(limits))) if limits else statement


def _next_check() -> Select[UUID]:
    """Checks have no effects and are short: they know no limits."""
    waiting = aliased(Job, name="waiting")
    return (
        select(col(waiting.id))
        .where(_may_be_checked(waiting), ~exists(select(col(Halt.id))))
        .order_by(col(waiting.priority).desc(), col(waiting.queued_at), col(waiting.id))
        .limit(1)
        .with_for_update(of=waiting, skip_locked=True)
    )


def _may_be_run(job: type[Job]) -> ColumnElement[bool]:
    its_time_has_come = or_(col(job.run_at).is_(None), col(job.run_at) <= DatabaseNow())
    return col(job.state).in_(WAITING) & or_(col(job.state) == State.queued, its_time_has_come)


def _may_be_checked(job: type[Job]) -> ColumnElement[bool]:
    return (col(job.state) == State.checking) & col(job.worker).is_(None)


def _jobs_at_work_by_owner() -> Select[UUID, int]:
    jobs = func.count().label("jobs")
    return select(col(Job.owner_id), jobs).where(col(Job.state).in_(WORKING)).group_by(col(Job.owner_id))


def _only_ones_at_work() -> Select[str | None]:
    busy = aliased(Job, name="busy")
    return select(col(busy.only_one)).where(col(busy.state).in_(WORKING), col(busy.only_one).is_not(None))


def _only_ones_not_cleaned_up() -> Select[str | None]:
    """What is cleaned up after one could be the next one's already."""
    ended = aliased(Job, name="ended")
    return select(col(ended.only_one)).where(col(ended.id).in_(not_cleaned_up()), col(ended.only_one).is_not(None))


def _full_queues(limits: Mapping[str, int]) -> Select[str]:
    busy = aliased(Job, name="in_queue")
    limit = case(*((col(busy.queue) == queue, number) for queue, number in limits.items()))
    return (
        select(col(busy.queue))
        .where(col(busy.state).in_(WORKING), col(busy.queue).in_(limits))
        .group_by(col(busy.queue))
        .having(func.count() >= limit)
    )
