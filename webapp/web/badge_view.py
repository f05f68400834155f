"""The number beside the inbox, as it is shown: how many messages are new, and which the browser is to show itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from webapp.jobs.news import inbox
from webapp.store.tables import InboxEntry, Message, User
from webapp.web.desk import Desk


@dataclass(frozen=True, slots=True)
class Badge:
    """What it shows, and the messages that the browser is to show."""

    unread: int = 0
    popups: Sequence[tuple[InboxEntry, Message]] = ()

    @property
    def number(self) -> str:
        """As it stands in the badge."""
        return str(self.unread) if self.unread < inbox.MOST_COUNTED else f"{inbox.MOST_COUNTED - 1}+"


def badge_for(session: Session, user_id: UUID) -> Badge:
    """The badge of somebody."""
    return Badge(inbox.unread(session, user_id), inbox.popups(session, user_id))


def badge_on(request: Request, user: User) -> Badge:
    """The badge on a page; an empty one while the database can't be asked: the page itself says so."""
    desk: Desk = request.app.state.desk
    try:
        with desk.database.read() as session:
            return badge_for(session, user.id)
    except SQLAlchemyError:
        return Badge()
