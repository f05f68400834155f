"""What can be asked of many jobs, in words; and which of it makes sense for the jobs of a list."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from webapp.jobs.bulk_asked import BulkAction as A
from webapp.jobs.control import PRIORITY_COUNTS
from webapp.jobs.lifecycle import CANCELLABLE, PREPARING, TRANSITIONS, Move
from webapp.store.queries import CALLING
from webapp.store.tables import State
from webapp.web.format import plural
from webapp.web.priority import WORDS as PRIORITIES


@dataclass(frozen=True, slots=True)
class Words:
    """How an action is spoken of: its question with a number, what it comes to, and what was done."""

    ask: str
    means: str
    done: str
    danger: bool = False


WORDS: Final[Mapping[A, Words]] = {
    A.cancel: Words(
        "Cancel {}", "Rows that are done stay done; rows that are not reached are skipped.", "cancelled", danger=True
    ),
    A.retry_rows: Words("Try the failed rows of {} again", "Rows that are done stay as they are.", "trying again"),
    A.discard: Words("Cancel {}", "Nothing has happened to their rows, and nothing will.", "cancelled", danger=True),
    A.seen: Words(
        "Say that you have seen to {}",
        "What went wrong stays as it is on their pages; they leave “Needs you”.",
        "seen to",
    ),
    A.priority: Words("Change the priority of {}", "A higher one comes first.", "changed"),
}

CHOICES: Final[Mapping[str, str]] = {
    "cancel": "Cancel those started",
    "retry_rows": "Try the failed rows again",
    "discard": "Cancel those not started",
    "seen": "I have seen to them",
    **{f"priority:{value}": f"Priority: {word.lower()}" for value, word in sorted(PRIORITIES.items(), reverse=True)},
}
"""What the bar offers, by what it sends."""

FITTING: Final[Mapping[A, frozenset[State]]] = {
    A.cancel: CANCELLABLE - PREPARING,
    A.retry_rows: TRANSITIONS[Move.retry_rows].sources,
    A.discard: PREPARING,
    A.priority: PRIORITY_COUNTS,
    A.seen: CALLING,
}


def choices(states: frozenset[State]) -> list[tuple[str, str]]:
    """What can be asked of jobs in these states."""
    return [(value, text) for value, text in CHOICES.items() if states & FITTING[A(value.partition(":")[0])]]


def others(count: int) -> str:
    """A sentence about those that it can't be done with."""
    if not count:
        return ""
    return f"With {plural(count, 'other job')} that {'matches' if count == 1 else 'match'} this can’t be done."
