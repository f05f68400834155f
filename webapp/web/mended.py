"""Sending mended rows back to their job: a page to do it, with what has come back so far."""

from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from webapp.errors import BadInput, DeskError
from webapp.jobs.mending import ANEW, Menders, refusal
from webapp.jobs.mending_file import FIELD
from webapp.jobs.submit import own_job
from webapp.store.tables import User
from webapp.web.access import Operator, Viewer, may_act
from webapp.web.compression import compressed
from webapp.web.desk import Desk, DeskDep
from webapp.web.job_view import Rows
from webapp.web.mended_view import sent_back
from webapp.web.multipart import ReceivedForm, receive_form
from webapp.web.pages import render
from webapp.web.unused import unused_forgotten

router = APIRouter(prefix="/jobs/{job_id:uuid}/mended")

NO_FILE = "Choose the file with the rows that you have mended."


@router.get("", response_class=HTMLResponse)
def show(request: Request, desk: DeskDep, user: Viewer, job_id: UUID) -> Response:
    return _page(request, desk, user, job_id)


@router.post("")
async def send_back(request: Request, desk: DeskDep, user: Operator, job_id: UUID) -> Response:
    with desk.database.read() as session:
        own_job(session, user, job_id)
    form = await receive_form(request, desk, user)
    try:
        taken = await to_thread.run_sync(take_back, desk, user, job_id, form)
    except DeskError as error:
        said = error.problems.get(FIELD, str(error)) if isinstance(error, BadInput) else str(error)
        return await to_thread.run_sync(_page, request, desk, user, job_id, said)
    return RedirectResponse(f"/jobs/{job_id}?done={'mended' if taken else 'mended_before'}", status_code=303)


def take_back(desk: Desk, user: User, job_id: UUID, form: ReceivedForm) -> bool:
    """Have the rows of the file in a form run again; False if the very same file came before, and nothing runs.

    Raises:
        NotFound: the user has no such job.
        BadInput: the file can't be used.
        Refused: the job can't take rows back now.
    """
    with unused_forgotten(desk, form):
        upload = form.uploads.get(FIELD)
        if upload is None:
            raise BadInput({FIELD: NO_FILE})
        with desk.database.read() as session:
            job = own_job(session, user, job_id)
            session.expunge(job)
        menders = Menders(desk.database, desk.files, desk.registry, desk.engine, desk.submissions.secrets)
        return menders.send_back(user, job, upload).upload_id == upload.id


def _page(request: Request, desk: Desk, user: User, job_id: UUID, problem: str = "") -> Response:
    with desk.database.read() as session:
        job = own_job(session, user, job_id)
        job_type = desk.registry.job_types.get(job.job_type)
        why_not = refusal(session, job, job_type)
        context = {
            "job": job,
            "rows": Rows.of(job),
            "may": may_act(user),
            "why_not": why_not,
            "anew": why_not in ANEW,
            "problem": problem,
            "sent": sent_back(session, job),
        }
        page = render(request, "job/mended.html", context, status=422 if problem else 200)
    return compressed(request, page)
