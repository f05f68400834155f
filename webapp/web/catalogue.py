"""All kinds of jobs with what each takes, asks and says of itself: to choose from, and to look things up in."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from webapp.authoring import FormField, JobType
from webapp.intake.template import TemplateColumn, template_columns
from webapp.jobs.rights import runnable
from webapp.web.access import Viewer, may_act
from webapp.web.compression import compressed
from webapp.web.desk import DeskDep
from webapp.web.pages import render

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Leaf:
    """One kind of job in the catalogue."""

    job_type: JobType
    columns: tuple[TemplateColumn, ...]
    asks: tuple[tuple[FormField, bool], ...]
    """Its fields, and whether each has to be given."""

    @property
    def takes(self) -> str:
        """What is handed in, in words."""
        if not self.job_type.takes_file:
            return "No file: it is started with what you enter."
        if self.columns:
            return "A table with the columns below; it may have others."
        return f"A file: {', '.join(self.job_type.accepts)}."


@router.get("/job-types", response_class=HTMLResponse)
def catalogue(request: Request, desk: DeskDep, user: Viewer) -> Response:
    job_types = runnable(user, desk.registry)
    context = {"leaves": [leaf_of(job_type) for job_type in job_types], "may_act": may_act(user)}
    return compressed(request, render(request, "catalogue.html", context))


def leaf_of(job_type: JobType) -> Leaf:
    """What the catalogue says of a kind of job."""
    columns = tuple(template_columns(job_type.row_model)) if job_type.row_model else ()
    needed = (kind.spec.required for kind in job_type.inputs if kind.offered)
    return Leaf(job_type, columns, tuple(zip(job_type.fields(), needed, strict=True)))
