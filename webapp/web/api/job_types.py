"""The kinds of jobs there are, for programs."""

from fastapi import APIRouter
from fastapi.responses import Response

from webapp.jobs.rights import may_run
from webapp.web.access import ApiViewer
from webapp.web.api.shapes import JobTypeOut
from webapp.web.desk import DeskDep
from webapp.web.template_file import template

router = APIRouter(prefix="/api/v1/job-types")


@router.get("")
def list_(desk: DeskDep, user: ApiViewer) -> list[JobTypeOut]:
    """Every kind of job that the user may run, with the JSON schema of its parameters."""
    return [
        JobTypeOut(
            name=job_type.name,
            title=job_type.title,
            summary=job_type.summary,
            takes_file=job_type.takes_file,
            params=job_type.schema(),
        )
        for job_type in desk.registry.values()
        if may_run(user, job_type)
    ]


@router.get("/{name}/template.csv")
def template_csv(desk: DeskDep, user: ApiViewer, name: str) -> Response:  # noqa: ARG001
    """A table to fill in, for a job that is called for each row."""
    return template(desk, name, "csv")


@router.get("/{name}/template.xlsx")
def template_xlsx(desk: DeskDep, user: ApiViewer, name: str) -> Response:  # noqa: ARG001
    """The same as a workbook."""
    return template(desk, name, "xlsx")
