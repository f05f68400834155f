"""The words that columns are limited to."""

from enum import StrEnum

from sqlalchemy import Enum


class Role(StrEnum):
    """What a user may do: a viewer looks at their jobs, an operator runs jobs, an administrator sees all."""

    viewer = "viewer"
    operator = "operator"
    admin = "admin"


class State(StrEnum):
    """Where a job stands."""

    draft = "draft"
    checking = "checking"
    ready = "ready"
    scheduled = "scheduled"
    queued = "queued"
    running = "running"
    pausing = "pausing"
    paused = "paused"
    cancelling = "cancelling"
    cancelled = "cancelled"
    completed = "completed"
    completed_with_errors = "completed_with_errors"
    needs_attention = "needs_attention"
    failed = "failed"


class Outcome(StrEnum):
    """What became of a row. A row without one is waiting."""

    done = "done"
    rejected = "rejected"
    failed = "failed"
    skipped = "skipped"
    unknown = "unknown"


class Missed(StrEnum):
    """What becomes of times at which a schedule's job could not be made, because the desk was off."""

    skip = "skip"
    run_once = "run_once"


# kept as plain words, not as a type of the database: a new word needs no migration
RoleWord = Enum(Role, native_enum=False, length=40)
StateWord = Enum(State, native_enum=False, length=40)
OutcomeWord = Enum(Outcome, native_enum=False, length=40)
MissedWord = Enum(Missed, native_enum=False, length=40)
