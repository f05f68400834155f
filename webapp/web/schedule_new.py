"""Making a schedule, or changing one: the job, its file, and then how and when."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import ImmutableMultiDict

from webapp.authoring import JobType
from webapp.errors import BadInput
from webapp.jobs.plan import Plan
from webapp.jobs.rights import require_may_run, runnable
from webapp.jobs.schedules import KEY, own_schedule, single_time
from webapp.jobs.submit import find_job_type
from webapp.kit import new_secret
from webapp.store.tables import Schedule, User
from webapp.web.access import Operator
from webapp.web.desk import Desk, DeskDep
from webapp.web.multipart import receive_form
from webapp.web.pages import render
from webapp.web.schedule_entry import Entry, plan_of, show_form, times_of
from webapp.web.schedule_file import file_page
from webapp.web.schedule_form import WhenForm
from webapp.web.schedule_source import find_source, source_of

router = APIRouter()

LONGEST_KEY = 100


@router.get("/schedules/new", response_class=HTMLResponse)
def choose(request: Request, desk: DeskDep, user: Operator) -> HTMLResponse:
    job_types = runnable(user, desk.registry)
    return render(request, "schedule/choose.html", {"job_types": job_types})


@router.get("/schedules/new/{name}", response_class=HTMLResponse)
def new(request: Request, desk: DeskDep, user: Operator, name: str) -> Response:
    entry = _new_entry(
        request, desk, user, require_may_run(user, find_job_type(desk.registry, name)), request.query_params
    )
    return show_form(request, desk, entry) if isinstance(entry, Entry) else entry


@router.get("/schedules/times", response_class=HTMLResponse)
def times(request: Request, desk: DeskDep, user: Operator) -> Response:  # noqa: ARG001
    """The next times by what is chosen in the form just now."""
    return render(request, "schedule/_times.html", times_of(desk, WhenForm.read(request.query_params)))


@router.post("/schedules")
async def create(request: Request, desk: DeskDep, user: Operator) -> Response:
    form = (await receive_form(request, desk, user)).answers
    return await to_thread.run_sync(_create, request, desk, user, form)


@router.get("/schedules/{schedule_id:uuid}/change", response_class=HTMLResponse)
def edit(request: Request, desk: DeskDep, user: Operator, schedule_id: UUID) -> Response:
    entry = _kept_entry(request, desk, user, schedule_id, request.query_params)
    return show_form(request, desk, entry[0]) if isinstance(entry, tuple) else entry


@router.post("/schedules/{schedule_id:uuid}/change")
async def change(request: Request, desk: DeskDep, user: Operator, schedule_id: UUID) -> Response:
    form = (await receive_form(request, desk, user)).answers
    return await to_thread.run_sync(_change, request, desk, user, schedule_id, form)


def _create(request: Request, desk: Desk, user: User, form: ImmutableMultiDict[str, str]) -> Response:
    job_type = find_job_type(desk.registry, form.get("job_type", ""))
    entry = _new_entry(request, desk, user, job_type, form)
    if not isinstance(entry, Entry):
        return entry
    entry = replace(entry.filled(form), submit_key=form.get("submit_key", "")[:LONGEST_KEY] or entry.submit_key)
    if form.get("act") == "times":
        return show_form(request, desk, entry)
    try:
        schedule = _make(desk, user, plan_of(desk, user, entry), entry.submit_key)
    except BadInput as error:
        return show_form(request, desk, replace(entry, problems=error.problems))
    return RedirectResponse(f"/schedules/{schedule.id}", status_code=303)


def _make(desk: Desk, user: User, plan: Plan, key: str) -> Schedule:
    """Another plan from the same form, after going back to it, is another schedule."""
    try:
        return desk.schedules.make(user, plan, key)
    except BadInput as error:
        if KEY not in error.problems:
            raise
        return desk.schedules.make(user, plan, new_secret())


def _change(
    request: Request, desk: Desk, user: User, schedule_id: UUID, form: ImmutableMultiDict[str, str]
) -> Response:
    kept = _kept_entry(request, desk, user, schedule_id, form)
    if not isinstance(kept, tuple):
        return kept
    entry, owner = kept[0].filled(form), kept[1]
    if form.get("act") == "times":
        return show_form(request, desk, entry)
    try:
        desk.schedules.change(user, schedule_id, plan_of(desk, owner, entry))
    except BadInput as error:
        return show_form(request, desk, replace(entry, problems=error.problems))
    return RedirectResponse(f"/schedules/{schedule_id}", status_code=303)


def _new_entry(
    request: Request, desk: Desk, user: User, job_type: JobType, given: Mapping[str, str]
) -> Entry | Response:
    """The form of a new schedule; or the page that asks for its file first."""
    try:
        source = find_source(desk, user, job_type, given)
    except BadInput as error:
        return file_page(request, desk, user, job_type, error=error)
    if source is None:
        return file_page(request, desk, user, job_type)
    when = WhenForm.empty(desk.schedules.usual_zone(user), desk.schedules.now())
    return Entry(job_type, source, when, job_type.title, new_secret())


def _kept_entry(
    request: Request, desk: Desk, user: User, schedule_id: UUID, given: Mapping[str, str]
) -> tuple[Entry, User] | Response:
    """The form of a schedule as it stands, and to whom it belongs; or the page that asks for another file.

    What is `given` may say that its jobs are to work on another file.
    """
    with desk.database.read() as session:
        schedule = own_schedule(session, user, schedule_id)
        owner = session.get_one(User, schedule.owner_id)
        session.expunge_all()
    job_type = find_job_type(desk.registry, schedule.job_type)
    try:
        other = find_source(desk, owner, job_type, given) if given.get("upload") or given.get("job") else None
        source = other or source_of(desk, owner, job_type, schedule)
    except BadInput as error:
        return file_page(request, desk, owner, job_type, error=error, schedule=schedule)
    source = replace(source, params=schedule.params, priority=schedule.priority)
    when, kept = WhenForm.of(schedule, desk.schedules.now()), desk.schedules.known_secrets(schedule)
    entry = Entry(
        job_type, source, when, schedule.name, "", schedule_id=schedule_id, kept=kept, had=single_time(schedule)
    )
    return entry, owner
