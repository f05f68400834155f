"""Tables of what the desk has to see to by itself."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from webapp.kit import now
from webapp.store.types import UtcDateTime


class Cleanup(SQLModel, table=True):
    """What has to be cleaned up after an attempt, from when on, and how often that was tried."""

    __tablename__ = "cleanup"

    job_id: UUID = Field(foreign_key="job.id", primary_key=True)
    attempt: int = Field(primary_key=True)
    due_at: datetime = Field(sa_type=UtcDateTime)
    tries: int = 0


class Worker(SQLModel, table=True):
    """A process that runs jobs, and when it was last heard of."""

    __tablename__ = "worker"

    id: UUID = Field(primary_key=True)
    name: str = Field(default="", max_length=200, description="Its machine and process, for people.")
    started_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    seen_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
