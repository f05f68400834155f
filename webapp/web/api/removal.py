"""What administrators' programs do with what an ended job holds."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from webapp.jobs.submit import own_job
from webapp.store.tables import User
from webapp.web.access import ApiAdmin
from webapp.web.api.shapes import JobOut, job_out
from webapp.web.desk import Desk, DeskDep

router = APIRouter(prefix="/api/v1/jobs/{job_id}")


class KeepIn(BaseModel):
    """Whether what the job holds is kept for ever."""

    model_config = ConfigDict(extra="forbid", strict=True)

    keep: bool


@router.put("/keep")
def keep(desk: DeskDep, user: ApiAdmin, job_id: UUID, body: KeepIn) -> JobOut:
    """Keep what a job holds for ever, or let go of it."""
    desk.removals.keep(user, job_id, keep=body.keep)
    return _answer(desk, user, job_id)


@router.delete("/held")
def remove(desk: DeskDep, user: ApiAdmin, job_id: UUID) -> JobOut:
    """Remove what a job holds of its rows, for good: its files, its entries, what its account cites. Its sums stay."""
    desk.removals.remove(user, job_id)
    return _answer(desk, user, job_id)


def _answer(desk: Desk, user: User, job_id: UUID) -> JobOut:
    with desk.database.read() as session:
        return job_out(session, desk.registry, own_job(session, user, job_id))
