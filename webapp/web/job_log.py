"""The whole log of a job: page by page, and as a text to take away."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from sqlmodel import Session, col, select

from webapp.jobs.submit import own_job
from webapp.store.database import Database
from webapp.store.tables import LogLine
from webapp.web.access import Viewer
from webapp.web.compression import compressed
from webapp.web.desk import DeskDep
from webapp.web.pages import render

router = APIRouter(prefix="/jobs/{job_id:uuid}")

PAGE: Final = 200
PIECE: Final = 1000
LAST_LINE: Final = 2**62


@router.get("/log", response_class=HTMLResponse)
def show(
    request: Request, desk: DeskDep, user: Viewer, job_id: UUID, after: Annotated[int, Query(ge=0, le=LAST_LINE)] = 0
) -> Response:
    with desk.database.read() as session:
        job = own_job(session, user, job_id)
        lines, last = log_page(session, job_id, after, PAGE)
        context = {
            "job": job,
            "lines": lines,
            "first": f"/jobs/{job_id}/log" if after else None,
            "next": f"/jobs/{job_id}/log?after={last}" if last is not None else None,
        }
        return compressed(request, render(request, "job/log.html", context))


@router.get("/log.txt")
def download(desk: DeskDep, user: Viewer, job_id: UUID) -> Response:
    """Every line, with its moment, attempt and level; no session is held while it is sent."""
    with desk.database.read() as session:
        number = own_job(session, user, job_id).number
    headers = {"Content-Disposition": f'attachment; filename="job-{number}-log.txt"'}
    return StreamingResponse(_text(desk.database, job_id), media_type="text/plain; charset=utf-8", headers=headers)


def log_page(session: Session, job_id: UUID, after: int, size: int) -> tuple[Sequence[LogLine], int | None]:
    """Some lines, the oldest first, and the last of them if there are more behind it."""
    of_it = (col(LogLine.job_id) == job_id, col(LogLine.id) > after)
    lines = session.exec(select(LogLine).where(*of_it).order_by(col(LogLine.id)).limit(size + 1)).all()
    return lines[:size], lines[size - 1].id if len(lines) > size else None


def _text(database: Database, job_id: UUID) -> Iterator[str]:
    last: int | None = 0
    while last is not None:
        with database.read() as session:
            lines, last = log_page(session, job_id, last, PIECE)
            piece = "".join(
                f"{line.at:%Y-%m-%dT%H:%M:%SZ} attempt {line.attempt} {line.level} {_one_line(line.message)}\n"
                for line in lines
            )
        yield piece


def _one_line(message: str) -> str:
    """A message of several lines looks like no other line of the log."""
    return "\n    ".join(message.splitlines())
