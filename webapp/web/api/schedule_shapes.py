"""What the API takes and answers about schedules."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from webapp.errors import BadInput
from webapp.intake import explain
from webapp.jobs.plan import LONGEST_NAME, Plan, When
from webapp.jobs.schedules import single_time
from webapp.jobs.settled import Settled
from webapp.store.tables import Missed, Schedule

MOST_PRIORITY: Final = 100
CHANGEABLE: Final = frozenset({"name", "cron", "at", "zone", "missed", "priority", "params", "job"})


class ScheduleIn(BaseModel):
    """A schedule as a program asks for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    job_type: str
    cron: str | None = None
    at: AwareDatetime | None = None
    zone: str = "UTC"
    missed: Missed = Missed.run_once
    priority: int = Field(default=0, ge=-MOST_PRIORITY, le=MOST_PRIORITY)
    params: dict[str, Any] = Field(default_factory=dict)
    choices: dict[str, Any] = Field(default_factory=dict)
    job: UUID | None = None

    @classmethod
    def checked(cls, values: Mapping[str, Any]) -> Self:
        """What was sent.

        Raises:
            BadInput: some of it can't be, or there is no such field; by their names.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise BadInput(_problems(error)) from error


class ScheduleOut(BaseModel):
    """A schedule as it stands. `at` is the time of one that runs once; `problem` says why its last job was not made."""

    id: UUID
    name: str
    job_type: str
    params: dict[str, Any]
    choices: dict[str, Any]
    cron: str | None
    at: datetime | None
    zone: str
    missed: Missed
    priority: int
    paused: bool
    next_at: datetime | None
    last_at: datetime | None
    problem: str | None
    created_at: datetime


def plan_from(given: ScheduleIn) -> tuple[Plan, UUID | None]:
    """The plan, and the job whose file it is to use.

    Raises:
        BadInput: under `choices.NAME`.
    """
    try:
        settled = Settled.checked(given.choices)
    except BadInput as error:
        raise BadInput({f"choices.{name}": text for name, text in error.problems.items()}) from error
    when = When(given.cron, given.at, given.zone)
    plan = Plan(given.name, given.job_type, when, given.params, settled=settled)
    return replace(plan, missed=given.missed, priority=given.priority), given.job


def changed_plan(plan: Plan, values: Mapping[str, Any]) -> Plan:
    """A plan of which some is changed. A time takes the place of cron fields, and the other way round.

    Raises:
        BadInput: some of it can't be; by their names.
    """
    before = {
        "name": plan.name,
        "job_type": plan.job_type,
        "cron": None if "at" in values else plan.when.cron,
        "at": None if "cron" in values else plan.when.at,
        "zone": plan.when.zone,
        "missed": plan.missed,
        "priority": plan.priority,
    }
    given = ScheduleIn.checked({**before, **values})
    changed, _ = plan_from(given)
    params = {**plan.params, **given.params}
    return replace(changed, params=params, settled=plan.settled, upload_id=plan.upload_id)


def schedule_out(schedule: Schedule) -> ScheduleOut:
    """A schedule without its secrets."""
    own = {"choices", "at"}
    return ScheduleOut(
        choices=Settled.from_json(schedule.choices).entered(),
        at=single_time(schedule),
        **schedule.model_dump(include=set(ScheduleOut.model_fields) - own),
    )


def _problems(error: ValidationError) -> dict[str, str]:
    problems: dict[str, str] = {}
    for details in error.errors(include_url=False):
        name = ".".join(map(str, details["loc"]))
        if details["type"] == "extra_forbidden":
            problems[name] = "There is no such field here."
        elif details["type"] == "missing":
            problems[name] = "This is missing."
        else:
            problems[name] = f"“{name}” {explain(details)}."
    return problems
