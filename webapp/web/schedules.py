"""Schedules: the list of them, and the page of each with what can be done."""

from typing import Annotated
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel

from webapp.authoring import JobType
from webapp.jobs.schedules import own_schedule, timetable_of
from webapp.kit import new_secret
from webapp.store.queries import JobFilter, clock, job_page, schedules
from webapp.store.tables import Schedule, User
from webapp.web.access import Operator, Viewer
from webapp.web.compression import compressed
from webapp.web.desk import Desk, DeskDep
from webapp.web.form_view import answers
from webapp.web.job_line import job_lines
from webapp.web.multipart import receive_form
from webapp.web.navigation import Place
from webapp.web.pages import render
from webapp.web.schedule_view import schedule_lines
from webapp.web.schedule_words import strip

router = APIRouter()

PLACE = Place("Schedules", "/schedules", 30)

SHOWN_TIMES = 5
DELETED = {"text": "The schedule was deleted. The jobs that it started stay.", "tone": "ok"}


class Page(BaseModel, extra="ignore"):
    """Which of the jobs are shown: those before, or after, the one of this id."""

    before: UUID | None = None
    after: UUID | None = None


@router.get("/schedules", response_class=HTMLResponse)
def list_(request: Request, desk: DeskDep, user: Viewer, done: str = "") -> Response:
    said = DELETED if done == "deleted" else None
    return compressed(request, render(request, "schedules.html", {**_list_context(desk, user), "said": said}))


@router.get("/schedules/list", response_class=HTMLResponse)
def list_fragment(request: Request, desk: DeskDep, user: Viewer) -> Response:
    """The list alone, asked for when a job has changed."""
    return compressed(request, render(request, "schedules.html", _list_context(desk, user), block="list"))


@router.get("/schedules/{schedule_id:uuid}", response_class=HTMLResponse)
def show(request: Request, desk: DeskDep, user: Viewer, schedule_id: UUID, page: Annotated[Page, Query()]) -> Response:
    wanted = JobFilter(user, schedule_id=schedule_id, before=page.before, after=page.after)
    return compressed(request, render(request, "schedule/show.html", _context(desk, wanted)))


@router.get("/schedules/{schedule_id:uuid}/live", response_class=HTMLResponse)
def show_fragment(
    request: Request, desk: DeskDep, user: Viewer, schedule_id: UUID, page: Annotated[Page, Query()]
) -> Response:
    """What of the page changes, asked for when a job has."""
    wanted = JobFilter(user, schedule_id=schedule_id, before=page.before, after=page.after)
    return compressed(request, render(request, "schedule/show.html", _context(desk, wanted), block="live"))


@router.post("/schedules/{schedule_id:uuid}/pause")
def pause(desk: DeskDep, user: Operator, schedule_id: UUID) -> Response:
    desk.schedules.pause(user, schedule_id)
    return RedirectResponse(f"/schedules/{schedule_id}", status_code=303)


@router.post("/schedules/{schedule_id:uuid}/resumption")
def resume(desk: DeskDep, user: Operator, schedule_id: UUID) -> Response:
    desk.schedules.resume(user, schedule_id)
    return RedirectResponse(f"/schedules/{schedule_id}", status_code=303)


@router.post("/schedules/{schedule_id:uuid}/deletion")
def delete(desk: DeskDep, user: Operator, schedule_id: UUID) -> Response:
    desk.schedules.delete(user, schedule_id)
    return RedirectResponse("/schedules?done=deleted", status_code=303)


@router.post("/schedules/{schedule_id:uuid}/run")
async def run_now(request: Request, desk: DeskDep, user: Operator, schedule_id: UUID) -> Response:
    form = (await receive_form(request, desk, user)).answers
    key = form.get("submit_key") or new_secret()
    job = await to_thread.run_sync(desk.schedules.run_now, user, schedule_id, key[:100])
    return RedirectResponse(f"/jobs/{job.id}", status_code=303)


def _list_context(desk: Desk, user: User) -> dict[str, object]:
    with desk.database.read() as session:
        return {"schedules": schedule_lines(session, desk.registry, schedules(session, user))}


def _context(desk: Desk, wanted: JobFilter) -> dict[str, object]:
    if wanted.schedule_id is None:
        raise AssertionError(wanted)
    with desk.database.read() as session:
        schedule = own_schedule(session, wanted.user, wanted.schedule_id)
        now = clock(session)
        page = job_page(session, wanted)
        times = [] if schedule.paused else timetable_of(schedule).following(now, SHOWN_TIMES)
        address = f"/schedules/{schedule.id}"
        marks = f"?before={wanted.before}" if wanted.before else f"?after={wanted.after}" if wanted.after else ""
        return {
            "schedule": schedule_lines(session, desk.registry, [schedule])[0],
            "times": times,
            "strip": strip(times, now),
            "answers": _answers(desk.registry.job_types.get(schedule.job_type), schedule),
            "jobs": job_lines(session, desk.registry, page.jobs),
            "fragment": f"{address}/live{marks}",
            "newer": f"{address}?after={page.newer}" if page.newer else None,
            "older": f"{address}?before={page.older}" if page.older else None,
            "submit_key": new_secret(),
        }


def _answers(job_type: JobType | None, schedule: Schedule) -> list[tuple[str, str]]:
    return answers(job_type.fields((), schedule.params)) if job_type else []
