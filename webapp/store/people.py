"""The tables of those who use the desk, and of how they sign in."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from webapp.kit import new_id, now
from webapp.store.types import UtcDateTime
from webapp.store.words import Role, RoleWord


class User(SQLModel, table=True):
    """Somebody who may sign in."""

    __tablename__ = "user"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(unique=True, max_length=100)
    role: Role = Field(sa_type=RoleWord)
    password_hash: str | None = Field(default=None, repr=False)
    active: bool = True
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    signed_in_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="The last time.")


class UserSession(SQLModel, table=True):
    """A signed-in browser. The cookie holds the secret, the table its fingerprint."""

    __tablename__ = "session"

    fingerprint: str = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", index=True)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    seen_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class SignInLink(SQLModel, table=True):
    """A link that lets its holder in once: the only way in for the first administrator."""

    __tablename__ = "sign_in_link"

    fingerprint: str = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="user.id")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApiToken(SQLModel, table=True):
    """A bearer token for programs, acting as its user."""

    __tablename__ = "api_token"

    fingerprint: str = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", index=True)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
