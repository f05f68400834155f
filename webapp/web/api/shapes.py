"""What the API answers with."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from webapp.authoring import Registry
from webapp.intake import Match, Reading
from webapp.intake.errors import UnknownReadingError
from webapp.jobs.settled import Settled
from webapp.jobs.steps import StepState, steps_of
from webapp.jobs.undoing import undone_by
from webapp.store.queries import attempts, result_files
from webapp.store.tables import Job, LedgerEntry, Outcome, State
from webapp.web.action_view import offered
from webapp.web.job_view import Rows

MADE = {
    "run_at",
    "rows",
    "files",
    "steps",
    "actions",
    "schedule",
    "undone_by",
    "choices",
    "reading",
    "match",
    "overlap",
}
"""What a job's answer has that is no column of its table, or not always."""


class RowsOut(BaseModel):
    """received = done + rejected + failed + skipped + unknown + waiting, always."""

    received: int
    done: int
    rejected: int
    failed: int
    skipped: int
    unknown: int
    waiting: int


class FileOut(BaseModel):
    """A file that the job made."""

    name: str
    url: str
    bytes: int
    sha256: str


class StepOut(BaseModel):
    """A named step of what ran last: `running`, `done`, `failed`, `stopped` or `broke_off`."""

    name: str
    state: StepState
    started_at: datetime
    seconds: float | None


class ReadingOut(BaseModel):
    """How the file is read. Lines are physical ones, counted from 1, of a workbook the rows of its sheet.

    `preamble_lines` above the header (or the first row) and `footer_lines` below the table are left out. Without a
    header `header_line` and `header_rows` are 0.
    """

    encoding: str
    delimiter: str
    quote: str
    container: str
    sheet: str
    header_line: int
    header_rows: int
    data_line: int
    preamble_lines: int
    footer_lines: int


class EarlierOut(BaseModel):
    """So many rows of the file are done in the job of this number."""

    number: int
    rows: int


class OverlapOut(BaseModel):
    """How many rows the check found done before, or perhaps done (`unsure`), and with the key of another row here."""

    rows: int
    unsure: int
    repeats: int
    jobs: list[EarlierOut]


class RangeOut(BaseModel):
    """Seconds."""

    model_config = ConfigDict(from_attributes=True)

    least: float
    most: float


class EstimateOut(BaseModel):
    """How long a prepared job will take, and wait for the jobs `ahead`; null where nobody can say.

    `runs` are the past ones that it goes by; null if the job type itself says it.
    """

    work: RangeOut | None
    runs: int | None
    ahead: int
    wait: RangeOut | None


class JobOut(BaseModel):
    """A job as it stands.

    `actions` are what may be asked of it now, each by the last part of its address.
    `again_of` is the job that it repeats, `undo_of` the one that it undoes, `undone_by` the one that undoes it,
    `schedule` the one that made it.
    `overlap` is what its check found of rows that are done already; null for a job whose rows have no keys.
    `removal` says why what it held of its rows was removed; with `keep` that is never done.
    `reading` is null for a job without a table, `match` for one without fields of its own: it has the column that feeds
    each field, null for none.
    """

    id: UUID
    number: int
    job_type: str
    state: State
    attempt: int
    priority: int
    queue: str
    run_at: datetime | None
    actions: list[str]
    again_of: UUID | None
    undo_of: UUID | None
    undone_by: UUID | None
    schedule: UUID | None
    rows: RowsOut
    counted: bool
    progress: dict[str, Any] | None
    steps: list[StepOut]
    params: dict[str, Any]
    choices: dict[str, Any]
    reading: ReadingOut | None
    match: dict[str, str | None] | None
    overlap: OverlapOut | None
    problem: str | None
    file_name: str | None
    files: list[FileOut]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    keep: bool
    removal: str | None
    removed_at: datetime | None


class ProblemOut(BaseModel):
    """A row that went wrong, or a run of rows with the same reason."""

    row: int
    last_row: int
    line: int | None
    outcome: Outcome
    column: str | None
    found: str | None
    reason: str | None
    code: str | None


class ProblemsOut(BaseModel):
    """A page of them, in the order of the file; `next` is the address of the following page."""

    problems: list[ProblemOut]
    next: str | None


class JobsOut(BaseModel):
    """A page of jobs, newest first; `next` is the address of the following page."""

    jobs: list[JobOut]
    next: str | None


class JobTypeOut(BaseModel):
    """A kind of job, and the JSON schema of its parameters."""

    name: str
    title: str
    summary: str
    takes_file: bool
    params: dict[str, Any]


def job_out(session: Session, registry: Registry, job: Job) -> JobOut:
    """A job with its files."""
    rows, undone = Rows.of(job), undone_by(session, job.id)
    files = [
        FileOut(name=file.name, url=f"/api/v1/jobs/{job.id}/files/{file.id}", bytes=file.bytes, sha256=file.sha256)
        for file in result_files(session, job.id)
    ]
    return JobOut(
        rows=RowsOut.model_validate(rows, from_attributes=True),
        files=files,
        steps=[StepOut.model_validate(step, from_attributes=True) for step in steps_of(attempts(session, job.id))],
        actions=offered(job, registry.job_types.get(job.job_type), undone),
        schedule=job.schedule_id,
        undone_by=undone,
        choices=Settled.from_json(job.choices).entered(),
        reading=_reading_out(job),
        overlap=OverlapOut.model_validate(found) if (found := (job.findings or {}).get("overlap")) else None,
        match=dict(Match.from_json(job.match).pairs) if job.match else None,
        run_at=job.run_at if job.state is State.scheduled else None,
        **job.model_dump(include=set(JobOut.model_fields) - MADE),
    )


def _reading_out(job: Job) -> ReadingOut | None:
    """Also null for a job of a version that read otherwise."""
    if job.reading is None:
        return None
    try:
        reading = Reading.from_json(job.reading)
    except UnknownReadingError:
        return None
    return ReadingOut(
        encoding=reading.encoding,
        delimiter=reading.delimiter,
        quote=reading.quote,
        container=reading.container,
        sheet=reading.sheet,
        header_line=reading.header_line,
        header_rows=reading.header_rows if reading.header_line else 0,
        data_line=reading.data_line,
        preamble_lines=(reading.header_line or reading.data_line) - 1,
        footer_lines=reading.footer_lines,
    )


def problem_out(entry: LedgerEntry) -> ProblemOut:
    """An entry of the ledger."""
    return ProblemOut(row=entry.first_row, **entry.model_dump(include=set(ProblemOut.model_fields) - {"row"}))
