"""The life of a job: every transition there is, in one table. ARCHITECTURE.md draws it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, update
from sqlmodel import Session, col

from webapp.jobs.ended import tell_of_end
from webapp.store.tables import Job, State

S = State


class Move(StrEnum):
    """What can happen to a job."""

    check_passed = "check_passed"
    check_stopped = "check_stopped"
    check_again = "check_again"
    wait_for_columns = "wait_for_columns"
    start = "start"
    start_later = "start_later"
    run_now = "run_now"
    claim = "claim"
    give_back = "give_back"
    try_later = "try_later"
    hold = "hold"
    ask_to_pause = "ask_to_pause"
    pause = "pause"
    resume = "resume"
    resume_later = "resume_later"
    complete = "complete"
    complete_with_errors = "complete_with_errors"
    need_attention = "need_attention"
    fail = "fail"
    ask_to_cancel = "ask_to_cancel"
    cancel = "cancel"
    go_on = "go_on"
    retry_rows = "retry_rows"
    settle_well = "settle_well"
    settle_with_errors = "settle_with_errors"
    call_again = "call_again"


@dataclass(frozen=True, slots=True)
class Transition:
    """From any of `sources` to `target`, and why there is such an arrow."""

    sources: frozenset[State]
    target: State
    why: str
    drops_claim: bool = False  # whether who works on the job loses it


def _arrow(sources: set[State], target: State, why: str, *, drops_claim: bool = False) -> Transition:
    return Transition(frozenset(sources), target, why, drops_claim)


WORKING = frozenset({S.running, S.pausing, S.cancelling})
"""States in which a worker holds the job and its lease must be renewed."""

STOPPING = frozenset({S.pausing, S.cancelling})
"""States in which the worker was asked to come to its next safe place."""

WAITING = frozenset({S.queued, S.scheduled})
"""States in which a worker may claim the job; a scheduled one not before its time."""

ENDED = frozenset({S.completed, S.completed_with_errors, S.needs_attention, S.failed, S.cancelled})
"""States that no worker will change any more, unless somebody has it tried again."""

BEGINNINGS = frozenset({S.draft, S.checking, S.ready, S.scheduled, S.queued})
"""States that a new job may be in."""

PREPARING = frozenset({S.draft, S.checking, S.ready})
"""States before the start, in which the operator may settle how the file is read."""

TRANSITIONS: dict[Move, Transition] = {
    Move.check_passed: _arrow({S.checking}, S.ready, "the whole file was read; the operator may start"),
    Move.check_stopped: _arrow({S.checking}, S.draft, "the check found something that must be mended first"),
    Move.check_again: _arrow(
        set(PREPARING),
        S.checking,
        "the operator settled how the file is read; a check still going on is dropped",
        drops_claim=True,
    ),
    Move.wait_for_columns: _arrow(
        set(PREPARING), S.draft, "the same, and columns have to be matched before a check", drops_claim=True
    ),
    Move.start: _arrow({S.checking, S.ready}, S.queued, "the operator started it; a check still going on is dropped"),
    Move.start_later: _arrow({S.checking, S.ready}, S.scheduled, "the same, for a set time; no worker takes it before"),
    Move.run_now: _arrow({S.scheduled}, S.queued, "the operator does not want to wait for its time"),
    Move.claim: _arrow(set(WAITING), S.running, "a worker took it"),
    Move.give_back: _arrow({S.running}, S.queued, "its worker left or was lost; it goes on from the checkpoint"),
    Move.try_later: _arrow({S.running}, S.scheduled, "something outside did not work; it is tried again by itself"),
    Move.hold: _arrow(set(WAITING), S.paused, "the operator paused it before a worker took it"),
    Move.ask_to_pause: _arrow({S.running}, S.pausing, "the operator paused it; its worker ends the row it is at"),
    Move.pause: _arrow({S.running, S.pausing}, S.paused, "nothing runs; it was paused, or the first rows are done"),
    Move.resume: _arrow({S.paused}, S.queued, "the operator lets it go on"),
    Move.resume_later: _arrow({S.paused}, S.scheduled, "the same, before its time; no worker takes it until then"),
    Move.complete: _arrow(set(WORKING), S.completed, "every row is done or was meant to be skipped"),
    Move.complete_with_errors: _arrow(set(WORKING), S.completed_with_errors, "some rows were rejected or failed"),
    Move.need_attention: _arrow(
        set(WORKING), S.needs_attention, "some rows are unknown, or its function says so: people must decide"
    ),
    Move.fail: _arrow(
        {S.running, S.pausing}, S.failed, "the function gave up, or the job was lost too often without progress"
    ),
    Move.ask_to_cancel: _arrow(
        {S.running, S.pausing}, S.cancelling, "the operator called it off; its worker has to stop"
    ),
    Move.cancel: _arrow(
        {S.draft, S.checking, S.ready, S.scheduled, S.queued, S.paused, S.cancelling},
        S.cancelled,
        "it was called off and nothing runs",
    ),
    Move.go_on: _arrow({S.failed, S.cancelled}, S.queued, "the operator has the rows run that were not reached"),
    Move.retry_rows: _arrow(
        {S.completed_with_errors, S.needs_attention}, S.queued, "the operator has the rows tried again that failed"
    ),
    Move.settle_well: _arrow(
        {S.needs_attention}, S.completed, "people decided what became of the unknown rows, and have seen to the rest"
    ),
    Move.settle_with_errors: _arrow(
        {S.needs_attention}, S.completed_with_errors, "the same, and some rows did not work"
    ),
    Move.call_again: _arrow(
        {S.completed, S.completed_with_errors}, S.needs_attention, "people take back that they have seen to the rest"
    ),
}

CANCELLABLE = (TRANSITIONS[Move.cancel].sources | TRANSITIONS[Move.ask_to_cancel].sources) - {S.cancelling}
"""States in which an operator may call the job off."""


def move(
    session: Session,
    job_id: UUID,
    move: Move,
    *,
    fence: int | None = None,
    seen: int | None = None,
    **values: Any,  # noqa: ANN401 (column values)
) -> bool:
    """Make one transition, in the caller's transaction, by one conditional update.

    Args:
        session: a writing session.
        job_id: the job to move.
        move: which arrow of the table.
        fence: the claim that asks; an older claim than the job's present one is refused.
        seen: what the job's `settled` was when the asker looked; refused if it has grown since.
        values: columns to set along with the state.

    Returns:
        False, and nothing is changed, when the job is not in one of the arrow's sources, or what is asked goes by an
        old claim or by what was settled before.
    """
    arrow = TRANSITIONS[move]
    statement = update(Job).where(col(Job.id) == job_id, col(Job.state).in_(arrow.sources))
    if fence is not None:
        statement = statement.where(col(Job.fence) == fence)
    if seen is not None:
        statement = statement.where(col(Job.settled) == seen)
    changes = {"state": arrow.target, "revision": Job.revision + 1, **values}
    if arrow.drops_claim:
        changes["fence"] = Job.fence + 1
    if changed(session, statement.values(changes)) != 1:
        return False
    if arrow.target in ENDED:
        tell_of_end(session, job_id)
    return True


def changed(session: Session, statement: Any) -> int:  # noqa: ANN401 (SQLAlchemy's update)
    """How many rows an update touched."""
    result = cast("CursorResult[Any]", session.execute(statement, execution_options={"synchronize_session": False}))
    return result.rowcount
