"""The file that the jobs of a schedule work on: chosen for a new one, or another one for one that is there."""

from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from webapp.authoring import JobType
from webapp.errors import BadInput
from webapp.jobs.schedules import own_schedule
from webapp.jobs.submit import find_job_type
from webapp.store.queries import JobFilter, job_page
from webapp.store.tables import Schedule, User
from webapp.web.access import Operator
from webapp.web.desk import Desk, DeskDep
from webapp.web.multipart import ReceivedForm, receive_form
from webapp.web.pages import render
from webapp.web.schedule_source import earlier_files, find_source

router = APIRouter()

EARLIER = 50
NO_FILE = BadInput({"file": "Choose a file: this job works on one."})


@router.post("/schedules/file")
async def take(request: Request, desk: DeskDep, user: Operator) -> Response:
    """The file of a new schedule, as a browser without scripts sends it, or the id that it has got already."""
    form = await receive_form(request, desk, user)
    return await to_thread.run_sync(_take, request, desk, user, form)


@router.get("/schedules/{schedule_id:uuid}/file")
def ask(request: Request, desk: DeskDep, user: Operator, schedule_id: UUID) -> Response:
    """Which file its jobs are to work on from now on."""
    schedule, owner = _kept(desk, user, schedule_id)
    return file_page(request, desk, owner, find_job_type(desk.registry, schedule.job_type), schedule=schedule)


@router.post("/schedules/{schedule_id:uuid}/file")
async def take_another(request: Request, desk: DeskDep, user: Operator, schedule_id: UUID) -> Response:
    """Another file for a schedule, likewise; it is kept with the rest of the form."""
    kept = await to_thread.run_sync(_kept, desk, user, schedule_id)
    form = await receive_form(request, desk, user)
    return await to_thread.run_sync(_take, request, desk, user, form, kept)


def file_page(  # noqa: PLR0913 (what the page is about)
    request: Request,
    desk: Desk,
    user: User,
    job_type: JobType,
    *,
    error: BadInput | None = None,
    schedule: Schedule | None = None,
) -> HTMLResponse:
    """Ask for the file of each job: a new one, or that of an earlier job."""
    with desk.database.read() as session:
        jobs = list(job_page(session, JobFilter(user, job_type=job_type.name), EARLIER).jobs)
        session.expunge_all()
    context = {
        "job_type": job_type,
        "schedule": schedule,
        "problem": " ".join(error.problems.values()) if error else None,
        "earlier": earlier_files(user, jobs),
        "max_upload": desk.settings.max_upload,
    }
    return render(request, "schedule/file.html", context, status=422 if error else 200)


def _take(
    request: Request, desk: Desk, user: User, form: ReceivedForm, kept: tuple[Schedule, User] | None = None
) -> Response:
    schedule, owner = kept or (None, user)
    job_type = find_job_type(desk.registry, schedule.job_type if schedule else form.fields.get("job_type", ""))
    upload = form.uploads.get("file")
    given = {"upload": str(upload.id) if upload else form.fields.get("upload_id", "")}
    try:
        source = find_source(desk, owner, job_type, given)
    except BadInput as error:
        return file_page(request, desk, owner, job_type, error=error, schedule=schedule)
    if source is None:
        return file_page(request, desk, owner, job_type, error=NO_FILE, schedule=schedule)
    back = f"/schedules/{schedule.id}/change" if schedule else f"/schedules/new/{job_type.name}"
    return RedirectResponse(f"{back}?upload={source.upload_id}", status_code=303)


def _kept(desk: Desk, user: User, schedule_id: UUID) -> tuple[Schedule, User]:
    """The schedule, and to whom it and its file belong."""
    with desk.database.read() as session:
        schedule = own_schedule(session, user, schedule_id)
        owner = session.get_one(User, schedule.owner_id)
        session.expunge_all()
    return schedule, owner
