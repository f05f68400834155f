"""Saying how many rows are meant, before a job that cannot be taken back is started for many."""

from dataclasses import dataclass

from webapp.authoring import JobType
from webapp.errors import BadInput
from webapp.intake import Reading, count_rows, prepare
from webapp.store.files import Files
from webapp.store.tables import Job

FIELD = "confirm_rows"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a person or a program has said; `rows` is None if nothing."""

    rows: int | None = None


def require_confirmed(job_type: JobType, job: Job, files: Files, said: Confirmed | None) -> None:
    """See that the number of rows was said, if the job type wants that for so many.

    `said` is None if nobody is there to be asked, as at a schedule's times.

    Raises:
        BadInput: it was not, or is another.
    """
    if job_type.confirm_above is None or said is None:
        return
    rows = _rows(job, files)
    if rows <= job_type.confirm_above or said.rows == rows:
        return
    if said.rows is None:
        raise BadInput({FIELD: f"This job works on {rows:,} rows. Type this number to say that you mean all of them."})
    raise BadInput({FIELD: f"The file has {rows:,} rows, not {said.rows:,}. Look at it again, then type its number."})


def _rows(job: Job, files: Files) -> int:
    """How many rows a job's file has; they are counted if nobody has yet."""
    if job.counted or job.reading is None or job.upload_id is None:
        return job.received
    reading = Reading.from_json(job.reading)
    return count_rows(prepare(files.upload(job.upload_id), reading, files.prepared(job.upload_id)), reading).rows
