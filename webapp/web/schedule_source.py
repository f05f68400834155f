"""What the jobs of a schedule work on, while its form is filled in: a file and how it is read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from webapp.authoring import JobType
from webapp.errors import BadInput, NotFound
from webapp.jobs.mended import columns_of
from webapp.jobs.schedules import pinned
from webapp.jobs.settled import NOTHING_SETTLED, Settled
from webapp.jobs.submission import Submission
from webapp.jobs.submit import own_job
from webapp.store.tables import Job, Schedule, User
from webapp.web.desk import Desk


@dataclass(frozen=True, slots=True)
class Source:
    """The file of the jobs, if they work on one. `hidden` is the field of the form that says where it came from."""

    upload_id: UUID | None = None
    file_name: str | None = None
    settled: Settled = NOTHING_SETTLED
    columns: tuple[str, ...] = ()
    params: Mapping[str, Any] | None = None
    hidden: tuple[str, str] | None = None
    priority: int = 0


NO_FILE = Source()


def find_source(desk: Desk, user: User, job_type: JobType, given: Mapping[str, str]) -> Source | None:
    """What `job` or `upload` of an address or a form say; None if a file has still to be chosen.

    Raises:
        BadInput: the file can't be used by jobs that nobody looks at before; under `file` or `choices`.
        NotFound: the user has no such job.
    """
    job_id, upload_id = _id(given.get("job")), _id(given.get("upload"))
    if job_id is not None:
        source = _of_job(desk, user, job_id)
        return _looked_at(desk, user, job_type, source) if source.upload_id or not job_type.takes_file else None
    if not job_type.takes_file:
        return NO_FILE
    if upload_id is None:
        return None
    return _looked_at(desk, user, job_type, Source(upload_id, hidden=("upload", str(upload_id))))


def source_of(desk: Desk, owner: User, job_type: JobType, schedule: Schedule) -> Source:
    """The file of a schedule that is being changed.

    Raises:
        BadInput: the file can't be used any more.
    """
    plan = desk.schedules.plan_of(schedule)
    source = Source(plan.upload_id, settled=plan.settled, params=schedule.params, priority=plan.priority)
    return _looked_at(desk, owner, job_type, source)


def file_of_job(desk: Desk, user: User, job_id: UUID) -> tuple[UUID | None, Settled]:
    """The file of an earlier job, and how it is read.

    Raises:
        BadInput: the user has no such job, or it has no file; under `job`.
    """
    try:
        source = _of_job(desk, user, job_id)
    except NotFound as error:
        raise BadInput({"job": "You have no such job."}) from error
    if source.upload_id is None:
        raise BadInput({"job": "This job had no file, or it was removed."})
    return source.upload_id, source.settled


@dataclass(frozen=True, slots=True)
class EarlierFile:
    """A file that a job had, as one chooses it again: by its name, its size and when it was handed in."""

    job_id: UUID
    name: str
    number: int
    rows: int | None
    at: datetime


def earlier_files(user: User, jobs: Iterable[Job]) -> Sequence[EarlierFile]:
    """The files of jobs that the user may use again, each once."""
    seen: dict[UUID, EarlierFile] = {}
    for job in jobs:
        if job.upload_id and job.file_name and job.owner_id == user.id:
            rows = job.received if job.counted else None
            seen.setdefault(job.upload_id, EarlierFile(job.id, job.file_name, job.number, rows, job.created_at))
    return list(seen.values())


def _of_job(desk: Desk, user: User, job_id: UUID) -> Source:
    with desk.database.read() as session:
        job = own_job(session, user, job_id)
        settled = pinned(job)
        hidden = ("job", str(job.id))
        params = job.params if job.queued_at and job.params else None
        upload_id = job.upload_id if job.removal is None else None
        return Source(upload_id, settled=settled, params=params, hidden=hidden, priority=job.priority)


def _looked_at(desk: Desk, owner: User, job_type: JobType, source: Source) -> Source:
    submission = Submission(owner, job_type.name, source.upload_id, settled=source.settled)
    job = desk.submissions.accept(submission)
    return replace(source, file_name=job.file_name, columns=columns_of(job))


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise BadInput({"file": "This file did not arrive whole. Choose it again."}) from None
