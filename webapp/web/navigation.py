"""The way around: what stands in the bar on top of each page, and what is folded away beside it.

A page that wants to be there says so itself: its module has a `PLACE`, and `app.py` gathers them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request

from webapp.store.tables import Role, User
from webapp.web.access import RANK


@dataclass(frozen=True, slots=True)
class Place:
    """One link.

    Attributes:
        text: What it is called.
        url: Where it leads.
        order: A lower one stands further left, or further up.
        least: Who is shown it: this role, and those above it.
        folded: Whether it stands in the menu *More*, for what is not needed every day.
    """

    text: str
    url: str
    order: int
    least: Role = Role.viewer
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Navigation:
    """What somebody is shown; a menu of one link is a link."""

    bar: Sequence[Place]
    more: Sequence[Place]


def navigation(request: Request, user: User) -> Navigation:
    """The way around for somebody."""
    shown = [place for place in request.app.state.places if RANK[user.role] >= RANK[place.least]]
    folded = [place for place in shown if place.folded]
    if len(folded) == 1:
        return Navigation(shown, ())
    return Navigation([place for place in shown if not place.folded], folded)


def is_here(request: Request, place: Place) -> bool:
    """Whether the page that is shown is this place, or stands below it."""
    path = request.url.path
    return path == place.url or (place.url != "/" and path.startswith(f"{place.url}/"))
