"""Who did what and when, for programs."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from webapp.store.activity_list import ActivityFilter, activity_page
from webapp.store.tables import User
from webapp.web.access import ApiViewer
from webapp.web.activity import LAST_ID
from webapp.web.activity_line import ActivityLine, activity_lines
from webapp.web.days import BACKWARDS, FIRST, LAST, Days
from webapp.web.desk import DeskDep

router = APIRouter(prefix="/api/v1/activity")

Word = Annotated[str, Field(max_length=200)]
Day = Annotated[date, Field(ge=FIRST, lt=LAST)]


class ActivityIn(BaseModel):
    """Which deeds: of a user (by id), a job type, an action, a request; of days of UTC; behind the one with an id."""

    model_config = ConfigDict(extra="forbid")

    user: UUID | None = None
    job_type: Word = ""
    action: Word = ""
    request_id: Word = ""
    first: Annotated[Day | None, Field(alias="from")] = None
    last: Annotated[Day | None, Field(alias="to")] = None
    before: Annotated[int | None, Field(ge=0, le=LAST_ID)] = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """The first day is not behind the last one."""
        if self.first and self.last and self.last < self.first:
            raise ValueError(BACKWARDS)
        return self

    def filter(self, user: User) -> ActivityFilter:
        """The same for the store."""
        days = Days(self.first, self.last)
        return ActivityFilter(
            user,
            person=self.user,
            job_type=self.job_type,
            action=self.action,
            request_id=self.request_id,
            since=days.since,
            until=days.until,
            before=self.before,
        )

    def next(self, last: int) -> str:
        """The address of the following page."""
        given = self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"before"})
        values = {**{name: value for name, value in given.items() if value}, "before": last}
        return f"/api/v1/activity?{urlencode(values)}"


class DeedOut(BaseModel):
    """What somebody did: `who` by name, `action` by a word that stays, `what` as people read it."""

    id: int
    at: datetime
    who: str
    action: str
    what: str
    job: UUID | None
    job_number: int | None
    job_type: str | None
    detail: dict[str, Any]
    request: dict[str, str]


class ActivityOut(BaseModel):
    """A page, the newest first."""

    activity: list[DeedOut]
    next: str | None


@router.get("")
def list_(desk: DeskDep, user: ApiViewer, query: Annotated[ActivityIn, Query()]) -> ActivityOut:
    """What was done that the user may see: by themselves or, for administrators, by anybody."""
    with desk.database.read() as session:
        page = activity_page(session, query.filter(user), query.limit)
        shown = [_out(line) for line in activity_lines(session, desk.registry, page.deeds)]
    return ActivityOut(activity=shown, next=query.next(page.older) if page.older is not None else None)


def _out(line: ActivityLine) -> DeedOut:
    job = line.job
    return DeedOut(
        id=line.id,
        at=line.at,
        who=line.who,
        action=line.action,
        what=line.what,
        job=job.id if job else None,
        job_number=job.number if job else None,
        job_type=job.job_type if job else None,
        detail=dict(line.detail),
        request=dict(line.request),
    )
