"""Starting a prepared job: with its parameters, at once or later, all of its rows or the first ones."""

from collections.abc import Mapping
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import ImmutableMultiDict

from webapp.authoring import JobType, ParamsError
from webapp.errors import BadInput, NotFound
from webapp.jobs.mended import columns_of
from webapp.jobs.submit import own_job
from webapp.web.access import Operator, Viewer
from webapp.web.desk import DeskDep
from webapp.web.job_page import Entered, Visit, job_page
from webapp.web.multipart import receive_form
from webapp.web.start_form import TypedStart, parted, start_of

router = APIRouter(prefix="/jobs/{job_id:uuid}/start")


@router.get("")
def show_again(desk: DeskDep, user: Viewer, job_id: UUID) -> Response:
    """Where a refused start leaves the browser: its address must not be a dead end."""
    with desk.database.read() as session:
        own_job(session, user, job_id)
    return RedirectResponse(f"/jobs/{job_id}", status_code=303)


@router.post("")
async def start(request: Request, desk: DeskDep, user: Operator, job_id: UUID) -> Response:
    form = (await receive_form(request, desk, user)).answers
    return await to_thread.run_sync(_start, Visit(request, desk, user, job_id), form)


def _start(visit: Visit, form: ImmutableMultiDict[str, str]) -> Response:
    with visit.desk.database.read() as session:
        job = own_job(session, visit.user, visit.job_id)
        columns = columns_of(job)
        job_type = visit.desk.registry.job_types.get(job.job_type)
    if job_type is None:
        raise NotFound("This kind of job does not exist any more. Ask an administrator.")
    raw = job_type.parse_form(form, columns)
    seen = form.get("settled", "")
    try:
        when = start_of(form)
    except BadInput as error:
        wrong = _wrong_params(job_type, raw, columns)
        typed = Entered(params=raw, params_problems=wrong, start=TypedStart(form, error.problems))
        return job_page(visit, typed)
    try:
        visit.desk.submissions.start(visit.user, visit.job_id, raw, int(seen) if seen.isdecimal() else None, when)
    except BadInput as error:
        about_start, about_params = parted(error.problems, form, job_type.params_model.model_fields)
        return job_page(visit, Entered(params=raw, params_problems=about_params, start=TypedStart(form, about_start)))
    return RedirectResponse(f"/jobs/{visit.job_id}", status_code=303)


def _wrong_params(job_type: JobType, raw: Mapping[str, object], columns: tuple[str, ...]) -> Mapping[str, str]:
    """What is wrong with the parameters too: everything is said at once."""
    try:
        job_type.validate(raw, columns or None)
    except ParamsError as error:
        return error.problems
    return {}
