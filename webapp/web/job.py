"""One job: its page from the file to the result, and what can be done with it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2_fragments import render_block

from webapp.errors import BadInput, NotFound
from webapp.jobs.deeds import Action
from webapp.jobs.mended import columns_of
from webapp.jobs.submit import own_job
from webapp.store.tables import Job, User
from webapp.web.access import Operator, Viewer
from webapp.web.compression import compressed
from webapp.web.desk import Desk, DeskDep
from webapp.web.job_page import Entered, Visit, job_page
from webapp.web.job_view import view_job
from webapp.web.live import Snapshot
from webapp.web.multipart import receive_form
from webapp.web.pages import environment
from webapp.web.stream import stream

router = APIRouter()


@router.get("/jobs/{job_id:uuid}", response_class=HTMLResponse)
def show(request: Request, desk: DeskDep, user: Viewer, job_id: UUID, change: bool = False) -> Response:  # noqa: FBT001, FBT002 (a query parameter)
    return compressed(request, job_page(Visit(request, desk, user, job_id), Entered(opened=change)))


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
    desk.control.act(user, job_id, Action.cancel)
    return RedirectResponse(f"/jobs/{job_id}", status_code=303)


@router.get("/jobs/{job_id:uuid}/stream")
def watch(request: Request, desk: DeskDep, user: Viewer, job_id: UUID) -> Response:
    with desk.database.read() as session:
        own_job(session, user, job_id)
    return stream(request, desk, JobTopic(desk, job_id))


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
    seen = str(form.get("settled", ""))
    try:
        desk.submissions.start(user, job_id, raw, int(seen) if seen.isdecimal() else None)
    except BadInput as error:
        return job_page(Visit(request, desk, user, job_id), Entered(params=raw, params_problems=error.problems))
    return RedirectResponse(f"/jobs/{job_id}", status_code=303)
