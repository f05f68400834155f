"""The table that a job type wants, to be filled in: as CSV or as a workbook."""

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel

from webapp.errors import NotFound
from webapp.intake.template import template_csv
from webapp.intake.template_book import template_xlsx
from webapp.jobs.submit import find_job_type
from webapp.web.access import Operator
from webapp.web.desk import Desk, DeskDep
from webapp.web.downloads import attachment

router = APIRouter()

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS: dict[str, tuple[Callable[[type[BaseModel]], bytes], str]] = {
    "csv": (template_csv, "text/csv; charset=utf-8"),
    "xlsx": (template_xlsx, XLSX),
}


@router.get("/job-types/{name}/template.csv")
def as_csv(desk: DeskDep, user: Operator, name: str) -> Response:  # noqa: ARG001 (declares who may)
    return template(desk, name, "csv")


@router.get("/job-types/{name}/template.xlsx")
def as_xlsx(desk: DeskDep, user: Operator, name: str) -> Response:  # noqa: ARG001
    return template(desk, name, "xlsx")


def template(desk: Desk, name: str, ending: str) -> Response:
    """The table to fill in, as a file.

    Raises:
        NotFound: there is no such job type, or it takes any table.
    """
    job_type = find_job_type(desk.registry, name)
    if job_type.row_model is None:
        raise NotFound("This job has no columns of its own: it has no file to fill in.")
    make, media_type = FORMATS[ending]
    headers = attachment(f"{job_type.name}-template.{ending}")
    return Response(make(job_type.row_model), media_type=media_type, headers=headers)
