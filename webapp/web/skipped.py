"""The rows of a job that were skipped, each with its reason: left out on purpose, or not reached."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from webapp.jobs.items import unit_of
from webapp.jobs.submit import own_job
from webapp.store.queries import problem_page
from webapp.store.tables import Outcome
from webapp.web.access import Viewer
from webapp.web.compression import compressed
from webapp.web.desk import DeskDep
from webapp.web.pages import render
from webapp.web.problems import LAST_ROW, PAGE

router = APIRouter()


@router.get("/jobs/{job_id:uuid}/skipped", response_class=HTMLResponse)
def show(
    request: Request, desk: DeskDep, user: Viewer, job_id: UUID, after: Annotated[int, Query(ge=0, le=LAST_ROW)] = 0
) -> Response:
    with desk.database.read() as session:
        job = own_job(session, user, job_id)
        shown, last = problem_page(session, job_id, after, PAGE, (Outcome.skipped,))
        context = {
            "job": job,
            "unit": unit_of(job.reading),
            "entries": shown,
            "first": f"/jobs/{job_id}/skipped" if after else None,
            "older": f"/jobs/{job_id}/skipped?after={last}" if last is not None else None,
        }
        return compressed(request, render(request, "job/skipped.html", context))
