"""How a prepared job's file is read, as a resource to change: the reading, the match of columns, days, repairs."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import ImmutableMultiDict

from webapp.errors import BadInput, NotFound
from webapp.intake import Match
from webapp.jobs.mended import columns_of
from webapp.jobs.settled import Settled
from webapp.jobs.submit import own_job
from webapp.store.tables import Job
from webapp.web.access import Operator, Viewer
from webapp.web.desk import Desk, DeskDep
from webapp.web.job_page import Entered, Visit, job_page
from webapp.web.match_view import entered_match
from webapp.web.multipart import receive_form
from webapp.web.reading_form import BUTTONS, entered_choices
from webapp.web.start_form import NOTHING_TYPED, TypedStart

router = APIRouter()

Parts = Mapping[str, Any]
Form = Mapping[str, str]


@router.get("/jobs/{job_id:uuid}/reading")
@router.get("/jobs/{job_id:uuid}/match")
@router.get("/jobs/{job_id:uuid}/days")
@router.get("/jobs/{job_id:uuid}/repairs")
def show_again(desk: DeskDep, user: Viewer, job_id: UUID) -> Response:
    """Where a refused change leaves the browser: its address must not be a dead end."""
    with desk.database.read() as session:
        own_job(session, user, job_id)
    return RedirectResponse(f"/jobs/{job_id}", status_code=303)


@router.post("/jobs/{job_id:uuid}/reading")
async def settle_reading(request: Request, desk: DeskDep, user: Operator, job_id: UUID) -> Response:
    return await _settle(Visit(request, desk, user, job_id), _reading, "reading")


@router.post("/jobs/{job_id:uuid}/match")
async def settle_match(request: Request, desk: DeskDep, user: Operator, job_id: UUID) -> Response:
    return await _settle(Visit(request, desk, user, job_id), _match, "match")


@router.post("/jobs/{job_id:uuid}/days")
async def settle_days(request: Request, desk: DeskDep, user: Operator, job_id: UUID) -> Response:
    return await _settle(Visit(request, desk, user, job_id), _days, "days")


@router.post("/jobs/{job_id:uuid}/repairs")
async def settle_repairs(request: Request, desk: DeskDep, user: Operator, job_id: UUID) -> Response:
    return await _settle(Visit(request, desk, user, job_id), _repairs, "repairs")


async def _settle(visit: Visit, parts_of: Callable[[Form, Job], Parts], part: str) -> Response:
    form = (await receive_form(visit.request, visit.desk, visit.user)).answers
    return await to_thread.run_sync(_answer, visit, form, parts_of, part)


def _answer(
    visit: Visit, form: ImmutableMultiDict[str, str], parts_of: Callable[[Form, Job], Parts], part: str
) -> Response:
    """Settle it; a page that asked by itself gets its part that is prepared, any other the way back."""
    with visit.desk.database.read() as session:
        job = own_job(session, visit.user, visit.job_id)
        session.expunge(job)
    block = "prepare" if "hx-request" in visit.request.headers else None
    opened = part == "reading" and not {*BUTTONS, "dialect"} & set(form)
    typed = TypedStart(form) if block else NOTHING_TYPED
    entered = Entered(params=_params(visit.desk, job, form) if block else None, start=typed, opened=opened)
    try:
        visit.desk.submissions.settle(visit.user, visit.job_id, **parts_of(form, job))
    except BadInput as error:
        entered = replace(entered, problems=error.problems)
        refused = replace(entered, match=form) if part == "match" else replace(entered, reading=form, opened=True)
        return job_page(visit, refused, block)
    if block:
        return job_page(visit, entered, block)
    return RedirectResponse(f"/jobs/{visit.job_id}{'?change=true' if opened else ''}#{part}", status_code=303)


def _params(desk: Desk, job: Job, form: ImmutableMultiDict[str, str]) -> Mapping[str, object] | None:
    """What is typed into the form for the start already, so that it is not lost."""
    job_type = desk.registry.job_types.get(job.job_type)
    return job_type.parse_form(form, columns_of(job)) if job_type else None


def _reading(form: Form, job: Job) -> Parts:
    if "dialect" in form:  # one of two ways was chosen; the rest stays
        settled = Settled.from_json(job.choices).file.to_json()
        return {"file": Settled.checked({**settled, **entered_choices(form)}).file}
    return {"file": Settled.checked(entered_choices(form)).file}


def _match(form: Form, job: Job) -> Parts:
    if job.match is None:
        raise NotFound("This job takes any columns.")
    chosen = entered_match(form, Match.from_json(job.match), Settled.from_json(job.choices).match)
    return {"match": Settled.checked({"match": chosen}).match}


def _days(form: Form, job: Job) -> Parts:
    dates = {**Settled.from_json(job.choices).dates, form.get("column", ""): form.get("style", "")}
    return {"dates": Settled.checked({"dates": dates}).dates}


def _repairs(form: Form, job: Job) -> Parts:  # noqa: ARG001 (as its neighbours)
    return {"repair": form.get("accept") == "yes"}
