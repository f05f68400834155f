"""Schedules for programs: make, change, pause, resume, run now, delete."""

import json
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Header, Request, Response

from webapp.errors import BadInput
from webapp.jobs.plan import Plan
from webapp.jobs.schedules import own_schedule
from webapp.kit import new_secret
from webapp.store.queries import schedules
from webapp.store.tables import User
from webapp.web.access import ApiOperator, ApiViewer
from webapp.web.api import bodies
from webapp.web.api.schedule_shapes import CHANGEABLE, ScheduleIn, ScheduleOut, changed_plan, plan_from, schedule_out
from webapp.web.api.shapes import JobOut, job_out
from webapp.web.desk import Desk, DeskDep
from webapp.web.json_body import receive_json
from webapp.web.multipart import ReceivedForm, receive_form
from webapp.web.schedule_source import file_of_job
from webapp.web.unused import unused_forgotten

router = APIRouter(prefix="/api/v1/schedules")

LONGEST_KEY = 190
OBJECTS = ("params", "choices")


@router.get("")
def list_(desk: DeskDep, user: ApiViewer) -> list[ScheduleOut]:
    """The schedules that the user may see, the next one to start first."""
    with desk.database.read() as session:
        return [schedule_out(schedule) for schedule in schedules(session, user)]


@router.post("", status_code=201, openapi_extra=bodies.SCHEDULE)
async def create(
    request: Request,
    response: Response,
    desk: DeskDep,
    user: ApiOperator,
    idempotency_key: Annotated[str | None, Header(max_length=LONGEST_KEY)] = None,
) -> ScheduleOut:
    """Make a schedule: multipart as for a job, with `name`, `cron` or `at`, `zone`, `missed` and `priority`.

    `file` is the file of each job, or `job` the id of an earlier job that had it. A second request with the same
    `Idempotency-Key` answers with the schedule that the first one made.
    """
    form = await receive_form(request, desk, user)
    schedule = await to_thread.run_sync(_create, desk, user, form, idempotency_key or new_secret())
    response.headers["Location"] = f"/api/v1/schedules/{schedule.id}"
    return schedule


@router.get("/{schedule_id}")
def show(desk: DeskDep, user: ApiViewer, schedule_id: UUID) -> ScheduleOut:
    """A schedule as it stands."""
    return _out(desk, user, schedule_id)


@router.patch("/{schedule_id}", openapi_extra=bodies.SCHEDULE_CHANGE)
async def change(request: Request, desk: DeskDep, user: ApiOperator, schedule_id: UUID) -> ScheduleOut:
    """Change some of it, by JSON: what is not sent stays. `job` is an earlier one, whose file is taken from now on."""
    await to_thread.run_sync(_out, desk, user, schedule_id)
    values = await receive_json(request)
    return await to_thread.run_sync(_change, desk, user, schedule_id, values)


@router.delete("/{schedule_id}", status_code=204)
def delete(desk: DeskDep, user: ApiOperator, schedule_id: UUID) -> None:
    """Forget a schedule; the jobs that it made stay."""
    desk.schedules.delete(user, schedule_id)


@router.post("/{schedule_id}/pause")
def pause(desk: DeskDep, user: ApiOperator, schedule_id: UUID) -> ScheduleOut:
    """Make no more jobs until it is resumed."""
    desk.schedules.pause(user, schedule_id)
    return _out(desk, user, schedule_id)


@router.post("/{schedule_id}/resume")
def resume(desk: DeskDep, user: ApiOperator, schedule_id: UUID) -> ScheduleOut:
    """Go on with the next time that is still to come."""
    desk.schedules.resume(user, schedule_id)
    return _out(desk, user, schedule_id)


@router.post("/{schedule_id}/run-now", status_code=202)
def run_now(
    response: Response,
    desk: DeskDep,
    user: ApiOperator,
    schedule_id: UUID,
    idempotency_key: Annotated[str | None, Header(max_length=100)] = None,
) -> JobOut:
    """Make a job beside those of the timetable. The same `Idempotency-Key` again: the same job."""
    job = desk.schedules.run_now(user, schedule_id, idempotency_key or new_secret())
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    with desk.database.read() as session:
        return job_out(session, desk.registry, job)


def _create(desk: Desk, user: User, form: ReceivedForm, key: str) -> ScheduleOut:
    with unused_forgotten(desk, form):
        schedule = desk.schedules.make(user, _plan(desk, user, form), f"api:{key}")
    return _out(desk, user, schedule.id)


def _plan(desk: Desk, user: User, form: ReceivedForm) -> Plan:
    if surplus := set(form.uploads) - {"file"}:
        raise BadInput(dict.fromkeys(surplus, "There is no such field here. The file is sent as `file`."))
    values: dict[str, Any] = {**form.fields, **{name: _object(form, name) for name in OBJECTS if name in form.fields}}
    plan, job_id = plan_from(ScheduleIn.checked(values))
    upload = form.uploads.get("file")
    if upload is not None:
        return replace(plan, upload_id=upload.id)
    if job_id is None:
        return plan
    upload_id, settled = file_of_job(desk, user, job_id)
    return replace(plan, upload_id=upload_id, settled=plan.settled if form.fields.get("choices") else settled)


def _object(form: ReceivedForm, name: str) -> object:
    try:
        return json.loads(form.fields[name] or "{}")
    except (ValueError, RecursionError):
        raise BadInput({name: "This is not JSON. Send names with values."}) from None


def _change(desk: Desk, user: User, schedule_id: UUID, values: dict[str, Any]) -> ScheduleOut:
    with desk.database.read() as session:
        schedule = own_schedule(session, user, schedule_id)
        owner = session.get_one(User, schedule.owner_id)
        session.expunge_all()
    surplus = set(values) - CHANGEABLE
    if surplus:
        raise BadInput(dict.fromkeys(sorted(surplus), f"This can't be changed. Send {', '.join(sorted(CHANGEABLE))}."))
    plan = changed_plan(desk.schedules.plan_of(schedule), values)
    if values.get("job") is not None:
        upload_id, settled = file_of_job(desk, owner, UUID(str(values["job"])))
        plan = replace(plan, upload_id=upload_id, settled=settled)
    desk.schedules.change(user, schedule_id, plan)
    return _out(desk, user, schedule_id)


def _out(desk: Desk, user: User, schedule_id: UUID) -> ScheduleOut:
    with desk.database.read() as session:
        return schedule_out(own_schedule(session, user, schedule_id))
