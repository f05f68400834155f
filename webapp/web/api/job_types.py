"""The kinds of jobs there are, for programs."""

from fastapi import APIRouter

from webapp.web.access import ApiViewer
from webapp.web.api.shapes import JobTypeOut
from webapp.web.desk import DeskDep

router = APIRouter(prefix="/api/v1/job-types")


@router.get("")
def list_(desk: DeskDep, user: ApiViewer) -> list[JobTypeOut]:  # noqa: ARG001 (declares who may)
    """Every kind of job, with the JSON schema of its parameters."""
    return [
        JobTypeOut(
            name=job_type.name,
            title=job_type.title,
            summary=job_type.summary,
            takes_file=job_type.takes_file,
            params=job_type.schema(),
        )
        for job_type in desk.registry.values()
    ]
