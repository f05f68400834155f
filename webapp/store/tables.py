"""What the desk keeps. One class is one table; `jobs.lifecycle` says how a job's state may move."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from webapp.kit import new_id, now
from webapp.store.allowances import Allowance
from webapp.store.audit import Activity
from webapp.store.fixing import MendedRow, Mending
from webapp.store.known_rows import KnownRow
from webapp.store.news import Channel, Delivery, Fate, InboxEntry, Message, NewsChoice
from webapp.store.people import ApiToken, SignInLink, User, UserSession
from webapp.store.types import BigId, UtcDateTime
from webapp.store.upkeep import Cleanup, Worker
from webapp.store.words import Missed, MissedWord, Outcome, OutcomeWord, Role, State, StateWord

__all__ = [
    "Activity",
    "Allowance",
    "ApiToken",
    "Attempt",
    "Channel",
    "Cleanup",
    "Delivery",
    "Fate",
    "Halt",
    "InboxEntry",
    "Job",
    "KnownRow",
    "LedgerEntry",
    "LogLine",
    "MendedRow",
    "Mending",
    "Message",
    "Missed",
    "NewsChoice",
    "Outcome",
    "RememberedMatch",
    "ResultFile",
    "Role",
    "Schedule",
    "SignInLink",
    "State",
    "Upload",
    "User",
    "UserSession",
    "Worker",
]

AGAIN = text("again")
HAS_ENDED = text("finished_at IS NOT NULL")
ENDED_AS = (
    *("finished_at", "revision", "owner_id", "job_type", "state", "started_at", "ran_ms", "waited_ms"),
    *("received", "done", "rejected", "failed", "skipped", "unknown"),
)
"""What statistics look at: an index of these holds all of it."""


class Upload(SQLModel, table=True):
    """The bytes as received. Complete once `sha256` is known; until then its bytes lie in a `.part` file."""

    __tablename__ = "upload"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    owner_id: UUID = Field(foreign_key="user.id", index=True)
    name: str = Field(max_length=255)
    size: int = Field(sa_type=BigInteger)
    sha256: str | None = Field(default=None, index=True)
    in_params: bool = Field(default=False, description="Whether it is among the parameters of a job or a schedule.")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Job(SQLModel, table=True):
    """One submission of a job type: its file and parameters, its state, and the sum of its rows."""

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("owner_id", "submit_key"),
        Index("job_by_owner", "owner_id", "id"),
        Index("job_by_state", "state", "id"),
        Index("job_by_fire", "schedule_id", "fire_time", unique=True),
        Index("job_by_undone", "undo_of", unique=True),
        Index("job_by_end", *ENDED_AS, sqlite_where=HAS_ENDED, postgresql_where=HAS_ENDED),
        Index("job_to_claim", "state", "run_at", "priority", "queued_at", "owner_id", "queue", "only_one", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    number: int = Field(unique=True, description="What people call it: job 412.")
    owner_id: UUID = Field(foreign_key="user.id")
    job_type: str = Field(index=True)
    state: State = Field(sa_type=StateWord)
    submit_key: str | None = Field(default=None, max_length=200)
    priority: int = Field(default=0, description="A higher one is claimed first.")
    queue: str = Field(default="default", max_length=63, description="Jobs of one queue share a limit.")
    only_one: str | None = Field(default=None, max_length=200, description="Of jobs with the same words one runs.")
    target: str | None = Field(default=None, max_length=63, description="The named database that its writes go to.")
    run_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="Queued: when it was interrupted.")
    schedule_id: UUID | None = Field(default=None, foreign_key="schedule.id")
    fire_time: datetime | None = Field(default=None, sa_type=UtcDateTime, description="When the schedule wanted it.")
    again_of: UUID | None = Field(default=None, foreign_key="job.id", description="The job that this one repeats.")
    undo_of: UUID | None = Field(default=None, foreign_key="job.id", description="The job that this one undoes.")

    upload_id: UUID | None = Field(default=None, foreign_key="upload.id", index=True)
    file_name: str | None = None
    reading: dict[str, Any] | None = Field(default=None, sa_type=JSON, description="How the file is read.")
    preview: dict[str, Any] | None = Field(default=None, sa_type=JSON, description="What the operator is shown of it.")
    choices: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, description="What the operator has settled.")
    settled: int = Field(default=0, description="Grows each time the operator settles something about the file.")
    match: dict[str, Any] | None = Field(default=None, sa_type=JSON, description="Which column feeds which field.")
    findings: dict[str, Any] | None = Field(default=None, sa_type=JSON, description="What the check found.")
    params: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    secrets: str | None = Field(default=None, description="Secret parameters, encrypted.")
    request: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, description="Facts of the request.")

    counted: bool = Field(default=False, description="Whether `received` is the exact number of the file's rows.")
    received: int = Field(default=0, sa_type=BigInteger)
    done: int = Field(default=0, sa_type=BigInteger)
    rejected: int = Field(default=0, sa_type=BigInteger)
    failed: int = Field(default=0, sa_type=BigInteger)
    skipped: int = Field(default=0, sa_type=BigInteger)
    unknown: int = Field(default=0, sa_type=BigInteger)
    checkpoint: dict[str, Any] | None = Field(default=None, sa_type=JSON, description="Up to here rows have outcomes.")
    progress: dict[str, Any] | None = Field(default=None, sa_type=JSON, description="Of other work than rows.")
    problem: str | None = Field(default=None, description="One sentence for the operator.")
    doubt: str | None = Field(default=None, description="What has to be looked at; empty once it was seen to.")
    shown: dict[str, Any] | None = Field(default=None, sa_type=JSON, description="A small table for the page.")

    redo: bool = Field(default=False, description="Rows that an earlier job has done are run all the same.")
    pause_after: int | None = Field(default=None, sa_type=BigInteger, description="It pauses after this row.")
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="When it was to pause or stop.")
    forced: bool = Field(default=False, description="Whoever works on it is killed without waiting for the row.")
    sending: dict[str, Any] | None = Field(default=None, sa_type=JSON, description="The row that is being sent now.")
    retries: int = Field(default=0, description="How often it was tried again by itself.")
    attempt: int = Field(default=0, description="How often it was run.")
    fence: int = Field(default=0, description="Grows with every claim: an older holder's writes are refused.")
    worker: UUID | None = None
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stalls: int = Field(default=0, description="Claims in a row that were lost without progress.")
    revision: int = Field(default=0, description="Grows with every change that a watcher should see.")

    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    queued_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ran_ms: int | None = Field(default=None, sa_type=BigInteger, description="Ended: how long it was worked on.")
    waited_ms: int | None = Field(default=None, sa_type=BigInteger, description="Ended: before it was first begun.")
    keep: bool = Field(default=False, description="What it holds is kept for ever, whatever the desk removes.")
    removal: str | None = Field(default=None, description="Why what it holds was removed, or is being removed.")
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="When all of that was gone.")

    @property
    def accounted(self) -> int:
        """Rows that have an outcome."""
        return self.done + self.rejected + self.failed + self.skipped + self.unknown

    @property
    def waiting(self) -> int:
        """Rows that have none yet; received = accounted + waiting, always."""
        return self.received - self.accounted


class Schedule(SQLModel, table=True):
    """A job that is made again and again, or once at a set time. `next_at` is None when no time is left."""

    __tablename__ = "schedule"
    __table_args__ = (Index("schedule_by_next", "next_at"), Index("schedule_by_owner", "owner_id", "id"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    owner_id: UUID = Field(foreign_key="user.id")
    name: str = Field(max_length=200)
    job_type: str
    params: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    secrets: str | None = Field(default=None, description="Secret parameters, encrypted.")
    upload_id: UUID | None = Field(default=None, foreign_key="upload.id", description="The file of each job.")
    choices: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, description="How the file is read.")
    priority: int = 0
    cron: str | None = Field(default=None, max_length=200, description="Five fields; None to run once.")
    zone: str = Field(default="UTC", max_length=100, description="The time zone that the cron fields are in.")
    missed: Missed = Field(default=Missed.skip, sa_type=MissedWord)
    paused: bool = False
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="The last of its times.")
    problem: str | None = Field(default=None, description="Why its last job could not be made.")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Halt(SQLModel, table=True):
    """While there is one, no worker takes a job: a restored desk waits for an administrator."""

    __tablename__ = "halt"

    id: int = Field(default=1, primary_key=True)
    since: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    reason: str


class RememberedMatch(SQLModel, table=True):
    """Which column of a header fed which field when somebody last started a job of this type with such a file."""

    __tablename__ = "remembered_match"
    __table_args__ = (
        UniqueConstraint("job_type", "fingerprint"),
        Index("remembered_match_by_age", "job_type", "remembered_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    job_type: str
    fingerprint: str = Field(description="Of the columns' names in their order.")
    columns: list[str] = Field(sa_type=JSON)
    pairs: dict[str, str | None] = Field(sa_type=JSON, description="Each field's column; None if it was to have none.")
    user_id: UUID = Field(foreign_key="user.id")
    remembered_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Attempt(SQLModel, table=True):
    """One execution of a job, and how it ended. `detail` is for administrators only."""

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("job_id", "number"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    job_id: UUID = Field(foreign_key="job.id")
    number: int
    worker: UUID
    accounted_before: int = Field(default=0, sa_type=BigInteger, description="Rows accounted for when it began.")
    started_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended: str | None = Field(default=None, description="completed, failed, cancelled, given back or lost.")
    detail: str | None = None
    steps: list[dict[str, Any]] | None = Field(default=None, sa_type=JSON, description="Its named steps in order.")


class LedgerEntry(SQLModel, table=True):
    """What became of the rows `first_row` to `last_row`. A row that is not done stands alone, with its reason."""

    __tablename__ = "ledger"
    __table_args__ = (
        UniqueConstraint("job_id", "first_row"),
        Index("ledger_by_outcome", "job_id", "outcome", "first_row"),
        Index("ledger_to_try_again", "job_id", "first_row", sqlite_where=AGAIN, postgresql_where=AGAIN),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    job_id: UUID = Field(foreign_key="job.id")
    attempt: int
    outcome: Outcome = Field(sa_type=OutcomeWord)
    first_row: int = Field(sa_type=BigInteger)
    last_row: int = Field(sa_type=BigInteger)
    line: int | None = Field(default=None, sa_type=BigInteger, description="Physical line where the record begins.")
    offset: int | None = Field(default=None, sa_type=BigInteger, description="Byte where the record begins.")
    length: int | None = Field(default=None, sa_type=BigInteger, description="Bytes of the record.")
    column: str | None = None
    found: str | None = None
    reason: str | None = None
    code: str | None = None
    again: bool = Field(default=False, description="It waits to be tried again; until then it is not counted.")
    tries: int = Field(default=1, description="How often the row was tried.")


class LogLine(SQLModel, table=True):
    """What a job's function said while it ran."""

    __tablename__ = "log_line"
    __table_args__ = (Index("log_line_by_job", "job_id", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    job_id: UUID = Field(foreign_key="job.id")
    attempt: int
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    level: str
    message: str


class ResultFile(SQLModel, table=True):
    """A file that a job made, for its owner to download."""

    __tablename__ = "file"
    __table_args__ = (UniqueConstraint("job_id", "name"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    job_id: UUID = Field(foreign_key="job.id")
    name: str
    bytes: int = Field(sa_type=BigInteger)
    sha256: str
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
