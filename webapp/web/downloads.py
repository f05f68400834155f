"""Files to take away: what a job made, and the file as it was handed in. Never shown in the browser itself."""

import logging
from pathlib import Path
from typing import Final
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from sqlmodel import col, select

from webapp.errors import NotFound
from webapp.jobs.activity import DOWNLOAD, record
from webapp.jobs.submit import own_job
from webapp.store.database import DATABASE_TROUBLE
from webapp.store.tables import Job, ResultFile, User
from webapp.web.access import Viewer
from webapp.web.desk import Desk, DeskDep

router = APIRouter()
log = logging.getLogger("batchdesk.activity")

REMOVED: Final = "The files of this job were removed. Its page says when, and why."
FROM_THE_BEGINNING: Final = "bytes=0-"


@router.get("/jobs/{job_id:uuid}/files/{file_id:uuid}")
def result(request: Request, desk: DeskDep, user: Viewer, job_id: UUID, file_id: UUID) -> Response:
    with desk.database.read() as session:
        require_held(own_job(session, user, job_id))
        file = session.exec(
            select(ResultFile).where(col(ResultFile.id) == file_id, col(ResultFile.job_id) == job_id)
        ).one_or_none()
    if file is None:
        raise NotFound("This file is not there any more: a newer run has replaced it.")
    path = desk.files.result(job_id, file_id)
    note_taken(request, desk, user, job_id, f"the result {file.name}")
    return _send(path, file.name)


@router.get("/jobs/{job_id:uuid}/upload")
def upload(request: Request, desk: DeskDep, user: Viewer, job_id: UUID) -> Response:
    with desk.database.read() as session:
        job = own_job(session, user, job_id)
        require_held(job)
    if job.upload_id is None:
        raise NotFound("This job has no file.")
    path = desk.files.upload(job.upload_id)
    note_taken(request, desk, user, job_id, f"the file {job.file_name or 'file'} as it was handed in")
    return _send(path, job.file_name or "file")


def require_held(job: Job) -> None:
    """Hand out nothing of what is to be removed, or is gone.

    Raises:
        NotFound: it is.
    """
    if job.removal is not None:
        raise NotFound(REMOVED)


def note_taken(request: Request, desk: Desk, user: User, job_id: UUID, what: str) -> None:
    """Write down that somebody takes a file away: once for a file, although some fetch it in parts.

    What can't be written down, as on a full disk, is taken away all the same, and told to the log.
    """
    if request.method == "HEAD" or not request.headers.get("range", FROM_THE_BEGINNING).startswith(FROM_THE_BEGINNING):
        return
    try:
        with desk.database.write() as session:
            record(session, user, DOWNLOAD, job_id, what=what)
    except DATABASE_TROUBLE:
        log.exception("it could not be written down who downloaded a file of job %s", job_id)


def attachment(name: str) -> dict[str, str]:
    """Headers that have a file saved under `name` (RFC 6266), and never run where the desk's cookies are."""
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\;%' else "_" for letter in name
    )
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }


def _send(path: Path, name: str) -> Response:
    return FileResponse(path, headers=attachment(name), media_type="application/octet-stream")
