"""The same asked of many jobs, for programs."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from webapp.errors import BadInput
from webapp.jobs.bulk import Bulks, NotDone, Outcome
from webapp.jobs.bulk_asked import MOST_TICKED, Bulk, BulkAction
from webapp.store.tables import State
from webapp.web.access import ApiOperator
from webapp.web.api.control import Priority
from webapp.web.desk import DeskDep

router = APIRouter(prefix="/api/v1/jobs")

LONGEST_TEXT = 200


class BulkIn(BaseModel):
    """What is asked, and of which jobs: those with these `ids`, or all that match.

    With `count` a program says how many it means if it names none. `upto` and `after` go on with what was begun.
    """

    model_config = ConfigDict(extra="forbid")

    action: BulkAction
    priority: Priority | None = None
    ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_TICKED)] | None = None
    state: list[State] = Field(default_factory=list)
    job_type: str | None = None
    text: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    count: Annotated[int, Field(ge=0)] | None = None
    upto: UUID | None = None
    after: UUID | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.ids and (self.state or self.job_type or self.text):
            raise ValueError("Name jobs by their ids or by what they match, not both.")
        if (self.action is BulkAction.priority) is (self.priority is None):
            raise ValueError("A priority belongs to the action “priority”, and to no other.")
        return self

    def bulk(self) -> Bulk:
        """The same for the use-case."""
        return Bulk(
            self.action,
            self.priority,
            tuple(self.ids or ()),
            frozenset(self.state),
            job_type=self.job_type,
            text=self.text.strip(),
            upto=self.upto,
            after=self.after,
        )


class BulkOut(BaseModel):
    """What came of it.

    `refused` jobs could not be done; `not_done` names the first hundred of them, with why. `others` match, but this
    can't be done in their state. `left` were not asked for want of time: send the same again, with `upto` and `after`.
    """

    done: int
    refused: int
    not_done: list[NotDone]
    others: int
    left: int
    upto: UUID | None
    after: UUID | None

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """The same for programs."""
        counts = {name: getattr(outcome, name) for name in ("done", "refused", "not_done", "others", "left")}
        return cls(**counts, upto=outcome.asked.upto, after=outcome.asked.after)


@router.post("/bulk")
def do(desk: DeskDep, user: ApiOperator, body: BulkIn) -> BulkOut:
    """Ask the same of many jobs: `cancel`, `discard`, `retry_rows`, `seen` or `priority`."""
    bulks, asked = Bulks(desk.control), body.bulk()
    if body.ids is None and body.count is None:
        count = bulks.meant(user, asked).count
        raise BadInput({"count": f"This is about {count} jobs. Send that number to confirm it."})
    return BulkOut.of(bulks.do(user, asked, body.count or 0))
