"""One job: its page from the file to the result, and what can be done with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2_fragments import render_block

from webapp.authoring import FormField, JobType
from webapp.errors import BadInput, NotFound
from webapp.jobs.control import cancel
from webapp.jobs.mended import columns_of
from webapp.jobs.submit import own_job
from webapp.store.tables import Job, User
from webapp.web.access import Operator, Viewer
from webapp.web.column_view import KIND_WORDS, feeds_of
from webapp.web.compression import compressed
from webapp.web.desk import Desk, DeskDep
from webapp.web.form_view import answers, error_lines
from webapp.web.job_view import JobView, view_job
from webapp.web.live import Snapshot
from webapp.web.multipart import receive_form
from webapp.web.pages import environment, render
from webapp.web.stream import stream

router = APIRouter()


@router.get("/jobs/{job_id:uuid}", response_class=HTMLResponse)
def show(request: Request, desk: DeskDep, user: Viewer, job_id: UUID) -> Response:
    return compressed(request, _page(request, desk, user, job_id))


@router.get("/jobs/{job_id:uuid}/start")
def show_again(desk: DeskDep, user: Viewer, job_id: UUID) -> Response:
    """Where a refused start leaves the browser: its address must not be a dead end."""
    with desk.database.read() as session:
        own_job(session, user, job_id)
    return RedirectResponse(f"/jobs/{job_id}", status_code=303)


@router.post("/jobs/{job_id:uuid}/start")
async def start(request: Request, desk: DeskDep, user: Operator, job_id: UUID) -> Response:
    form = (await receive_form(request, desk, user)).fields
    return await to_thread.run_sync(_start, request, desk, user, job_id, form)


@router.post("/jobs/{job_id:uuid}/cancellation")
def cancel_(desk: DeskDep, user: Operator, job_id: UUID) -> Response:
    cancel(desk.database, desk.engine, user, job_id)
    return RedirectResponse(f"/jobs/{job_id}", status_code=303)


@router.get("/jobs/{job_id:uuid}/stream")
def watch(request: Request, desk: DeskDep, user: Viewer, job_id: UUID) -> Response:
    with desk.database.read() as session:
        own_job(session, user, job_id)
    return stream(request, desk, JobTopic(desk, job_id))


@dataclass(frozen=True, slots=True)
class Refusal:
    """A form that was not accepted: what was entered, and what is wrong with it."""

    values: Mapping[str, object]
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class JobTopic:
    """The live part of a job's page. The same for everybody who may see the job."""

    desk: Desk
    job_id: UUID

    @property
    def key(self) -> str:
        return f"job/{self.job_id}"

    def version(self) -> str | None:
        with self.desk.database.read() as session:
            job = session.get(Job, self.job_id)
            return None if job is None else str(job.revision)

    def render(self) -> Snapshot | None:
        with self.desk.database.read() as session:
            job = session.get(Job, self.job_id)
            if job is None:
                return None
            version, view = str(job.revision), view_job(session, self.desk.registry, job)
        html = render_block(environment(), "job/show.html", "live", {"job": view, "streamed": True})
        return Snapshot(version, html, last=view.ended)


def _start(request: Request, desk: Desk, user: User, job_id: UUID, form: Any) -> Response:  # noqa: ANN401 (a multi-dict)
    with desk.database.read() as session:
        job = own_job(session, user, job_id)
        columns = columns_of(job)
        job_type = desk.registry.job_types.get(job.job_type)
    if job_type is None:
        raise NotFound("This kind of job does not exist any more. Ask an administrator.")
    raw = job_type.parse_form(form, columns)
    try:
        desk.submissions.start(user, job_id, raw)
    except BadInput as error:
        return _page(request, desk, user, job_id, Refusal(raw, error.problems))
    return RedirectResponse(f"/jobs/{job_id}", status_code=303)


def _page(
    request: Request,
    desk: Desk,
    user: User,
    job_id: UUID,
    refused: Refusal | None = None,
) -> HTMLResponse:
    with desk.database.read() as session:
        job = own_job(session, user, job_id)
        view = view_job(session, desk.registry, job)
        columns = columns_of(job)
    job_type = desk.registry.job_types.get(view.job_type)
    fields = _fields(job_type, view, columns, refused)
    context = {
        "job": view,
        "fields": fields if view.preparing else (),
        "errors": error_lines(fields, refused.problems) if refused else (),
        "answers": () if view.preparing else answers(fields),
        "feeds": feeds_of(columns, job_type.row_model) if job_type and job_type.row_model and view.preview else None,
        "kind_words": KIND_WORDS,
        "streamed": False,
    }
    return render(request, "job/show.html", context, status=422 if refused else 200)


def _fields(
    job_type: JobType | None, view: JobView, columns: tuple[str, ...], refused: Refusal | None
) -> tuple[FormField, ...]:
    """The form to fill in, or as it was filled in."""
    if job_type is None:
        return ()
    if refused:
        return job_type.fields(columns, refused.values, refused.problems)
    return job_type.fields(columns, None if view.preparing else view.params)
