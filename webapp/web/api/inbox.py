"""The inbox for programs: messages, and that they were read."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from webapp.jobs.news import inbox
from webapp.web.access import ApiViewer
from webapp.web.desk import DeskDep

router = APIRouter(prefix="/api/v1/inbox")


class MessageOut(BaseModel):
    """A message; `author` is null for the desk's own, `link` a path on this desk."""

    id: UUID
    title: str
    text: str
    link: str | None
    author: str | None
    job: UUID | None
    sent_at: datetime
    read_at: datetime | None


class InboxOut(BaseModel):
    """A page of messages, newest first; of `unread` ones there are 100 or more if it says 100."""

    messages: list[MessageOut]
    unread: int
    next: str | None


class InboxQuery(BaseModel):
    """Which messages: those behind the one whose id is `before`."""

    model_config = ConfigDict(extra="forbid")

    before: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 25


class UntilIn(BaseModel):
    """The newest message that is marked with all before it; null for all."""

    model_config = ConfigDict(extra="forbid")

    until: UUID | None = None


class MarkedOut(BaseModel):
    """How many messages were marked."""

    marked: int


@router.get("")
def list_(desk: DeskDep, user: ApiViewer, query: Annotated[InboxQuery, Query()]) -> InboxOut:
    """The user's messages."""
    with desk.database.read() as session:
        found = inbox.page_of(session, user, before=query.before, size=query.limit)
        shown = [message_out(letter) for letter in found.letters]
        unread = inbox.unread(session, user.id)
    more = f"/api/v1/inbox?before={found.older}&limit={query.limit}" if found.older else None
    return InboxOut(messages=shown, unread=unread, next=more)


@router.post("/read")
def read_all(desk: DeskDep, user: ApiViewer, body: UntilIn | None = None) -> MarkedOut:
    """Mark all as read, or all up to one."""
    with desk.database.write() as session:
        return MarkedOut(marked=inbox.mark_all_read(session, user, body.until if body else None))


@router.post("/{entry_id}/read", status_code=204)
def read_one(desk: DeskDep, user: ApiViewer, entry_id: UUID) -> Response:
    """Mark one as read; twice is once."""
    with desk.database.write() as session:
        inbox.mark_read(session, user, entry_id)
    return Response(status_code=204)


def message_out(letter: inbox.Letter) -> MessageOut:
    """A message as programs see it."""
    message = letter.message
    return MessageOut(
        id=letter.entry.id,
        title=message.title,
        text=message.text,
        link=message.link,
        author=letter.author,
        job=message.job_id,
        sent_at=message.created_at,
        read_at=letter.entry.read_at,
    )
