"""The rows of a job that went wrong: a page to read, and a file to mend."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from webapp.jobs.broken_text import broken_texts
from webapp.jobs.mending import ANEW, refusal
from webapp.jobs.submit import own_job
from webapp.store.queries import problem_page
from webapp.web import failed_file
from webapp.web.access import Viewer, may_act
from webapp.web.cause_view import causes_of
from webapp.web.compression import compressed
from webapp.web.desk import DeskDep
from webapp.web.job_line import job_lines
from webapp.web.job_view import Rows
from webapp.web.pages import render
from webapp.web.unknown_view import view_unknown

router = APIRouter()

PAGE = 100
LAST_ROW = 2**62  # far beyond any file; SQLite takes no number of more than 64 bits


@router.get("/jobs/{job_id:uuid}/problems", response_class=HTMLResponse)
def show(
    request: Request, desk: DeskDep, user: Viewer, job_id: UUID, after: Annotated[int, Query(ge=0, le=LAST_ROW)] = 0
) -> Response:
    with desk.database.read() as session:
        job = own_job(session, user, job_id)
        shown, last = problem_page(session, job_id, after, PAGE)
        rows = Rows.of(job)
        why_not = refusal(session, job, desk.registry.job_types.get(job.job_type))
        context = {
            "job": job,
            "rows": rows,
            "line": job_lines(session, desk.registry, [job])[0],
            "unknown": None if after else view_unknown(session, desk.files, job),
            "may": may_act(user),
            "why_not": why_not,
            "anew": why_not in ANEW,
            "causes": () if after else causes_of(session, job_id, rows.wrong),
            "entries": shown,
            "texts": broken_texts(desk.files, job, shown),
            "first": f"/jobs/{job_id}/problems" if after else None,
            "older": f"/jobs/{job_id}/problems?after={last}" if last is not None else None,
        }
        return compressed(request, render(request, "job/problems.html", context))


@router.get("/jobs/{job_id:uuid}/failed-rows.csv")
def download(request: Request, desk: DeskDep, user: Viewer, job_id: UUID, raw: bool = False) -> Response:  # noqa: FBT001, FBT002 (a query parameter)
    return failed_file.as_csv(request, desk, user, job_id, raw=raw)


@router.get("/jobs/{job_id:uuid}/failed-rows.xlsx")
def download_workbook(request: Request, desk: DeskDep, user: Viewer, job_id: UUID) -> Response:
    return failed_file.as_xlsx(request, desk, user, job_id)
