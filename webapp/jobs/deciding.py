"""Rows of which the desk can't know whether they were sent: people look at the other side, and decide."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, update
from sqlmodel import Session, col, select

from webapp.errors import Refused
from webapp.jobs.activity import record
from webapp.jobs.again import have_tried_again
from webapp.jobs.deeds import AFRESH, GONE
from webapp.jobs.lifecycle import ENDED, TRANSITIONS, Move, changed, move
from webapp.jobs.undoing import require_not_undone
from webapp.kit import now
from webapp.store.queries import SEEN, unseen
from webapp.store.tables import Activity, Job, LedgerEntry, Outcome, State, User

MOST_NAMED = 10_000  # rows named one by one
STILL_RUNS = "This job has not ended yet. Wait for its end, then decide."
NONE_SUCH = "There are no such rows to decide about: somebody may have decided already."
NOTHING_TO_SEE = "Nothing of this job needs attention any more: somebody may have seen to it already."
NOTHING_SEEN = "Nobody has seen to this job, or somebody has taken that back already: there is nothing to take back."
DECIDE_FIRST = "Decide about the unknown rows first, then say that you have seen to the rest."
WENT_WRONG = frozenset({State.completed_with_errors, State.failed})
"""States of jobs that stay what they are when somebody has seen to them, and call for nobody any more."""

NO_ROWS = "Name no rows: what you have seen to is about the job as a whole."


class Decision(StrEnum):
    """What became of an unknown row, or what is to become of it."""

    sent = "sent"
    not_sent = "not_sent"
    send_again = "send_again"
    seen = "seen"
    """No row is unknown, and whatever else of the job called for somebody was seen to."""
    unseen = "unseen"
    """It was not seen to after all: the job calls for somebody as it did before."""


def decide(session: Session, user: User, job: Job, decision: Decision, rows: Collection[int] | None = None) -> int:
    """See `control.Control.decide`; for a job that the session has locked."""
    if job.state not in ENDED:
        raise Refused(STILL_RUNS)
    if decision is Decision.send_again and job.removal is not None:
        raise Refused(GONE)
    if decision is Decision.seen:
        return _see(session, user, job, rows)
    if decision is Decision.unseen:
        return _take_back(session, user, job, rows)
    wanted = [col(LedgerEntry.job_id) == job.id, col(LedgerEntry.outcome) == Outcome.unknown]
    if rows is not None:
        wanted.append(col(LedgerEntry.first_row).in_(sorted(rows)[:MOST_NAMED]))
    count = (
        _send_again(session, job, rows)
        if decision is Decision.send_again
        else _mark(session, user, job, decision, wanted)
    )
    if not count:
        raise Refused(NONE_SUCH)
    record(session, user, "decide", job.id, decision=decision, rows=None if rows is None else sorted(rows), count=count)
    session.flush()
    if decision is not Decision.send_again and job.unknown == 0 and not job.doubt:
        settled = Move.settle_with_errors if job.rejected or job.failed else Move.settle_well
        move(session, job.id, settled)
    return count


def _see(session: Session, user: User, job: Job, rows: Collection[int] | None) -> int:
    """Settle a job whose rows are all known, on somebody's word; one whose sum does not add up is never green.

    What went wrong stays as it is: the job only calls for nobody any more.
    """
    if rows is not None:
        raise Refused(NO_ROWS)
    if job.unknown:
        raise Refused(DECIDE_FIRST)
    well = not (job.rejected or job.failed) and job.accounted == job.received
    settled = Move.settle_well if well else Move.settle_with_errors
    problem, was = job.problem, job.state
    if was in WENT_WRONG:
        ours = (col(Job.id) == job.id, col(Job.state).in_(WENT_WRONG), unseen())
        seen = changed(session, update(Job).where(*ours).values(doubt=SEEN, revision=Job.revision + 1)) == 1
    else:
        seen = move(session, job.id, settled, doubt=SEEN, problem=None)
    if not seen:
        raise Refused(NOTHING_TO_SEE)
    record(session, user, "decide", job.id, decision=Decision.seen, problem=problem, was=was)
    return 0


def _take_back(session: Session, user: User, job: Job, rows: Collection[int] | None) -> int:
    """Have a job call for somebody as it did before somebody had seen to it."""
    if rows is not None:
        raise Refused(NO_ROWS)
    if not may_unsee(job):
        raise Refused(NOTHING_SEEN)
    detail = _seen_to(session, job)
    if job.state is State.completed or detail.get("was") == State.needs_attention:
        problem = detail.get("problem")
        taken_back = move(session, job.id, Move.call_again, doubt=problem, problem=problem)
    else:
        ours = (col(Job.id) == job.id, col(Job.state).in_(WENT_WRONG), col(Job.doubt) == SEEN)
        taken_back = changed(session, update(Job).where(*ours).values(doubt=None, revision=Job.revision + 1)) == 1
    if not taken_back:
        raise Refused(NOTHING_SEEN)
    record(session, user, "decide", job.id, decision=Decision.unseen)
    return 0


def _seen_to(session: Session, job: Job) -> Mapping[str, Any]:
    """What was written down of the job when somebody last had seen to it."""
    decided = (col(Activity.job_id) == job.id, col(Activity.action) == "decide")
    details = session.exec(select(Activity.detail).where(*decided).order_by(col(Activity.id).desc()))
    return next((each for each in details if each["decision"] == Decision.seen), {})


def may_see(job: Job) -> bool:
    """Whether somebody may say that they have seen to the job."""
    called = job.state is State.needs_attention or (job.state in WENT_WRONG and job.doubt != SEEN)
    return called and not job.unknown


def may_unsee(job: Job) -> bool:
    """Whether somebody may take back that the job was seen to."""
    return job.doubt == SEEN and (job.state in WENT_WRONG or job.state is State.completed)


def _mark(session: Session, user: User, job: Job, decision: Decision, wanted: list[ColumnElement[bool]]) -> int:
    """Give the rows the outcome that somebody says they have."""
    rows = func.sum(LedgerEntry.last_row - LedgerEntry.first_row + 1)
    count = int(session.execute(select(func.coalesce(rows, 0)).where(*wanted)).scalar_one())
    outcome = Outcome.done if decision is Decision.sent else Outcome.failed
    reason = f"{user.name} marked it as {'sent' if decision is Decision.sent else 'not sent'}."
    changed(session, update(LedgerEntry).where(*wanted).values(outcome=outcome, reason=reason, code="decided"))
    setattr(job, outcome, getattr(job, outcome) + count)
    job.unknown -= count
    job.revision += 1
    session.add(job)
    return count


def _send_again(session: Session, job: Job, rows: Collection[int] | None) -> int:
    """Have the rows sent once more, on somebody's word."""
    if job.state not in TRANSITIONS[Move.retry_rows].sources:
        raise Refused("This job ended early. Have it go on first; at its end, decide about these rows.")
    require_not_undone(session, job.id)
    count = have_tried_again(session, job, Outcome.unknown, rows=rows)
    session.flush()
    if count:
        move(session, job.id, Move.retry_rows, queued_at=now(), **AFRESH)
    return count
