"""What can be asked of a job: when that may be done, and how."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import func, update
from sqlmodel import Session, col

from webapp.authoring import JobType
from webapp.errors import Refused
from webapp.jobs.account import close_account, reopen_account
from webapp.jobs.again import have_tried_again
from webapp.jobs.claims import FREE
from webapp.jobs.lifecycle import CANCELLABLE, STOPPING, TRANSITIONS, WAITING, WORKING, Move, changed, move
from webapp.kit import now
from webapp.store.queries import SEEN, clock
from webapp.store.tables import Job, Outcome, State
from webapp.store.types import DatabaseNow

FORCE_AFTER = timedelta(minutes=5)
"""How long a worker may take to stop before its process is killed if somebody wants that."""

GONE: Final = "What this job held was removed, so nothing of it can be done again. Hand the file in as a new job."

S = State

AFRESH: Final[dict[str, Any]] = {
    "finished_at": None,
    "problem": None,
    "stalls": 0,
    "retries": 0,
    "run_at": None,
    "doubt": func.nullif(col(Job.doubt), SEEN),
}
"""What a job is like that begins once more: whoever has seen to it has not seen what comes of it now."""


class Action(StrEnum):
    """What can be asked of a job. `retry` has the rows run that were not reached, `retry_rows` those that failed."""

    run_now = "run_now"
    resume = "resume"
    retry = "retry"
    retry_rows = "retry_rows"
    pause = "pause"
    force = "force"
    cancel = "cancel"


ONCE_MORE = frozenset({Action.retry, Action.retry_rows})
"""These have a job work once more: one that is at work need not be so because of them, one that is undone may not."""


@dataclass(frozen=True, slots=True)
class Deed:
    """How an action is done.

    Attributes:
        may: Whether it can be done with the job at a time; its type is None if its code is gone.
        do: Does it to a job that the session has locked; False if it can't be done.
        done_in: States in which it has been done already.
        refusal: What is said if it can't be done.
    """

    may: Callable[[Job, JobType | None, datetime], bool]
    do: Callable[[Session, Job, JobType | None], bool]
    done_in: frozenset[State]
    refusal: str


def actions(job: Job, job_type: JobType | None, at: datetime, *, undone: bool) -> tuple[Action, ...]:
    """What may be done with the job at this time, the likeliest first; `undone` if another one undoes it."""
    refused = ONCE_MORE if undone else frozenset[Action]()
    return tuple(action for action, deed in DEEDS.items() if action not in refused and deed.may(job, job_type, at))


def may_retry(job: Job, job_type: JobType | None, _at: datetime) -> bool:
    """Whether there is anything left to do in a job that ended early. One that undoes another is not run again anew."""
    began = job.attempt > 0 or job.undo_of is not None
    able = job_type is not None and job.removal is None
    return job.state in TRANSITIONS[Move.go_on].sources and began and able


def may_retry_rows(job: Job, job_type: JobType | None, _at: datetime) -> bool:
    """Whether rows that failed can be handed to the function once more."""
    if job_type is None or job_type.restart or job.reading is None or job.removal is not None:
        return False
    return job.state in TRANSITIONS[Move.retry_rows].sources and job.failed > 0


def may_force(job: Job, _job_type: JobType | None, at: datetime) -> bool:
    """Whether a worker that was asked to stop has had its time."""
    return job.state in STOPPING and not job.forced and job.asked_at is not None and at - job.asked_at >= FORCE_AFTER


def run_now(session: Session, job: Job, _job_type: JobType | None) -> bool:
    """Have a job run whose time has not come."""
    return move(session, job.id, Move.run_now, run_at=None)


def resume(session: Session, job: Job, _job_type: JobType | None) -> bool:
    """Let a paused job go on, or wait again for the time that it was to wait for."""
    values: dict[str, Any] = {"pause_after": None} if job.attempt else {}  # one that never began is as it was started
    if job.run_at is not None and job.run_at > clock(session):
        return move(session, job.id, Move.resume_later, **values)
    return move(session, job.id, Move.resume, run_at=None, **values)


def pause(session: Session, job: Job, _job_type: JobType | None) -> bool:
    """Pause a job at once if nobody works on it, else ask its worker to."""
    return move(session, job.id, Move.hold) or move(session, job.id, Move.ask_to_pause, asked_at=DatabaseNow())


def cancel(session: Session, job: Job, _job_type: JobType | None) -> bool:
    """Call a job off at once if nobody works on it, else ask its worker to stop."""
    if job.state not in CANCELLABLE:
        return False
    if move(session, job.id, Move.ask_to_cancel, asked_at=DatabaseNow()):
        return True
    move(session, job.id, Move.cancel, finished_at=now(), **FREE)
    session.refresh(job)
    close_account(session, job, "cancelled", "The job was cancelled before this row.")
    return True


def force(session: Session, job: Job, _job_type: JobType | None) -> bool:
    """Have a worker killed that was asked to stop a while ago."""
    long_ago = col(Job.asked_at) <= DatabaseNow(-FORCE_AFTER.total_seconds())
    ours = (col(Job.id) == job.id, col(Job.state).in_(STOPPING), long_ago, ~col(Job.forced))
    return changed(session, update(Job).where(*ours).values(forced=True, revision=Job.revision + 1)) == 1


def retry(session: Session, job: Job, job_type: JobType | None) -> bool:
    """Have the rows run that were not reached; a job without rows is run again."""
    if not may_retry(job, job_type, now()):
        return False
    move(session, job.id, Move.go_on, queued_at=now(), **AFRESH)
    session.refresh(job)
    reopen_account(session, job)
    return True


def retry_rows(session: Session, job: Job, job_type: JobType | None, rows: frozenset[int] | None = None) -> bool:
    """Have the rows tried again that failed, or those of them that are named.

    Raises:
        Refused: one that is named has not failed.
    """
    if not may_retry_rows(job, job_type, now()):
        return False
    count = have_tried_again(session, job, Outcome.failed, rows=rows)
    if rows is not None and count < len(rows):
        raise Refused("Not all of these rows have failed, so none is tried again. Name rows that have.")
    if not count:
        return False
    session.flush()
    return move(session, job.id, Move.retry_rows, queued_at=now(), **AFRESH)


def _in(states: frozenset[State]) -> Callable[[Job, JobType | None, datetime], bool]:
    return lambda job, _job_type, _at: job.state in states


DEEDS: Final[dict[Action, Deed]] = {
    Action.run_now: Deed(
        _in(TRANSITIONS[Move.run_now].sources), run_now, WORKING | {S.queued}, "This job does not wait for a set time."
    ),
    Action.resume: Deed(
        _in(TRANSITIONS[Move.resume].sources), resume, WORKING | WAITING, "This job is not paused: it can't go on."
    ),
    Action.retry: Deed(
        may_retry, retry, WORKING | WAITING, "This job can't go on: nothing of it is left to do, or it never began."
    ),
    Action.retry_rows: Deed(may_retry_rows, retry_rows, WORKING | WAITING, "No row of this job can be tried again."),
    Action.pause: Deed(
        _in(TRANSITIONS[Move.hold].sources | TRANSITIONS[Move.ask_to_pause].sources),
        pause,
        frozenset({S.pausing, S.paused}),
        "This job can't be paused: it has ended, was called off, or has not been started.",
    ),
    Action.force: Deed(
        may_force,
        force,
        frozenset({S.paused, S.cancelled}),
        "This job can't be stopped by force: its worker has five minutes to stop by itself first.",
    ),
    Action.cancel: Deed(
        _in(CANCELLABLE),
        cancel,
        frozenset({S.cancelling, S.cancelled}),
        "This job has ended already; there is nothing left to cancel.",
    ),
}
