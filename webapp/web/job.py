"""One job: its page from the file to the result, and the stream that keeps it up to date."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from jinja2_fragments import render_block
from pydantic import BaseModel

from webapp.jobs.lifecycle import ENDED, STOPPING, WORKING
from webapp.jobs.submit import own_job
from webapp.kit import now
from webapp.store.tables import Job
from webapp.web.access import Viewer, may_act
from webapp.web.compression import compressed
from webapp.web.desk import Desk, DeskDep
from webapp.web.job_page import Entered, Visit, job_page, live_context
from webapp.web.live import Snapshot
from webapp.web.pace import is_interrupted
from webapp.web.pages import environment
from webapp.web.stream import stream

router = APIRouter()

LOOK_IN_SECONDS = 2.0  # a worker that is silent is noticed so soon


class PageQuery(BaseModel, extra="ignore"):
    """What the address of a job's page says: whether a form is unfolded, and what was just done."""

    change: bool = False
    done: str = ""


@router.get("/jobs/{job_id:uuid}", response_class=HTMLResponse)
def show(request: Request, desk: DeskDep, user: Viewer, job_id: UUID, query: Annotated[PageQuery, Query()]) -> Response:
    visit = Visit(request, desk, user, job_id)
    return compressed(request, job_page(visit, Entered(opened=query.change), said=query.done))


@router.get("/jobs/{job_id:uuid}/stream")
def watch(request: Request, desk: DeskDep, user: Viewer, job_id: UUID) -> Response:
    with desk.database.read() as session:
        own_job(session, user, job_id)
    return stream(request, desk, JobTopic(desk, job_id, may_act(user)))


@dataclass(frozen=True, slots=True)
class JobTopic:
    """The live part of a job's page. The same for everybody who may see the job, but for its buttons."""

    desk: Desk
    job_id: UUID
    may: bool

    @property
    def key(self) -> str:
        return f"job/{self.job_id}/{self.may}"

    def version(self) -> str | None:
        with self.desk.database.read() as session:
            job = session.get(Job, self.job_id)
            return None if job is None else self._version(job)

    def render(self) -> Snapshot | None:
        with self.desk.database.read() as session:
            job = session.get(Job, self.job_id)
            if job is None:
                return None
            version, context = self._version(job), live_context(session, self.desk, job, may=self.may)
        html = render_block(environment(), "job/show.html", "live", {**context, "streamed": True})
        look_in = LOOK_IN_SECONDS if job.state in WORKING else None
        return Snapshot(version, html, last=job.state in ENDED, look_in=look_in)

    def _version(self, job: Job) -> str:
        """Also changes as time goes by.

        Once nobody is heard of who should work on the job; and with each minute in which it was asked to stop and does
        not, for the page offers more then.
        """
        asked = job.asked_at if job.state in STOPPING else None
        minutes = (now() - asked) // timedelta(minutes=1) if asked else 0
        return f"{job.revision}.{minutes}{'i' if is_interrupted(job, self.desk.settings.lease_seconds) else ''}"
