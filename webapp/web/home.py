"""The first page: choose a job, or go on with a recent one."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from webapp.jobs.rights import runnable
from webapp.store.queries import JobFilter, job_page
from webapp.store.tables import User
from webapp.web.access import Viewer
from webapp.web.compression import compressed
from webapp.web.desk import Desk, DeskDep
from webapp.web.job_line import job_lines
from webapp.web.navigation import Place
from webapp.web.pages import render

router = APIRouter()

PLACE = Place("Home", "/", 10)

RECENT = 5


@router.get("/", response_class=HTMLResponse)
def home(request: Request, desk: DeskDep, user: Viewer) -> Response:
    context = {
        "job_types": runnable(user, desk.registry),
        "broken": desk.registry.broken,
        **_recent(desk, user),
    }
    return compressed(request, render(request, "home.html", context))


@router.get("/jobs/recent", response_class=HTMLResponse)
def recent(request: Request, desk: DeskDep, user: Viewer) -> Response:
    """The jobs of the home page alone, asked for when one of them has changed."""
    return compressed(request, render(request, "home.html", _recent(desk, user), block="recent"))


def _recent(desk: Desk, user: User) -> dict[str, object]:
    with desk.database.read() as session:
        page = job_page(session, JobFilter(user), RECENT)
        return {"jobs": job_lines(session, desk.registry, page.jobs), "more": page.older is not None}
