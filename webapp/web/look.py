"""Looking at one row of a prepared job, and trying it; nothing that was typed is lost."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import ImmutableMultiDict

from webapp.errors import BadInput, Refused
from webapp.jobs.foresight import foresee
from webapp.jobs.mended import columns_of
from webapp.jobs.one_row import ROW, OneRow
from webapp.jobs.submit import find_job_type, own_job
from webapp.web.access import Operator, Viewer
from webapp.web.desk import DeskDep
from webapp.web.form_view import error_lines
from webapp.web.job_page import Entered, Visit, job_page
from webapp.web.look_view import IDS, Look
from webapp.web.multipart import receive_form
from webapp.web.pages import render
from webapp.web.start_form import TypedStart

router = APIRouter(prefix="/jobs/{job_id:uuid}")

LONGEST_NUMBER = 12


@router.get("/preview")
@router.get("/trial")
def show_again(desk: DeskDep, user: Viewer, job_id: UUID) -> Response:
    """Where a reload leads: the address must not be a dead end."""
    with desk.database.read() as session:
        own_job(session, user, job_id)
    return RedirectResponse(f"/jobs/{job_id}", status_code=303)


@router.post("/preview")
async def preview(request: Request, desk: DeskDep, user: Operator, job_id: UUID) -> Response:
    form = (await receive_form(request, desk, user)).answers
    return await to_thread.run_sync(_look, Visit(request, desk, user, job_id), form, False)


@router.post("/trial")
async def trial(request: Request, desk: DeskDep, user: Operator, job_id: UUID) -> Response:
    form = (await receive_form(request, desk, user)).answers
    return await to_thread.run_sync(_look, Visit(request, desk, user, job_id), form, True)


@router.get("/foresight")
def show_again_foreseen(desk: DeskDep, user: Viewer, job_id: UUID) -> Response:
    """As for `show_again`."""
    return show_again(desk, user, job_id)


@router.post("/foresight")
async def show_foreseen(
    request: Request, desk: DeskDep, user: Operator, job_id: UUID, *, part: bool = False
) -> Response:
    """What the job will do with what is entered: `part` of the page, or all of it."""
    form = (await receive_form(request, desk, user)).answers
    return await to_thread.run_sync(_foresee, Visit(request, desk, user, job_id), form, part)


def _foresee(visit: Visit, form: ImmutableMultiDict[str, str], part: bool) -> Response:  # noqa: FBT001 (as above)
    desk = visit.desk
    with desk.database.read() as session:
        job = own_job(session, visit.user, visit.job_id)
        columns, name = columns_of(job), job.job_type
    job_type = find_job_type(desk.registry, name)
    raw = job_type.parse_form(form, columns)
    foreseen = foresee(desk.submissions, desk.settings, visit.user, visit.job_id, raw)
    problems = foreseen.problems if foreseen else {}
    if part:
        wrong = error_lines(job_type.fields(columns, raw, problems), problems)
        return render(visit.request, "job/_foreseen.html", {"foreseen": foreseen, "wrong": wrong})
    return job_page(visit, Entered(params=raw, params_problems=problems, foreseen=foreseen, start=TypedStart(form)))


def _look(visit: Visit, form: ImmutableMultiDict[str, str], tries: bool) -> Response:  # noqa: FBT001 (which of the two)
    with visit.desk.database.read() as session:
        job = own_job(session, visit.user, visit.job_id)
        columns, name = columns_of(job), job.job_type
    raw = find_job_type(visit.desk.registry, name).parse_form(form, columns)
    typed = Look(form.get("look_row", "").strip(), form.get("look_to", "").strip())
    try:
        look, wrong = _seen(visit, raw, typed, tries=tries), dict[str, str]()
    except BadInput as error:
        about_look = {name: text for name, text in error.problems.items() if name in IDS}
        wrong = {name: text for name, text in error.problems.items() if name not in IDS}
        look = replace(typed, problems=about_look)
    except Refused as error:
        look, wrong = replace(typed, problems={"": str(error)}), {}
    return job_page(visit, Entered(params=raw, params_problems=wrong, look=look, start=TypedStart(form)))


def _seen(visit: Visit, raw: dict[str, Any], typed: Look, *, tries: bool) -> Look:
    number = typed.row or "1"
    if not (number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER and int(number)):
        raise BadInput({ROW: "Write the number of a row: 1 is the first below the header."})
    one_row = OneRow(visit.desk.submissions, visit.desk.settings)
    if tries:
        return replace(typed, done=one_row.trial(visit.user, visit.job_id, raw, int(number), typed.to))
    return replace(typed, sight=one_row.preview(visit.user, visit.job_id, raw, int(number)))
