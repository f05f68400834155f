"""The tables of what people are told: messages in the desk, by which ways they want to hear, and what is sent out."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Enum, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from webapp.kit import new_id, now
from webapp.store.types import UtcDateTime

UNREAD = text("read_at IS NULL")
OPEN = text("ended_at IS NULL")


class Channel(StrEnum):
    """A way by which somebody is told outside of the desk's pages."""

    mail = "mail"
    webhook = "webhook"


class Fate(StrEnum):
    """What becomes of something that is sent out. What is being `sent` by mail and breaks off is `unknown`."""

    waiting = "waiting"
    taken = "taken"
    sending = "sending"
    done = "done"
    failed = "failed"
    unknown = "unknown"


ChannelWord = Enum(Channel, native_enum=False, length=40)
FateWord = Enum(Fate, native_enum=False, length=40)


class Message(SQLModel, table=True):
    """What the desk, or somebody, has to say. Whom it is for is in `InboxEntry`."""

    __tablename__ = "message"
    __table_args__ = (Index("message_by_job", "job_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    author_id: UUID | None = Field(default=None, foreign_key="user.id", description="None: the desk itself.")
    job_id: UUID | None = Field(default=None, foreign_key="job.id", description="The job that made it, or ended.")
    title: str = Field(max_length=200)
    text: str
    link: str | None = Field(default=None, max_length=500, description="A path on this desk.")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class InboxEntry(SQLModel, table=True):
    """A message for somebody, and when they have read it. `popup` is whether their browser is to show it."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("message_id", "user_id"),
        Index("inbox_by_user", "user_id", "id"),
        Index("inbox_unread", "user_id", "id", sqlite_where=UNREAD, postgresql_where=UNREAD),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    message_id: UUID = Field(foreign_key="message.id")
    user_id: UUID = Field(foreign_key="user.id")
    popup: bool = False
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class NewsChoice(SQLModel, table=True):
    """By which ways somebody wants to hear of what; without a row, by the usual ones."""

    __tablename__ = "news_choice"

    user_id: UUID = Field(foreign_key="user.id", primary_key=True)
    ways: dict[str, list[str]] = Field(default_factory=dict, sa_type=JSON, description="Of each event, its ways.")
    mail: str | None = Field(default=None, max_length=320)
    webhook: str | None = Field(default=None, max_length=2000)
    secret: str | None = Field(default=None, description="What webhooks are signed with, encrypted.")


class Delivery(SQLModel, table=True):
    """Something that is sent out, by mail or webhook, and what became of it. Its id is the same at each try."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("delivery_to_send", "due_at", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("delivery_by_user", "user_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id")
    job_id: UUID | None = Field(default=None, foreign_key="job.id")
    channel: Channel = Field(sa_type=ChannelWord)
    address: str = Field(max_length=2000)
    event: str = Field(max_length=60)
    title: str = Field(max_length=200)
    text: str
    body: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, description="What a webhook is told of the job.")
    fate: Fate = Field(default=Fate.waiting, sa_type=FateWord)
    tries: int = 0
    due_at: datetime = Field(default_factory=now, sa_type=UtcDateTime, description="Taken: until then it is held.")
    holder: UUID | None = Field(default=None, description="Who took it, anew each time.")
    said: str | None = Field(default=None, description="What came of the last try.")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
