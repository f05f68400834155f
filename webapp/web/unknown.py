"""The rows of a job of which nobody knows whether they were done: a page to look at them, and to decide."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from webapp.jobs.deciding import Decision
from webapp.jobs.submit import own_job
from webapp.web.access import Operator, Viewer, may_act
from webapp.web.compression import compressed
from webapp.web.desk import DeskDep
from webapp.web.job_view import Rows
from webapp.web.pages import render
from webapp.web.problems import LAST_ROW, PAGE
from webapp.web.unknown_view import NOTICES, view_unknown

router = APIRouter(prefix="/jobs/{job_id:uuid}/unknown")


class PageQuery(BaseModel, extra="ignore"):
    """What the address of the page says: behind which row it begins, and what was just done."""

    after: Annotated[int, Field(ge=0, le=LAST_ROW)] = 0
    done: str = ""


class DecisionForm(BaseModel):
    """What the buttons send: for one row, or without one for all; `back` is the page they stand on."""

    model_config = ConfigDict(extra="forbid")

    decision: Decision
    row: Annotated[int | None, Field(ge=1, le=LAST_ROW)] = None
    back: Literal["", "unknown"] = ""


@router.get("", response_class=HTMLResponse)
def show(request: Request, desk: DeskDep, user: Viewer, job_id: UUID, query: Annotated[PageQuery, Query()]) -> Response:
    with desk.database.read() as session:
        job = own_job(session, user, job_id)
        unknown = view_unknown(session, desk.files, job, query.after, PAGE)
        address = f"/jobs/{job_id}/unknown"
        context = {
            "job": job,
            "rows": Rows.of(job),
            "unknown": unknown,
            "may": may_act(user),
            "said": NOTICES.get(query.done),
            "first": address if query.after else None,
            "older": f"{address}?after={unknown.after}" if unknown and unknown.after is not None else None,
        }
        return compressed(request, render(request, "job/unknown.html", context))


@router.post("")
def decide(desk: DeskDep, user: Operator, job_id: UUID, form: Annotated[DecisionForm, Form()]) -> Response:
    desk.control.decide(user, job_id, form.decision, None if form.row is None else [form.row])
    page = f"/jobs/{job_id}/unknown" if form.back else f"/jobs/{job_id}"
    return RedirectResponse(f"{page}?done={form.decision}", status_code=303)
