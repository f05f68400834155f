"""Files to take away: what a job made, and the file as it was handed in. Never shown in the browser itself."""

from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from sqlmodel import col, select

from webapp.errors import NotFound
from webapp.jobs.submit import own_job
from webapp.store.tables import ResultFile
from webapp.web.access import Viewer
from webapp.web.desk import DeskDep

router = APIRouter()


@router.get("/jobs/{job_id:uuid}/files/{file_id:uuid}")
def result(desk: DeskDep, user: Viewer, job_id: UUID, file_id: UUID) -> Response:
    with desk.database.read() as session:
        own_job(session, user, job_id)
        file = session.exec(
            select(ResultFile).where(col(ResultFile.id) == file_id, col(ResultFile.job_id) == job_id)
        ).one_or_none()
    if file is None:
        raise NotFound("This file is not there any more: a newer run has replaced it.")
    return _send(desk.files.result(job_id, file_id), file.name)


@router.get("/jobs/{job_id:uuid}/upload")
def upload(desk: DeskDep, user: Viewer, job_id: UUID) -> Response:
    with desk.database.read() as session:
        job = own_job(session, user, job_id)
    if job.upload_id is None:
        raise NotFound("This job has no file.")
    return _send(desk.files.upload(job.upload_id), job.file_name or "file")


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
