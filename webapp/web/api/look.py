"""One row of a prepared job for programs: what it will come to, and a try with it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from webapp.errors import BadInput
from webapp.jobs.one_row import ROW, TO, OneRow
from webapp.web.access import ApiOperator
from webapp.web.desk import DeskDep
from webapp.web.problems import LAST_ROW

router = APIRouter(prefix="/api/v1/jobs/{job_id}")


class PreviewIn(BaseModel):
    """Which row, and the parameters as for a start."""

    model_config = ConfigDict(extra="forbid")

    row: Annotated[int, Field(ge=1, le=LAST_ROW)] = 1
    params: dict[str, Any] = Field(default_factory=dict)


class TrialIn(PreviewIn):
    """And the address of whoever wants to see it."""

    to: Annotated[str, Field(max_length=320)]


class SightOut(BaseModel):
    """What the row will come to: `facts` are pairs of a name and a text."""

    facts: Sequence[tuple[str, str]]
    text: str
    html: str | None


class TrialOut(BaseModel):
    """What was done."""

    done: str


@router.post("/preview")
def preview(desk: DeskDep, user: ApiOperator, job_id: UUID, body: PreviewIn) -> SightOut:
    """Show what a row will come to."""
    with _named_as_here():
        sight = OneRow(desk.submissions, desk.settings).preview(user, job_id, body.params, body.row)
    return SightOut(facts=sight.facts, text=sight.text, html=sight.html)


@router.post("/trial")
def trial(desk: DeskDep, user: ApiOperator, job_id: UUID, body: TrialIn) -> TrialOut:
    """Do it with one row, for the address given alone."""
    with _named_as_here():
        one_row = OneRow(desk.submissions, desk.settings)
        return TrialOut(done=one_row.trial(user, job_id, body.params, body.row, body.to))


@contextmanager
def _named_as_here() -> Iterator[None]:
    """Problems by the names of the body: those of parameters stand within `params`."""
    try:
        yield
    except BadInput as error:
        names = {ROW: "row", TO: "to"}
        raise BadInput({names.get(name, f"params.{name}"): text for name, text in error.problems.items()}) from error
