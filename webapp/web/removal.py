"""What administrators do with what an ended job holds: keep it for ever, let go of it, remove it."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from webapp.jobs.submit import own_job
from webapp.web.access import Admin
from webapp.web.desk import DeskDep
from webapp.web.pages import render

router = APIRouter(prefix="/jobs/{job_id:uuid}")

QUESTION = (
    "Remove what this job holds? Its file, its results, what was entered, and what its page cites of the file are gone "
    "for good; back-ups keep them until you delete those. Its sums stay, and who did what. What it has loaded or sent "
    "elsewhere stays where it is."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked before, and the two answers."""

    address: str
    label: str = "Remove what it holds"
    question: str = QUESTION
    sure: str = "Yes, remove it"
    keep: str = "No, keep it"


@router.get("/removal")
def ask(request: Request, desk: DeskDep, user: Admin, job_id: UUID) -> Response:
    """The question, on a page of its own."""
    with desk.database.read() as session:
        job = own_job(session, user, job_id)
        number = job.number
    asked = Asked(f"/jobs/{job_id}/removal")
    return render(request, "job/ask.html", {"button": asked, "number": number, "back": f"/jobs/{job_id}"})


@router.post("/removal")
def remove(desk: DeskDep, user: Admin, job_id: UUID) -> Response:
    desk.removals.remove(user, job_id)
    return _back(job_id)


@router.post("/keep")
def keep(desk: DeskDep, user: Admin, job_id: UUID) -> Response:
    desk.removals.keep(user, job_id, keep=True)
    return _back(job_id)


@router.post("/let-go")
def let_go(desk: DeskDep, user: Admin, job_id: UUID) -> Response:
    desk.removals.keep(user, job_id, keep=False)
    return _back(job_id)


@router.get("/keep")
@router.get("/let-go")
def show_again(desk: DeskDep, user: Admin, job_id: UUID) -> Response:
    """Where a refused act leaves the browser: its address must not be a dead end."""
    with desk.database.read() as session:
        own_job(session, user, job_id)
    return _back(job_id)


def _back(job_id: UUID) -> Response:
    return RedirectResponse(f"/jobs/{job_id}", status_code=303)
