"""What a worker has in its hands while it works on one claim."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from webapp.authoring import ComeBackLater, JobError, JobType, Registry
from webapp.authoring.opening import Overrides
from webapp.authoring.services import Service
from webapp.intake import Position, Reading, prepare
from webapp.intake.repair_records import Repairs
from webapp.jobs.batch import Batch
from webapp.jobs.claims import Claim
from webapp.jobs.effects import DeskEffects, makes_no_sense
from webapp.jobs.ledger import Ledger
from webapp.jobs.recovery import read_job, settle
from webapp.jobs.sending import Intent, Sending
from webapp.jobs.waiting import seconds_asked
from webapp.services.data import DataDatabase, DataWriter
from webapp.services.databases import Databases
from webapp.settings import Settings
from webapp.store.database import DATABASE_TROUBLE, Database
from webapp.store.files import Files
from webapp.store.secrets import SecretBox
from webapp.store.tables import Job, Outcome, Upload


class StopFlag:
    """Whether the worker was asked to stop. Unlike an `Event` it may be set in a signal handler: it takes no lock."""

    __slots__ = ("_asked", "problem")

    def __init__(self) -> None:
        self._asked = False
        self.problem: str | None = None

    def set(self, problem: str | None = None) -> None:
        """Ask it to stop; the job ends with that if it has a problem."""
        self.problem = problem or self.problem
        self._asked = True

    def is_set(self) -> bool:
        """Whether it was asked."""
        return self._asked


class StopWorking(BaseException):
    """The worker was asked to stop, because the job was cancelled or the process leaves."""


class PauseHere(BaseException):
    """The first rows are done that the operator wanted to look at."""


class NotWrittenDown(BaseException):
    """A database failed in the middle of a commit: only the next claim can tell what of it is there."""


@contextmanager
def written_down() -> Iterator[None]:
    """Around what writes something down for a job: trouble of the database is no fault of the row at hand.

    Raises:
        NotWrittenDown: a database failed.
    """
    try:
        yield
    except DATABASE_TROUBLE as error:
        raise NotWrittenDown from error


@dataclass(frozen=True, slots=True)
class Workshop:
    """What every claim's work in a process shares."""

    settings: Settings
    database: Database
    files: Files
    registry: Registry
    data: Databases
    secrets: SecretBox
    overrides: Overrides = field(default_factory=dict)
    """For tests: what stands in for providers of services."""

    def overrides_for(self, services: Mapping[str, Service]) -> Overrides:
        """Those of them that one function's services use."""
        used = [provider for service in services.values() for provider in service.providers]
        return {original: other for original, other in self.overrides.items() if original in used}


def is_first(claim: Claim, job: Job) -> bool:
    """Whether nobody has worked on the job before: there is nothing to take over, and its first write may take it.

    A named database is asked at once all the same: it may not be there.
    """
    return claim.attempt == 1 and job.target is None


@dataclass(slots=True)
class Work:
    """One claim being worked on: the job as it was claimed, its type, and where outcomes are written down."""

    shop: Workshop
    claim: Claim
    job: Job
    upload: Upload | None
    job_type: JobType
    ledger: Ledger
    data: DataDatabase
    """Where the job's own writes go."""
    writer: DataWriter
    stop: StopFlag = field(default_factory=StopFlag)
    effects: DeskEffects = field(default_factory=DeskEffects)
    sending: Sending = field(default_factory=Sending)
    not_before: float = 0.0
    """When to try again at the earliest, on the monotonic clock."""

    @property
    def job_id(self) -> UUID:
        """The job worked on."""
        return self.job.id

    @property
    def reading(self) -> Reading:
        """How the job's file is read, as decided when it was accepted."""
        if self.job.reading is None:
            raise LookupError(f"job {self.job.number} has no table")
        return Reading.from_json(self.job.reading)

    @property
    def repairs(self) -> Repairs:
        """What becomes of broken records: rows where their repair is sure, if the operator has accepted that."""
        return Repairs.MADE if self.job.choices.get("repair") else Repairs.NONE

    def path(self) -> Path:
        """The file whose bytes the records are read from."""
        upload = self.require_upload()
        return prepare(self.shop.files.upload(upload.id), self.reading, self.shop.files.prepared(upload.id))

    def require_upload(self) -> Upload:
        """The job's file."""
        if self.upload is None:
            raise LookupError(f"job {self.job.number} has no file")
        return self.upload

    def checkpoint(self) -> Position | None:
        """Where to go on; None to begin at the first row."""
        return None if self.job.checkpoint is None else Position.from_json(self.job.checkpoint)

    def commit(
        self,
        batch: Batch,
        without: range = range(0),
        intent: Intent | None = None,
        *,
        keep: int | None = None,
        last: bool = False,
    ) -> None:
        """Make a batch's effects in the data database and its account in the ledger durable, in this order.

        The marker written with the effects holds the account: if a crash falls between the two commits, the next
        claim finds it there and writes the account down.

        Args:
            batch: rows that follow on what is accounted for, or that wait to be tried again.
            without: rows behind the batch's end that have written something already; nothing of it is kept.
            intent: the row that is sent next.
            keep: the row that goes on after this; what it has written so far is committed with it, later.
            last: whether the job's function has returned.

        Raises:
            FenceLostError: the job has a newer claim.
            JobError: a database takes none of it.
            NotWrittenDown: a database failed.
        """
        if self.job_type.private:
            batch.hide_what_was_found()

        def settle(refused: Mapping[int, str]) -> dict[str, Any]:
            for row, reason in refused.items():
                batch.add(batch.entry(row, Outcome.rejected, reason, code="refused"))
            batch.require_firsts()
            return batch.to_json()

        effects = self.effects.take(without)
        try:
            self.writer.commit(settle, without={*batch.entries, *without}, keep=keep, last=last)
            self.ledger.commit(batch, sending=intent.to_json() if intent else None, effects=effects)
        except DATABASE_TROUBLE as error:
            if makes_no_sense(error):
                raise JobError(f"The database does not take what the job writes: {error}") from error
            raise NotWrittenDown from error
        if batch.again is None:
            self.job.checkpoint = batch.end.to_json()

    def commit_before(self, row: int, batch: Batch, intent: Intent | None = None, *, goes_on: bool = False) -> Batch:
        """Commit the batch as far as the row before `row`, one of its last slice; `goes_on`: that row is at work.

        Returns:
            The rest of it.

        Raises:
            FenceLostError: the job has a newer claim.
            JobError: a database takes none of it.
            NotWrittenDown: a database failed.
        """
        rest = batch.cut(row)
        last = rest.end.row if rest.again is None else max(rest.again, default=row - 1) + 1
        self.commit(batch, without=range(row, last), intent=intent, keep=row if goes_on else None)
        return rest

    def recover(self) -> Batch | None:
        """Take over the job's effects from an earlier claim, and write down what that one no longer could.

        Returns:
            The last batch that had effects.

        Raises:
            FenceLostError: the job has a newer claim.
        """
        if is_first(self.claim, self.job):
            return None
        return settle(self.data.take(self.job_id, self.claim.fence), self.ledger, self.job)

    def settle_again(self) -> None:
        """After a database failed: write down what has reached the data database after all.

        Raises:
            FenceLostError: the job has a newer claim.
            NotWrittenDown: nobody can say yet what has.
        """
        try:
            marker = self.data.take(self.job_id, self.claim.fence)
        except (ComeBackLater, JobError) as error:
            raise NotWrittenDown from error
        settle(marker, self.ledger, read_job(self.shop.database, self.job_id))

    def start_over(self) -> None:
        """Forget what an earlier attempt came to.

        Raises:
            FenceLostError: the job has a newer claim.
        """
        self.ledger.reset()
        self.job.checkpoint = self.job.sending = None

    def leave_alone(self, error: BaseException) -> None:
        """Try nothing again before whoever raised this error wants to be asked again."""
        self.not_before = max(self.not_before, time.monotonic() + seconds_asked(error))

    def raise_if_stopped(self) -> None:
        """Leave the work if it was asked for.

        Raises:
            StopWorking: it was.
        """
        if self.stop.is_set():
            raise StopWorking
