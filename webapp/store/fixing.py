"""Rows that came back mended: which file brought them, who sent it, and what had been wrong with each."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from webapp.kit import new_id, now
from webapp.store.types import UtcDateTime
from webapp.store.words import Outcome, OutcomeWord


class Mending(SQLModel, table=True):
    """A file of mended rows that a job has taken back. Written whole, in the transaction that has its rows run."""

    __tablename__ = "mending"
    __table_args__ = (UniqueConstraint("job_id", "sha256"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    job_id: UUID = Field(foreign_key="job.id")
    upload_id: UUID = Field(foreign_key="upload.id", index=True)
    user_id: UUID = Field(foreign_key="user.id")
    sha256: str = Field(description="Of the file: the very same bytes are taken once.")
    reading: dict[str, Any] = Field(sa_type=JSON, description="How the file is read.")
    rows: int = Field(sa_type=BigInteger, description="Rows that run once more with what it says of them.")
    left: int = Field(sa_type=BigInteger, description="Rows that had nothing to mend any more, and were left alone.")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class MendedRow(SQLModel, table=True):
    """Where a row stands in the file that brought it back, and what had become of it before."""

    __tablename__ = "mended_row"

    mending_id: UUID = Field(foreign_key="mending.id", primary_key=True)
    row: int = Field(sa_type=BigInteger, primary_key=True)
    line: int = Field(sa_type=BigInteger)
    offset: int = Field(sa_type=BigInteger)
    length: int = Field(sa_type=BigInteger)
    outcome: Outcome = Field(sa_type=OutcomeWord)
    column: str | None = None
    reason: str | None = None
