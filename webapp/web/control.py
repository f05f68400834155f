"""What an operator does with a job that was accepted: each is a form of one button, and leads back to the job."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from webapp.jobs.deeds import Action
from webapp.jobs.submit import own_job
from webapp.web.access import Operator, Viewer, may_act
from webapp.web.action_view import buttons_of, resource
from webapp.web.desk import DeskDep
from webapp.web.pages import render
from webapp.web.priority import LEAST, MOST

router = APIRouter(prefix="/jobs/{job_id:uuid}")


class PriorityForm(BaseModel):
    """What the buttons for the priority send."""

    model_config = ConfigDict(extra="forbid")

    priority: Annotated[int, Field(ge=LEAST, le=MOST)]


@router.get("/priority")
@router.get("/run-again")
@router.get("/undo")
def show_again(desk: DeskDep, user: Viewer, job_id: UUID) -> Response:
    """Where a refused act leaves the browser: its address must not be a dead end."""
    with desk.database.read() as session:
        own_job(session, user, job_id)
    return _show(job_id)


def _add_routes(action: Action) -> None:
    address = f"/{resource(action)}"

    @router.post(address, name=action)
    def act(desk: DeskDep, user: Operator, job_id: UUID) -> Response:
        desk.control.act(user, job_id, action)
        return _back(job_id)

    @router.get(address, name=f"{action}_asked")
    def ask(request: Request, desk: DeskDep, user: Viewer, job_id: UUID) -> Response:
        """The question that is asked before, on a page of its own; where none is, back to the job."""
        with desk.database.read() as session:
            job = own_job(session, user, job_id)
            offered = buttons_of(job, desk.registry.job_types.get(job.job_type), not_reached=0, undone=False)
        button = next((each for each in offered if each.action is action and each.question), None)
        if button is None or not may_act(user):
            return _show(job_id)
        return render(request, "job/ask.html", {"button": button, "number": job.number, "back": f"/jobs/{job_id}"})


for each in Action:
    _add_routes(each)


@router.post("/priority")
def set_priority(desk: DeskDep, user: Operator, job_id: UUID, form: Annotated[PriorityForm, Form()]) -> Response:
    desk.control.set_priority(user, job_id, form.priority)
    return _back(job_id)


@router.post("/run-again")
def run_again(desk: DeskDep, user: Operator, job_id: UUID, really: bool = False) -> Response:  # noqa: FBT001, FBT002 (a query parameter)
    """A new job with the same file and answers; its page is where it is started. `really`: no dry run any more."""
    return _show(desk.control.run_again(user, job_id, really=really).id)


def _show(job_id: UUID) -> Response:
    return RedirectResponse(f"/jobs/{job_id}", status_code=303)


@router.post("/undo")
def undo(desk: DeskDep, user: Operator, job_id: UUID) -> Response:
    """A job that undoes this one; its page is where one sees what comes of it."""
    return _back(desk.control.undo(user, job_id).id)


def _back(job_id: UUID) -> Response:
    """To the job's page, where what may be done with it stands."""
    return RedirectResponse(f"/jobs/{job_id}#actions", status_code=303)
