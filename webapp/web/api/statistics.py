"""What jobs came to, for programs: the figures of the page."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from webapp.errors import BadInput
from webapp.store.statistics import MEDIAN, P95, Sums, Wanted, figures, quantile
from webapp.store.tables import State
from webapp.web.access import ApiViewer
from webapp.web.days import BACKWARDS, FIRST, LAST, Days
from webapp.web.desk import DeskDep
from webapp.web.statistics import whole_days

router = APIRouter(prefix="/api/v1/statistics")

Day = Annotated[date, Field(ge=FIRST, lt=LAST)]


class StatisticsIn(BaseModel):
    """Of which days of UTC, user (an id) and job type; the last 30 days unless said."""

    model_config = ConfigDict(extra="forbid")

    first: Annotated[Day | None, Field(alias="from")] = None
    last: Annotated[Day | None, Field(alias="to")] = None
    user: UUID | None = None
    job_type: Annotated[str, Field(max_length=200)] = ""

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """The first day is not behind the last one."""
        if self.first and self.last and self.last < self.first:
            raise ValueError(BACKWARDS)
        return self


class TimesOut(BaseModel):
    """Milliseconds within which half of the jobs were, and 95 of 100; null of none."""

    median: int | None
    p95: int | None


class SumsOut(BaseModel):
    """What some jobs came to; `rows` as in a job's sum."""

    jobs: int
    states: dict[str, int]
    rows: dict[str, int]
    share_failed: float | None
    share_wrong: float | None
    running_ms: TimesOut
    waiting_ms: TimesOut


class DayOut(SumsOut):
    """Those of a day."""

    day: date


class TypeOut(SumsOut):
    """Those of a job type."""

    job_type: str


class UserOut(SumsOut):
    """Those of a user."""

    user: UUID


class DepthOut(BaseModel):
    """How many jobs waited at most, at once, from a moment to the next one."""

    at: datetime
    jobs: int


class StatisticsOut(BaseModel):
    """All of it; jobs count on the day on which they ended."""

    first: Annotated[date, Field(serialization_alias="from")]
    last: Annotated[date, Field(serialization_alias="to")]
    total: SumsOut
    days: list[DayOut]
    job_types: list[TypeOut]
    users: list[UserOut]
    waiting: list[DepthOut]


@router.get("")
def show(desk: DeskDep, user: ApiViewer, query: Annotated[StatisticsIn, Query()]) -> StatisticsOut:
    """The figures of all jobs that the user may see."""
    days, problems = whole_days(Days(query.first, query.last))
    if problems:
        raise BadInput(problems)
    with desk.database.read() as session:
        found = figures(session, Wanted(user, days.since, days.until, query.user, query.job_type), desk.remembered)
    return StatisticsOut(
        first=days.first,
        last=days.last,
        total=SumsOut(**_sums(found.total)),
        days=[DayOut(day=day, **_sums(sums)) for day, sums in found.days.items()],
        job_types=[TypeOut(job_type=name, **_sums(sums)) for name, sums in sorted(found.types.items())],
        users=[UserOut(user=owner, **_sums(sums)) for owner, sums in found.owners.items()],
        waiting=[DepthOut(at=each.at, jobs=each.jobs) for each in found.depth],
    )


def _sums(sums: Sums) -> dict[str, Any]:
    return {
        "jobs": sums.jobs,
        "states": dict(sums.states),
        "rows": {"received": sums.received, **sums.rows},
        "share_failed": sums.states[State.failed] / sums.jobs if sums.jobs else None,
        "share_wrong": sums.wrong / sums.received if sums.received else None,
        "running_ms": TimesOut(median=quantile(sums.ran, MEDIAN), p95=quantile(sums.ran, P95)),
        "waiting_ms": TimesOut(median=quantile(sums.waited, MEDIAN), p95=quantile(sums.waited, P95)),
    }
