"""Another time for a job that waits for its own: a form on a page of its own, for scripts and without."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict

from webapp.jobs.submit import own_job
from webapp.jobs.zones import wall_clock
from webapp.store.tables import Job, State, User
from webapp.web.access import Operator
from webapp.web.desk import Desk, DeskDep
from webapp.web.pages import render
from webapp.web.start_form import TypedStart, moment_of, start_form

router = APIRouter(prefix="/jobs/{job_id:uuid}/time")

NO_TIME: Final = "Write a day and a time, like 2026-11-20 14:30."


class TimeForm(BaseModel):
    """What was typed."""

    model_config = ConfigDict(extra="forbid")

    run_at: str = ""
    zone: str = "UTC"


@router.get("")
def ask(request: Request, desk: DeskDep, user: Operator, job_id: UUID) -> Response:
    job = _job(desk, user, job_id)
    if job.state is not State.scheduled or job.run_at is None:
        return RedirectResponse(f"/jobs/{job_id}", status_code=303)
    zone = desk.schedules.usual_zone(user)
    typed = {"run_at": f"{wall_clock(job.run_at, ZoneInfo(zone)):%Y-%m-%dT%H:%M}", "zone": zone}
    return _form(request, job, TypedStart(typed))


@router.post("")
def change(
    request: Request, desk: DeskDep, user: Operator, job_id: UUID, form: Annotated[TimeForm, Form()]
) -> Response:
    job, typed = _job(desk, user, job_id), form.run_at.strip()
    moment, problems = moment_of(typed, form.zone)
    if moment is None:
        return _form(request, job, TypedStart(form.model_dump(), problems or {"run_at": NO_TIME}))
    desk.control.set_time(user, job_id, moment)
    return RedirectResponse(f"/jobs/{job_id}", status_code=303)


def _job(desk: Desk, user: User, job_id: UUID) -> Job:
    with desk.database.read() as session:
        job = own_job(session, user, job_id)
        session.expunge(job)
    return job


def _form(request: Request, job: Job, typed: TypedStart) -> Response:
    form = start_form(typed)
    fields = [replace(each, help="", required=True) if each.name == "run_at" else each for each in form.fields[:2]]
    context: Mapping[str, object] = {"job": job, "fields": fields, "errors": form.errors}
    return render(request, "job/time.html", context, status=422 if typed.problems else 200)
