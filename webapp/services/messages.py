"""Messages to the people of the desk, for jobs: `messages: MessageService`."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from sqlalchemy import delete, insert, or_
from sqlmodel import SQLModel, col, select

from webapp.authoring import Context, Depends
from webapp.kit import new_id, now
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import InboxEntry, Message, User

PIECE: Final = 500  # rows in one statement


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was named; `id` is None if there is nobody of this name."""

    name: str
    id: UUID | None
    active: bool = True


class Messages:
    """Who there is to be written to, and the writing: what is written is kept with the job's account."""

    def __init__(self, database: Database, ctx: Context) -> None:
        self._database, self._ctx = database, ctx

    def everybody(self, roles: Collection[str] | None = None) -> list[Person]:
        """Who may sign in, by name; only those with one of the `roles` if they are given."""
        return [
            Person(user.name, user.id)
            for user in self._users()
            if user.active and (roles is None or user.role in roles)
        ]

    def named(self, names: Sequence[str]) -> list[Person]:
        """Those of these names, in this order, whether there are such people or not. Capitals make no difference."""
        known = {user.name.casefold(): user for user in self._users()}
        found = ((name, known.get(name.strip().casefold())) for name in names)
        return [Person(user.name, user.id, user.active) if user else Person(name.strip(), None) for name, user in found]

    def send(self, people: Collection[Person], title: str, text: str, link: str | None) -> None:
        """Put a message into the inboxes of people; a job has one, whose id is its own. Its author has read it."""
        (author,) = self.named([self._ctx.job.owner])
        made = {"id": self._ctx.job.id, "author_id": author.id, "job_id": self._ctx.job.id, "created_at": now()}
        self._ctx.db.execute(insert(_table(Message)).values(title=title, text=text, link=link, **made))
        entries = [
            {"id": new_id(), "message_id": made["id"], "user_id": person.id, "popup": not own, "read_at": read_at}
            for person in people
            for own in [person.id == author.id]
            for read_at in [made["created_at"] if own else None]
        ]
        for start in range(0, len(entries), PIECE):
            self._ctx.db.execute(insert(_table(InboxEntry)).values(entries[start : start + PIECE]))

    def _users(self) -> Sequence[User]:
        with self._database.read() as session:
            return session.exec(select(User).order_by(col(User.name))).all()


def withdraw(ctx: Context, message_id: UUID) -> None:
    """Take a message out of the inboxes of those who have not read it, and out of its author's."""
    author = select(Message.author_id).where(Message.id == message_id).scalar_subquery()
    unread = or_(col(InboxEntry.read_at).is_(None), col(InboxEntry.user_id) == author)
    ctx.db.execute(delete(_table(InboxEntry)).where(col(InboxEntry.message_id) == message_id, unread))


def open_messages(settings: Settings, ctx: Context) -> Iterator[Messages]:
    """Those of the desk, for one attempt of a job."""
    with closing(Database(settings.database)) as database:
        yield Messages(database, ctx)


MessageService = Annotated[Messages, Depends(open_messages)]


def _table(model: type[SQLModel]) -> Any:  # noqa: ANN401 (SQLModel does not say that its tables have one)
    return model.__table__  # type: ignore[attr-defined]
