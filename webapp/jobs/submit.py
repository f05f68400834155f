"""Accepting jobs: from a file and parameters to a job that waits for a worker."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from webapp.authoring import JobType, ParamsError, Registry, UnknownJobType
from webapp.engines.base import Engine
from webapp.errors import BadInput, NotFound, Refused
from webapp.intake import IntakeError, Preview, match_columns, preview
from webapp.jobs.lifecycle import Move, move
from webapp.jobs.mended import columns_of, own_columns
from webapp.jobs.preview import keep_preview
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.files import Files
from webapp.store.secrets import SecretBox
from webapp.store.tables import Job, State, Upload, User

_FRESH = {"worker": None, "lease_until": None, "stalls": 0, "progress": None}
"""What a job that was checked begins with: nothing of its check counts for its run."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What a user hands in. Two with the same `submit_key` are one: a double click, a retry, a reload."""

    user: User
    job_type: str
    upload_id: UUID | None = None
    submit_key: str | None = None
    request: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Submissions:
    """The use-cases of handing in a job."""

    database: Database
    files: Files
    registry: Registry
    engine: Engine
    secrets: SecretBox

    def prepare(self, submission: Submission) -> Job:
        """Accept a file for a job that is started later, and have it checked.

        Raises:
            BadInput: there is no such job type, or the file can't be used; under the name of the form's field.
        """
        job = self._draft(submission)
        if job.reading is None:
            job.state = State.ready
        return self._keep(job)

    def start(self, user: User, job_id: UUID, raw: Mapping[str, Any]) -> None:
        """Start a prepared job with these parameters. Starting it twice is the same as once.

        Args:
            user: who starts it.
            job_id: which job.
            raw: the parameters as entered.

        Raises:
            BadInput: some parameters are no good; by their names.
            Refused: the job can't be started any more.
            NotFound: the user has no such job.
        """
        with self.database.read() as session:
            job = own_job(session, user, job_id)
            session.expunge(job)
        params = self._params(self._job_type(job.job_type), raw, columns_of(job) or None)
        with self.database.write() as session:
            started = move(session, job_id, Move.start, **_FRESH, queued_at=now(), **params)
            if started:
                self.engine.dispatch(session, job_id)
                return
            state = session.get_one(Job, job_id).state
        if state in {State.draft, State.cancelled}:
            raise Refused("This job can't be started: it was called off, or its file must be mended first.")

    def submit(self, submission: Submission, raw: Mapping[str, Any]) -> Job:
        """Accept a job with file and parameters in one go; it waits for a worker when this returns.

        Raises:
            BadInput: the job type, the file or some parameters are no good, or the key was used for something else;
                by their names.
        """
        job = self._draft(submission)
        if job.problem is not None:
            raise BadInput({"file": job.problem})
        for name, value in self._params(self.registry.get(job.job_type), raw, columns_of(job) or None).items():
            setattr(job, name, value)
        job.state, job.queued_at = State.queued, now()
        kept = self._keep(job)
        if kept.id != job.id and not self._is_same_request(kept, job):
            raise BadInput({"Idempotency-Key": "was used for another request. Take a new key for each new one."})
        return kept

    def _draft(self, submission: Submission) -> Job:
        """A job with its file looked into, not kept yet."""
        job_type = self._job_type(submission.job_type)
        job = Job(
            number=0,
            owner_id=submission.user.id,
            job_type=job_type.name,
            state=State.checking,
            submit_key=submission.submit_key,
            request=dict(submission.request or {}),
            queued_at=now(),
        )
        if job_type.takes_file:
            self._look_into(job, job_type, self._upload(submission))
        elif submission.upload_id is not None:
            raise BadInput({"file": "This job works without a file. Send none."})
        return job

    def _look_into(self, job: Job, job_type: JobType, upload: Upload) -> None:
        job.upload_id, job.file_name = upload.id, upload.name
        if job_type.file_kind == "upload":
            return
        try:
            seen = preview(self.files.upload(upload.id), copy=self.files.prepared(upload.id))
        except IntakeError as error:
            raise BadInput({"file": str(error)}) from error
        job.reading, job.preview = seen.reading.to_json(), keep_preview(seen)
        job.received, job.counted = seen.rows_total or 0, seen.rows_total is not None
        if job_type.row_model:
            missing = match_columns(own_columns(upload.name, seen.reading), job_type.row_model).missing
            if missing:
                job.state, job.problem = State.draft, _lacks(missing, seen)

    def _keep(self, job: Job) -> Job:
        with self.database.write() as session:
            if job.submit_key is not None:
                same = (col(Job.owner_id) == job.owner_id, col(Job.submit_key) == job.submit_key)
                earlier = session.exec(select(Job).where(*same)).one_or_none()
                if earlier is not None:
                    return earlier
            job.number = session.exec(select(func.coalesce(func.max(col(Job.number)), 0) + 1)).one()
            session.add(job)
            session.flush()
            self.engine.dispatch(session, job.id)
        return job

    def _is_same_request(self, kept: Job, job: Job) -> bool:
        if (kept.job_type, kept.params) != (job.job_type, job.params):
            return False
        with self.database.read() as session:
            files = [session.get(Upload, each.upload_id) if each.upload_id else None for each in (kept, job)]
        first, second = (file.sha256 if file else None for file in files)
        return first == second

    def _job_type(self, name: str) -> JobType:
        try:
            return find_job_type(self.registry, name)
        except NotFound as error:
            raise BadInput({"job_type": error.message}) from error

    def _upload(self, submission: Submission) -> Upload:
        if submission.upload_id is None:
            raise BadInput({"file": "Choose a file: this job works on one."})
        with self.database.read() as session:
            upload = session.get(Upload, submission.upload_id)
        if upload is None or upload.owner_id != submission.user.id or upload.sha256 is None:
            raise BadInput({"file": "This file did not arrive whole. Choose it again."})
        return upload

    def _params(self, job_type: JobType, raw: Mapping[str, Any], columns: tuple[str, ...] | None) -> dict[str, Any]:
        try:
            params = job_type.validate(raw, columns)
        except ParamsError as error:
            raise BadInput(error.problems) from error
        return {"params": job_type.dump(params), "secrets": self.secrets.lock(job_type.secrets(params))}


def find_job_type(registry: Registry, name: str) -> JobType:
    """The job type of this name.

    Raises:
        NotFound: there is none; says so if that is because its file could not be loaded.
    """
    try:
        return registry.get(name)
    except UnknownJobType as error:
        if any(PurePath(broken.file).stem == name for broken in registry.broken):
            why = "its file could not be loaded. An administrator sees the reason on the admin page."
            raise NotFound(f"The job {name} can't be used now: {why}") from error
        raise NotFound(str(error)) from error


def own_job(session: Session, user: User, job_id: UUID) -> Job:
    """A job that the user may see: their own, or any for an administrator.

    Raises:
        NotFound: there is none, or it is somebody else's; the two can't be told apart.
    """
    job = session.get(Job, job_id)
    if job is None or not may_see(user, job):
        raise NotFound
    return job


def may_see(user: User, job: Job) -> bool:
    """Whether a job is this user's business."""
    return job.owner_id == user.id or user.role == "admin"


def _lacks(missing: tuple[str, ...] | list[str], seen: Preview) -> str:
    names = ", ".join(f"“{name}”" for name in missing)
    has = ", ".join(f"“{name}”" for name in seen.reading.columns[:20])
    return (
        f"The file has no column for {names}. Its columns are {has}. "
        "Rename the column in the first row of the file, or choose another file."
    )
