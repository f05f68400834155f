"""Making the jobs of schedules when they are due. Every process may do it at once: each time gets one job."""

import logging
import threading
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from webapp.jobs.activity import record
from webapp.jobs.halt import halted
from webapp.jobs.lifecycle import changed
from webapp.jobs.schedules import Schedules, timetable_of
from webapp.jobs.turns import Turn, take_turn
from webapp.store.database import DATABASE_TROUBLE
from webapp.store.queries import clock
from webapp.store.tables import Job, Missed, Schedule, User

LOOK_SECONDS: Final = 5.0  # a schedule that another process made is found so soon
REST_SECONDS: Final = 1.0  # at least, between two looks
AT_ONCE: Final = 100
UNFORESEEN: Final = "No job could be made, for a reason nobody foresaw. An administrator finds it in the log."

log = logging.getLogger("batchdesk.schedules")


def keep_firing(schedules: Schedules, stop: threading.Event) -> None:
    """Make the jobs that are due, now and whenever one is, until `stop` is set."""
    wait = 0.0
    while not stop.wait(wait):
        try:
            while fire_due(schedules) and not stop.is_set():
                pass  # there may be more than are made at once
            wait = _seconds_to_next(schedules)
        except Exception:
            log.exception("looking for due schedules failed; it is tried again in a few seconds")
            wait = LOOK_SECONDS


def fire_due(schedules: Schedules, now: datetime | None = None) -> int:
    """Make a job for each schedule that is due.

    Args:
        schedules: the desk's.
        now: the time to go by; the database's clock unless given.

    Returns:
        How many were made.
    """
    with schedules.database.read() as session:
        if halted(session):
            return 0
        now = now or clock(session)
        is_due = (col(Schedule.paused).is_(False), col(Schedule.next_at) <= now)
        due = session.exec(select(Schedule).where(*is_due).order_by(col(Schedule.next_at)).limit(AT_ONCE)).all()
        owners = {schedule.id: session.get_one(User, schedule.owner_id) for schedule in due}
        session.expunge_all()
    return sum(_fire(schedules, schedule, owners[schedule.id], now) for schedule in due)


def _fire(schedules: Schedules, schedule: Schedule, owner: User, now: datetime) -> bool:
    """Make the job of one schedule; whether there is one now. What goes wrong here is tried again at the next look."""
    if schedule.next_at is None:
        return False
    try:
        table, run_missed = timetable_of(schedule), schedule.missed is Missed.run_once
        turn = take_turn(table, schedule.next_at, now, run_missed=run_missed)
        job, problem = _attempt(schedules, schedule, owner) if turn.fire_time else (None, _was_missed(schedule, turn))
        return _settle(schedules, schedule, turn, job, problem)
    except Exception:
        log.exception("the job of schedule %s could not be written down; it is tried again", schedule.id)
        return False


def _attempt(schedules: Schedules, schedule: Schedule, owner: User) -> tuple[Job | None, str | None]:
    try:
        return schedules.attempt(schedule, owner)
    except DATABASE_TROUBLE:
        raise
    except Exception:
        log.exception("the job of schedule %s could not be made", schedule.id)
        return None, UNFORESEEN


def _settle(schedules: Schedules, schedule: Schedule, turn: Turn, job: Job | None, problem: str | None) -> bool:
    """In one transaction: move the schedule on, if nobody else has, and write its job down."""
    values: dict[str, Any] = {"next_at": turn.next_at, "problem": problem}
    if job is not None or schedule.cron is None:  # a single time is not forgotten, whatever came of it
        values["last_at"] = turn.fire_time or turn.missed
    unmoved = (
        col(Schedule.id) == schedule.id,
        col(Schedule.next_at) == schedule.next_at,
        col(Schedule.paused).is_(False),
    )
    with schedules.database.write() as session:
        if halted(session) or changed(session, update(Schedule).where(*unmoved).values(values)) != 1:
            return False
        if job is None or _has_job(session, schedule, turn):
            return False
        job.schedule_id, job.fire_time = schedule.id, turn.fire_time
        schedules.submissions.keep(session, job)
        record(session, None, "made_by_schedule", job.id, schedule=str(schedule.id), name=schedule.name)
    return True


def _has_job(session: Session, schedule: Schedule, turn: Turn) -> bool:
    """Whether this time has had its job: a clock that was set back comes by it again."""
    same = (col(Job.schedule_id) == schedule.id, col(Job.fire_time) == turn.fire_time)
    return session.exec(select(Job.id).where(*same)).first() is not None


def _was_missed(schedule: Schedule, turn: Turn) -> str | None:
    if turn.missed is None:
        return None
    local = turn.missed.astimezone(ZoneInfo(schedule.zone))
    return (
        f"No job was made for {local.day} {local:%b %Y, %H:%M} ({schedule.zone}): the desk was not running then, "
        "and this schedule skips missed times."
    )


def _seconds_to_next(schedules: Schedules) -> float:
    with schedules.database.read() as session:
        soonest = session.exec(select(func.min(Schedule.next_at)).where(col(Schedule.paused).is_(False))).one()
        left = LOOK_SECONDS if soonest is None else (soonest - clock(session)).total_seconds()
    return min(max(left, REST_SECONDS), LOOK_SECONDS)
