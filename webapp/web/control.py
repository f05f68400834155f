"""What an operator does with a job that was accepted: each is a form of one button, and leads back to the job."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from webapp.jobs.deeds import Action
from webapp.jobs.submit import own_job
from webapp.web.access import Operator, Viewer
from webapp.web.action_view import resource
from webapp.web.desk import DeskDep
from webapp.web.priority import LEAST, MOST

router = APIRouter(prefix="/jobs/{job_id:uuid}")


class PriorityForm(BaseModel):
    """What the buttons for the priority send."""

    model_config = ConfigDict(extra="forbid")

    priority: Annotated[int, Field(ge=LEAST, le=MOST)]


@router.get("/priority")
@router.get("/run-again")
def show_again(desk: DeskDep, user: Viewer, job_id: UUID) -> Response:
    """Where a refused act leaves the browser: its address must not be a dead end."""
    with desk.database.read() as session:
        own_job(session, user, job_id)
    return _back(job_id)


def _add_routes(action: Action) -> None:
    address = f"/{resource(action)}"

    @router.post(address, name=action)
    def act(desk: DeskDep, user: Operator, job_id: UUID) -> Response:
        desk.control.act(user, job_id, action)
        return _back(job_id)

    router.get(address, name=f"{action}_again")(show_again)


for each in Action:
    _add_routes(each)


@router.post("/priority")
def set_priority(desk: DeskDep, user: Operator, job_id: UUID, form: Annotated[PriorityForm, Form()]) -> Response:
    desk.control.set_priority(user, job_id, form.priority)
    return _back(job_id)


@router.post("/run-again")
def run_again(desk: DeskDep, user: Operator, job_id: UUID) -> Response:
    """A new job with the same file and answers; its page is where it is started."""
    return _back(desk.control.run_again(user, job_id).id)


def _back(job_id: UUID) -> Response:
    return RedirectResponse(f"/jobs/{job_id}", status_code=303)
