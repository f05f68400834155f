"""What is handed in, and how it is to be started."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from webapp.authoring import JobType
from webapp.errors import BadInput
from webapp.jobs.activity import record
from webapp.jobs.confirming import Confirmed
from webapp.jobs.lifecycle import Move
from webapp.jobs.settled import NOTHING_SETTLED, Settled
from webapp.kit import now
from webapp.store.tables import Job, Upload, User

USED: Final = "was used for another request. Take a new key for each new one."
CHANGED: Final = "How the file is read has been changed since you looked at it. Look at it again, then start."


@dataclass(frozen=True, slots=True)
class StartAt:
    """How a job is started: at once unless something is said.

    Attributes:
        first_rows: Run so many rows, then pause and let the operator look.
        run_at: Not before this time.
        priority: A higher one is claimed first, from -100 to 100; None leaves it as it is.
        confirmed: How many rows are meant, as said; None if nobody is there to be asked.
        redo: Whether rows that an earlier job has done are run all the same.
    """

    first_rows: int | None = None
    run_at: datetime | None = None
    priority: int | None = None
    confirmed: Confirmed | None = None
    redo: bool = False

    def columns(self) -> dict[str, Any]:
        """The columns of the job that say so."""
        given = {} if self.priority is None else {"priority": self.priority}
        return {"pause_after": self.first_rows, "run_at": self._later(), "redo": self.redo, **given}

    def note(self, session: Session, user: User, job_id: UUID) -> None:
        """Write down who started a job so, in the caller's transaction."""
        later = self._later()
        how = {"first_rows": self.first_rows, "run_at": later.isoformat() if later else None, "redo": self.redo or None}
        record(session, user, "start", job_id, **{name: value for name, value in how.items() if value is not None})

    @property
    def move(self) -> Move:
        """The transition that starts a job so."""
        return Move.start_later if self._later() else Move.start

    def _later(self) -> datetime | None:
        return self.run_at if self.run_at is not None and self.run_at > now() else None


AT_ONCE: Final = StartAt()


@dataclass(frozen=True, slots=True)
class Submission:
    """What a user hands in. Two with the same `submit_key` are one: a double click, a retry, a reload.

    With `like`, its form begins as that earlier job of the same kind was filled in.
    """

    user: User
    job_type: str
    upload_id: UUID | None = None
    submit_key: str | None = None
    request: Mapping[str, str] | None = None
    settled: Settled = NOTHING_SETTLED
    when: StartAt = AT_ONCE
    again_of: Job | None = None
    like: Job | None = None


def require_same_request(session: Session, job_type: JobType, kept: Job, job: Job) -> None:
    """See that a job which was kept with the key of another was handed in as that one is.

    Raises:
        BadInput: the key was used for something else.
    """
    same = (kept.job_type, kept.choices) == (job.job_type, job.choices)
    if not same or _handed_in(session, job_type, kept) != _handed_in(session, job_type, job):
        raise BadInput({"Idempotency-Key": USED})


def _handed_in(session: Session, job_type: JobType, job: Job) -> tuple[object, ...]:
    """The entries and the bytes of all files: who sends them again has other uploads of the same bytes."""
    others = job_type.files(job.params)
    uploads = [session.get(Upload, each) for each in (job.upload_id, *others) if each]
    words = json.dumps(job.params, sort_keys=True)
    for each in others:
        words = words.replace(str(each), "")
    return words, [upload.sha256 for upload in uploads if upload]


def require_same_again(kept: Job, of: Job) -> None:
    """See that a job which was kept with a key repeats this one.

    Raises:
        BadInput: the key was used for something else.
    """
    if kept.again_of != of.id:
        raise BadInput({"Idempotency-Key": USED})
