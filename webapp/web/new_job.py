"""Handing in a job: its file first; a job without a file asks for its parameters at once."""

from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from webapp.authoring import JobType
from webapp.errors import BadInput, DeskError, NotAllowed, NotFound
from webapp.jobs.rights import require_may_run
from webapp.jobs.submission import AT_ONCE, Submission
from webapp.jobs.submit import find_job_type, own_job
from webapp.kit import new_secret
from webapp.store.tables import Job, User
from webapp.web.access import Operator
from webapp.web.desk import Desk, DeskDep
from webapp.web.facts import request_facts
from webapp.web.form_view import error_lines
from webapp.web.handing_on import with_result
from webapp.web.multipart import ReceivedForm, receive_form
from webapp.web.pages import render
from webapp.web.start_form import NOTHING_TYPED, TypedStart, parted, start_form, start_of
from webapp.web.typed_rows import FIELD, typed_upload

router = APIRouter()


@router.get("/jobs/new/{name}", response_class=HTMLResponse)
def new(request: Request, desk: DeskDep, user: Operator, name: str, like: UUID | None = None) -> HTMLResponse:
    """The form, empty; with `like` it will be filled in as that job was."""
    return _page(request, desk, require_may_run(user, find_job_type(desk.registry, name)), {}, None, like)


@router.get("/jobs/new/{name}/example")
def example(desk: DeskDep, user: Operator, name: str) -> Response:  # noqa: ARG001
    sample = find_job_type(desk.registry, name).example
    if sample is None or not sample.is_file():
        raise NotFound
    headers = {"Content-Disposition": f'attachment; filename="{sample.name}"'}
    return Response(sample.read_bytes(), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/jobs")
async def create(request: Request, desk: DeskDep, user: Operator) -> Response:
    form = await receive_form(request, desk, user)
    name = form.fields.get("job_type", "")
    try:
        job = await to_thread.run_sync(_create, request, desk, user, form)
    except DeskError as error:
        job_type = desk.registry.job_types.get(name)
        if job_type is None or isinstance(error, NotAllowed):
            raise
        return await to_thread.run_sync(_refused, request, desk, job_type, form, error)
    return RedirectResponse(f"/jobs/{job.id}", status_code=303)


def _create(request: Request, desk: Desk, user: User, form: ReceivedForm) -> Job:
    job_type = find_job_type(desk.registry, form.fields.get("job_type", ""))
    form = with_result(desk, user, form)
    submission = Submission(
        user=user,
        job_type=job_type.name,
        upload_id=_typed(desk, user, job_type, form) or _upload_id(form),
        submit_key=form.fields.get("submit_key") or None,
        request=request_facts(request),
        like=_like(desk, user, job_type, form.fields.get("like", "")),
        when=AT_ONCE if job_type.takes_file else start_of(form.fields),
    )
    if job_type.takes_file:
        return desk.submissions.prepare(submission)
    return desk.submissions.submit(submission, job_type.parse_form(form.answers))


def _like(desk: Desk, user: User, job_type: JobType, given: str) -> Job | None:
    """The job that this one is to be filled in like, if it is of the same kind."""
    if not given:
        return None
    try:
        job_id = UUID(given)
    except ValueError:
        raise NotFound from None
    with desk.database.read() as session:
        job = own_job(session, user, job_id)
        session.expunge(job)
    return job if job.job_type == job_type.name else None


def _typed(desk: Desk, user: User, job_type: JobType, form: ReceivedForm) -> UUID | None:
    """The file of what was typed in its place, for jobs whose rows can be."""
    text = form.fields.get(FIELD)
    return typed_upload(desk, user, text).id if text is not None and has_table(job_type) else None


def has_table(job_type: JobType) -> bool:
    """Whether a job works on the rows of a table."""
    return job_type.takes_file and job_type.file_kind not in {"items", "upload"}


def _upload_id(form: ReceivedForm) -> UUID | None:
    if "file" in form.uploads:
        return form.uploads["file"].id
    try:
        return UUID(form.fields["upload_id"]) if form.fields.get("upload_id") else None
    except ValueError:
        raise BadInput({"file": "This file did not arrive whole. Choose it again."}) from None


def _refused(request: Request, desk: Desk, job_type: JobType, form: ReceivedForm, error: DeskError) -> HTMLResponse:
    """The form again as it was filled in, with what is wrong beside each field."""
    problems = error.problems if isinstance(error, BadInput) else {"file": str(error)}
    return _page(request, desk, job_type, problems, form)


def _page(  # noqa: PLR0913, PLR0917 (what a page is made of)
    request: Request,
    desk: Desk,
    job_type: JobType,
    problems: dict[str, str],
    form: ReceivedForm | None,
    like: UUID | None = None,
) -> HTMLResponse:
    values = job_type.parse_form(form.answers) if form else None
    fields = () if job_type.takes_file else job_type.fields((), values, problems)
    about_start, about_params = parted(problems, form.fields if form else {}, job_type.params_model.model_fields)
    if form and FIELD in form.fields and "file" in problems:  # what was typed can't be read as a table
        problems = {**problems, FIELD: problems["file"]}
    start = start_form(TypedStart(form.fields, about_start) if form else NOTHING_TYPED)
    context = {
        "job_type": job_type,
        "fields": fields,
        "start": start,
        "errors": [*error_lines(fields, about_params), *start.errors],
        "file_error": problems.get("file"),
        "may_type": has_table(job_type),
        "like": form.fields.get("like", "") if form else like or "",
        "typed": form.fields.get(FIELD) if form else None,
        "typed_error": problems.get(FIELD),
        "submit_key": (form.fields.get("submit_key") if form and not problems else None) or new_secret(),
        "max_upload": desk.settings.max_upload,
    }
    return render(request, "job/new.html", context, status=422 if problems else 200)
