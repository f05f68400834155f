"""The messages of somebody in the desk: which there are, which are new, and that they were read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from webapp.errors import NotFound
from webapp.jobs.lifecycle import changed
from webapp.kit import now
from webapp.store import keyset
from webapp.store.tables import InboxEntry, Message, User

MOST_COUNTED: Final = 100  # beyond that a badge says 99+
POPUPS: Final = 5
KEPT: Final = timedelta(days=90)
KEPT_UNREAD: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as somebody finds it; `author` is None if it is the desk's own."""

    entry: InboxEntry
    message: Message
    author: str | None


@dataclass(frozen=True, slots=True)
class Letters:
    """A page of them, newest first, and the entries behind which there are more on either side."""

    letters: Sequence[Letter]
    newer: UUID | None
    older: UUID | None


def put(session: Session, message: Message, entries: Iterable[InboxEntry]) -> None:
    """Keep a message for somebody, in the caller's transaction."""
    session.add(message)
    session.flush()
    session.add_all(entries)


def page_of(
    session: Session, user: User, *, before: UUID | None = None, after: UUID | None = None, size: int = keyset.PAGE
) -> Letters:
    """A page of somebody's messages: behind the entry `before`, or just ahead of the entry `after`."""
    query = _letters(user)
    rows, newer, older = keyset.page_of(session, query, col(InboxEntry.id), before=before, after=after, size=size)
    return Letters([Letter(*row) for row in rows], newer, older)


def one(session: Session, user: User, entry_id: UUID) -> Letter:
    """One of somebody's messages.

    Raises:
        NotFound: they have no such message.
    """
    found = session.exec(_letters(user).where(col(InboxEntry.id) == entry_id)).first()
    if found is None:
        raise NotFound
    return Letter(*found)


def unread(session: Session, user_id: UUID) -> int:
    """How many messages somebody has not read; counted up to a hundred."""
    some = select(InboxEntry.id).where(*_unread_by(user_id)).limit(MOST_COUNTED).subquery()
    return session.exec(select(func.count()).select_from(some)).one()


def newest(session: Session, user_id: UUID) -> UUID | None:
    """The newest message for somebody, read or not."""
    ours = select(InboxEntry.id).where(InboxEntry.user_id == user_id)
    return session.exec(ours.order_by(col(InboxEntry.id).desc()).limit(1)).first()


def popups(session: Session, user_id: UUID) -> Sequence[tuple[InboxEntry, Message]]:
    """The newest messages that somebody's browser is to show, newest first."""
    query = select(InboxEntry, Message).join(Message, col(Message.id) == col(InboxEntry.message_id))
    ours = (col(InboxEntry.user_id) == user_id, col(InboxEntry.popup))
    return session.exec(query.where(*ours).order_by(col(InboxEntry.id).desc()).limit(POPUPS)).all()


def mark_read(session: Session, user: User, entry_id: UUID) -> None:
    """Note that somebody has read a message; twice is once.

    Raises:
        NotFound: they have no such message.
    """
    one(session, user, entry_id)
    _mark(session, col(InboxEntry.id) == entry_id, *_unread_by(user.id))


def is_news(session: Session, user_id: UUID, job_id: UUID) -> bool:
    """Whether somebody has not read yet what the desk has told them of a job."""
    of_it = select(InboxEntry.id).where(*_unread_by(user_id), _told_of(job_id))
    return session.exec(of_it.limit(1)).first() is not None


def mark_job_read(session: Session, user_id: UUID, job_id: UUID) -> None:
    """Note that somebody has looked at a job, and so has read what the desk has told them of it."""
    _mark(session, *_unread_by(user_id), _told_of(job_id))


def mark_all_read(session: Session, user: User, until: UUID | None = None) -> int:
    """Note that somebody has read all messages, or those up to the newest that they have seen; how many."""
    seen = () if until is None else (col(InboxEntry.id) <= until,)
    return _mark(session, *_unread_by(user.id), *seen)


def forget_old(session: Session) -> None:
    """Forget what was read three months ago, and what is a year old; then messages that nobody has any more."""
    of_last_year = select(Message.id).where(col(Message.created_at) < now() - KEPT_UNREAD)
    old = or_(col(InboxEntry.read_at) < now() - KEPT, col(InboxEntry.message_id).in_(of_last_year))
    session.execute(delete(InboxEntry).where(old))
    held = select(InboxEntry.id).where(InboxEntry.message_id == Message.id).exists()
    session.execute(delete(Message).where(col(Message.created_at) < now() - KEPT, ~held))


def _mark(session: Session, *which: ColumnElement[bool]) -> int:
    return changed(session, update(InboxEntry).where(*which).values(read_at=now()))


def _unread_by(user_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return col(InboxEntry.user_id) == user_id, col(InboxEntry.read_at).is_(None)


def _told_of(job_id: UUID) -> ColumnElement[bool]:
    """Messages of the desk itself; what people wrote was made by a job, and is not about it."""
    told = select(Message.id).where(col(Message.job_id) == job_id, col(Message.author_id).is_(None))
    return col(InboxEntry.message_id).in_(told)


def _letters(user: User) -> Select[InboxEntry, Message, str]:
    query = select(InboxEntry, Message, User.name).join(Message, col(Message.id) == col(InboxEntry.message_id))
    return query.outerjoin(User, col(User.id) == col(Message.author_id)).where(InboxEntry.user_id == user.id)
