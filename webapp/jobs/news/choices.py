"""Of what people hear, and by which ways: what each has chosen, or the usual."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlmodel import Session

from webapp.store.tables import NewsChoice, Role, State, User


class Event(StrEnum):
    """What somebody may want to hear of."""

    well = "well"
    needs_me = "needs_me"
    failed = "failed"
    any_failed = "any_failed"


class Way(StrEnum):
    """How somebody hears of it. `popup` is a notification of the browser, while a page of the desk is open."""

    inbox = "inbox"
    popup = "popup"
    mail = "mail"
    webhook = "webhook"


OWN_EVENTS: Final = (Event.well, Event.needs_me, Event.failed)
ENDS: Final = {
    State.completed: Event.well,
    State.completed_with_errors: Event.needs_me,
    State.needs_attention: Event.needs_me,
    State.failed: Event.failed,
}
"""What the end of a job is to its owner. Who calls a job off knows it."""

USUAL: Final[Mapping[Event, frozenset[Way]]] = {
    **dict.fromkeys(OWN_EVENTS, frozenset({Way.inbox, Way.popup})),
    Event.any_failed: frozenset({Way.inbox}),
}


def events_for(user: User) -> tuple[Event, ...]:
    """What somebody may hear of: an administrator of others' jobs too."""
    return (*OWN_EVENTS, Event.any_failed) if user.role is Role.admin else OWN_EVENTS


def choice_of(session: Session, user_id: UUID) -> NewsChoice:
    """What somebody has chosen, not kept if they have chosen nothing yet."""
    return session.get(NewsChoice, user_id) or NewsChoice(user_id=user_id)


def ways_of(choice: NewsChoice, event: Event) -> frozenset[Way]:
    """The ways that an event is to go."""
    if event not in choice.ways:
        return USUAL[event]
    return frozenset(way for way in Way if way in choice.ways[event])
