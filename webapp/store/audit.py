"""The table of what people did."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from webapp.kit import now
from webapp.store.types import BigId, UtcDateTime


class Activity(SQLModel, table=True):
    """What somebody did, to be read later. Written in the transaction of the deed.

    Never changed, but for the problem of a job that one cites: it goes with what the job holds of its rows.
    """

    __tablename__ = "activity"
    __table_args__ = (
        Index("activity_by_job", "job_id", "id"),
        Index("activity_by_user", "user_id", "id"),
        Index("activity_by_action", "action", "id"),
        Index("activity_by_time", "at"),
        Index("activity_by_request", "request_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    user_id: UUID | None = Field(default=None, foreign_key="user.id", description="None: the desk itself.")
    job_id: UUID | None = Field(default=None, foreign_key="job.id")
    action: str = Field(max_length=60)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    request: dict[str, Any] | None = Field(default=None, sa_type=JSON, description="Facts of the request.")
    request_id: str | None = Field(default=None, max_length=64)
