"""A restored desk that stands still: what may have happened since its back-up, and letting it go on."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict

from webapp.jobs.halt import call_off, due_schedules, go_on, halted, open_jobs, taken_at, was_copied
from webapp.web.access import Admin
from webapp.web.desk import Desk, DeskDep
from webapp.web.format import plural
from webapp.web.job_line import job_lines
from webapp.web.pages import render
from webapp.web.request_log import note

router = APIRouter(prefix="/admin/restored")

MOST_SHOWN = 200


class Chosen(BaseModel):
    """The boxes that were ticked."""

    model_config = ConfigDict(extra="forbid")

    jobs: list[UUID] = []


@router.get("", response_class=HTMLResponse)
def show(request: Request, desk: DeskDep, user: Admin) -> Response:  # noqa: ARG001 (declares who may)
    return _page(request, desk)


@router.get("/cancellation")
@router.get("/resumption")
def show_again(user: Admin) -> Response:  # noqa: ARG001
    """Where a refused form leaves the browser: its address must not be a dead end."""
    return RedirectResponse("/admin/restored", 303)


@router.post("/cancellation", response_class=HTMLResponse)
def call_off_(request: Request, desk: DeskDep, user: Admin, chosen: Annotated[Chosen, Form()]) -> Response:
    """Call off the chosen jobs."""
    if not chosen.jobs:
        return _page(request, desk, {"text": "Choose the jobs to call off first.", "tone": "warn"}, 422)
    count = call_off(desk.database, user.id, chosen.jobs)
    note(request, "restored_jobs_called_off")
    return _page(request, desk, {"text": f"{plural(count, 'job')} called off.", "tone": "ok"})


@router.post("/resumption")
def go_on_(request: Request, desk: DeskDep, user: Admin) -> Response:
    """Let the desk go on."""
    go_on(desk.database, user.id)
    desk.engine.wake()
    note(request, "restored_desk_resumed")
    return RedirectResponse("/admin/restored", 303)


def _page(request: Request, desk: Desk, said: dict[str, str] | None = None, status: int = 200) -> Response:
    with desk.database.read() as session:
        halt, found = halted(session), open_jobs(session, MOST_SHOWN)
        context = {
            "halt": halt,
            "taken_at": taken_at(session),
            "copied": was_copied(session),
            "jobs": job_lines(session, desk.registry, [job for job, _ in found.jobs]),
            "count": found.count,
            "schedules": [schedule.name for schedule in due_schedules(session)],
            "said": said,
        }
    return render(request, "restored.html", context, status=status)
