"""What is asked of many jobs at once, and of which."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import col

from webapp.errors import BadInput
from webapp.jobs.control import MOST_PRIORITY, PRIORITY_COUNTS
from webapp.jobs.deeds import Action
from webapp.jobs.lifecycle import CANCELLABLE, PREPARING, TRANSITIONS, Move
from webapp.store.queries import CALLING, JobFilter, jobs_of, seen_by, tried_out, undone, unseen
from webapp.store.tables import Job, State, User

MOST_TICKED: Final = 1000


class BulkAction(StrEnum):
    """What can be asked of many jobs.

    `discard` is for those that were not started, `cancel` for those that were; `seen` says that somebody has seen to
    what went wrong.
    """

    cancel = "cancel"
    retry_rows = "retry_rows"
    discard = "discard"
    priority = "priority"
    seen = "seen"


@dataclass(frozen=True, slots=True)
class Bulk:
    """What is asked, and of which jobs: those with these `ids`, or if there are none, all that match.

    With `unseen` only those that nobody has seen to, with `settled` the others. `upto` is the newest job that is
    meant, and `after` the last one that was asked already.
    """

    action: BulkAction
    priority: int | None = None
    ids: tuple[UUID, ...] = ()
    states: frozenset[State] = frozenset()
    unseen: bool = False
    job_type: str | None = None
    text: str = ""
    settled: bool = False
    upto: UUID | None = None
    after: UUID | None = None

    def to_json(self) -> dict[str, Any]:
        """As an activity keeps it."""
        ids = {name: str(value) for name in ("upto", "after") if (value := getattr(self, name))}
        return {**asdict(self), "ids": [*map(str, self.ids)], "states": sorted(self.states), **ids}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """As it was kept."""
        ids = {name: UUID(kept[name]) for name in ("upto", "after") if kept[name]}
        states = frozenset(map(State, kept["states"]))
        action, named = BulkAction(kept["action"]), tuple(map(UUID, kept["ids"]))
        return cls(**{**kept, "action": action, "ids": named, "states": states, **ids})


ACTIONS: Final = {
    BulkAction.cancel: Action.cancel,
    BulkAction.discard: Action.cancel,
    BulkAction.retry_rows: Action.retry_rows,
}
"""What is asked of a single job; a priority is set."""


def applies(action: BulkAction) -> ColumnElement[bool]:
    """With which jobs it can be done, as far as their table tells."""
    state = col(Job.state)
    if action is BulkAction.retry_rows:
        return state.in_(TRANSITIONS[Move.retry_rows].sources) & (col(Job.failed) > 0)
    if action is BulkAction.priority:
        return state.in_(PRIORITY_COUNTS)
    if action is BulkAction.seen:
        return state.in_(CALLING) & (col(Job.unknown) == 0) & unseen() & ~undone() & ~tried_out()
    return state.in_(PREPARING if action is BulkAction.discard else CANCELLABLE - PREPARING)


def all_of(user: User, asked: Bulk) -> Select[Any]:
    """All jobs that match, in whatever state."""
    if asked.ids:
        query = select(Job).where(col(Job.id).in_(asked.ids), *seen_by(user, col(Job.owner_id)))
    else:
        query = jobs_of(
            JobFilter(
                user,
                asked.states,
                unseen=asked.unseen,
                settled=asked.settled,
                job_type=asked.job_type,
                text=asked.text,
            )
        )
    if asked.upto is not None:
        query = query.where(col(Job.id) <= asked.upto)
    return query.where(col(Job.id) > asked.after) if asked.after is not None else query


def require_possible(asked: Bulk) -> None:
    """Look at what was asked, whatever jobs there are.

    Raises:
        BadInput: there is no such priority, or too many ids.
    """
    if len(asked.ids) > MOST_TICKED:
        raise BadInput({"ids": f"Name at most {MOST_TICKED:,} jobs at once."})
    if asked.action is BulkAction.priority and (asked.priority is None or abs(asked.priority) > MOST_PRIORITY):
        raise BadInput({"priority": f"Choose a number from -{MOST_PRIORITY} to {MOST_PRIORITY}."})
