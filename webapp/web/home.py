"""The first page: choose a job, or go on with a recent one."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from webapp.store.queries import JobFilter, job_page, state_counts
from webapp.store.tables import State
from webapp.web.access import Viewer
from webapp.web.desk import DeskDep
from webapp.web.job_line import job_lines
from webapp.web.pages import render

router = APIRouter()

RECENT = 5


@router.get("/", response_class=HTMLResponse)
def home(request: Request, desk: DeskDep, user: Viewer) -> HTMLResponse:
    with desk.database.read() as session:
        mine = JobFilter(user)
        counts = state_counts(session, mine)
        lines = job_lines(session, desk.registry, job_page(session, mine, RECENT).jobs)
    context = {
        "job_types": sorted(desk.registry.values(), key=lambda job_type: job_type.title),
        "broken": desk.registry.broken,
        "jobs": lines,
        "running": counts.get(State.running, 0),
        "total": sum(counts.values()),
    }
    return render(request, "home.html", context)
