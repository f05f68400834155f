"""A job's receipt, to print and to file away; and all that its developer needs to look into it, in one archive."""

import json
import platform
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Final
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from sqlmodel import Session

from webapp.authoring import JobType
from webapp.errors import NotFound
from webapp.jobs.lifecycle import PREPARING
from webapp.jobs.submit import own_job
from webapp.resources import version
from webapp.store import queries
from webapp.store.tables import Job, Outcome, Role, Upload, User
from webapp.web.access import Viewer
from webapp.web.desk import Desk, DeskDep
from webapp.web.downloads import attachment, note_taken, require_held
from webapp.web.failed_file import failed_rows_of
from webapp.web.form_view import answers
from webapp.web.job_view import JobView, view_job
from webapp.web.pages import render

router = APIRouter()

PIECE = 1 << 16
IN_MEMORY = 1 << 20
LAST_LINES = 1000
ITS_OWN: Final = (
    *("id", "number", "job_type", "state", "priority", "queue", "run_at", "again_of", "undo_of"),
    *("file_name", "reading", "choices", "match", "params", "counted", "received", *Outcome, "checkpoint", "progress"),
    *("problem", "retries", "attempt", "stalls", "created_at", "queued_at", "started_at", "finished_at"),
)
"""What of a job's record its developer is told: nothing of the file's cells, and nothing of who asked from where."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says beside the job itself."""

    job: JobView
    answers: list[tuple[str, str]]
    size: int | None
    sha256: str | None
    written_at: datetime


@router.get("/jobs/{job_id:uuid}/receipt", response_class=HTMLResponse)
def receipt(request: Request, desk: DeskDep, user: Viewer, job_id: UUID) -> HTMLResponse:
    with desk.database.read() as session:
        job = own_job(session, user, job_id)
        if job.state in PREPARING:
            raise NotFound("There is a receipt once the job is started.")
        shown = _receipt(session, desk, job)
    return render(request, "job/receipt.html", {"receipt": shown, "job": shown.job, "version": version()})


@router.get("/jobs/{job_id:uuid}/for-developer.zip")
def for_developer(request: Request, desk: DeskDep, user: Viewer, job_id: UUID) -> Response:
    """The rows that went wrong, the parameters without secrets, the log and versions; for administrators traces."""
    with desk.database.read() as session:
        job = own_job(session, user, job_id)
        if job.removed_at is None:
            require_held(job)
        job_type = desk.registry.job_types.get(job.job_type)
        facts = _facts(session, job_type, job, user)
        log = [
            f"{line.at.isoformat()} {line.level}: {line.message}"
            for line in queries.log_tail(session, job.id, LAST_LINES)
        ]
        session.expunge(job)
    packed = _pack(desk, job, facts, log, with_rows=job_type is None or not job_type.private)
    note_taken(request, desk, user, job_id, "all that its developer needs")
    headers = attachment(f"job-{job.number}-for-developer.zip")
    return StreamingResponse(_pieces(packed), headers=headers, media_type="application/zip")


def _receipt(session: Session, desk: Desk, job: Job) -> Receipt:
    job_type = desk.registry.job_types.get(job.job_type)
    upload = session.get(Upload, job.upload_id) if job.upload_id else None
    fields = job_type.fields((), job.params) if job_type else ()
    return Receipt(
        job=view_job(session, desk.registry, job, desk.settings.lease_seconds),
        answers=answers(fields),
        size=upload.size if upload else None,
        sha256=upload.sha256 if upload else None,
        written_at=queries.clock(session),
    )


def _facts(session: Session, job_type: JobType | None, job: Job, user: User) -> dict[str, Any]:
    upload = session.get(Upload, job.upload_id) if job.upload_id else None
    attempts = queries.attempts(session, job.id)
    kept = {"id", "number", "started_at", "finished_at", "ended", "steps"}
    kept |= {"detail"} if user.role is Role.admin else set()
    return {
        "batchdesk": version(),
        "python": platform.python_version(),
        "job_type_version": job_type.version if job_type else None,
        "job": job.model_dump(mode="json", include={str(name) for name in ITS_OWN}),
        "file": upload.model_dump(mode="json", include={"name", "size", "sha256"}) if upload else None,
        "attempts": [attempt.model_dump(mode="json", include=kept) for attempt in attempts],
    }


def _pack(desk: Desk, job: Job, facts: dict[str, Any], log: list[str], *, with_rows: bool) -> IO[bytes]:
    packed = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (closed when it is sent)
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr("job.json", json.dumps(facts, indent=2, ensure_ascii=False))
        archive.writestr("log.txt", "".join(f"{line}\n" for line in log))
        if with_rows and job.reading is not None and job.rejected + job.failed + job.unknown:
            with archive.open("failed-rows.csv", "w") as rows:
                for piece in failed_rows_of(desk, job, raw=True).csv():
                    rows.write(piece.encode())
    packed.seek(0)
    return packed


def _pieces(packed: IO[bytes]) -> Iterator[bytes]:
    with packed:
        while piece := packed.read(PIECE):
            yield piece
