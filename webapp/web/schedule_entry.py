"""The form of a schedule: shown empty, as it stands, or as it was filled in; and what was entered as a plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import ImmutableMultiDict

from webapp.authoring import FormField, JobType
from webapp.authoring.storing import joined
from webapp.errors import BadInput
from webapp.jobs.plan import Plan, When, gathered
from webapp.jobs.timetable import Timetable
from webapp.jobs.zones import zones_by_region
from webapp.store.tables import Missed, User
from webapp.web.desk import Desk
from webapp.web.form_view import error_lines
from webapp.web.pages import render
from webapp.web.schedule_form import DAYS, OFTEN, WhenForm
from webapp.web.schedule_source import Source
from webapp.web.schedule_words import LAST_DAY, WEEKDAYS, ordinal, strip

SHOWN_TIMES: Final = 5
ANY_TIME: Final = When(cron="0 0 * * *")
KEEP: Final = "Leave it blank to keep what was entered before."
IDS: Final = {
    "name": "schedule-name",
    "often": "often-weekdays",
    "date": "when-date",
    "at": "when-date",
    "time": "when-time",
    "weekday": "when-weekday",
    "day": "when-day",
    "cron": "when-cron",
    "zone": "when-zone",
    "missed": "missed-run_once",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the form holds. `params` are raw values, None until somebody types some; `kept` are secrets by path.

    `had` is the single time of a schedule that is changed.
    """

    job_type: JobType
    source: Source
    when: WhenForm
    name: str
    submit_key: str
    params: Mapping[str, Any] | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    schedule_id: UUID | None = None
    kept: Mapping[str, str] = field(default_factory=dict)
    had: datetime | None = None

    def filled(self, form: ImmutableMultiDict[str, str]) -> "Entry":
        """As it was filled in."""
        params = self.job_type.parse_form(form, self.source.columns)
        return replace(self, when=WhenForm.read(form), name=form.get("name", "")[:1000], params=params)


def plan_of(desk: Desk, owner: User, entry: Entry) -> Plan:
    """What was entered as a plan.

    Raises:
        BadInput: all that is wrong at once, by the names of the form's fields, `params.NAME` for parameters.
    """
    problems: dict[str, str] = {}
    when, missed = ANY_TIME, Missed.run_once
    with gathered(problems):
        when = entry.when.when()
    with gathered(problems):
        missed = entry.when.missed_times()
    plan = Plan(
        name=entry.name,
        job_type=entry.job_type.name,
        when=when,
        params=joined(entry.params or {}, {p: s for p, s in entry.kept.items() if not _at(entry.params, p)}),
        upload_id=entry.source.upload_id,
        settled=entry.source.settled,
        missed=missed,
        priority=entry.source.priority,
    )
    if problems:
        with gathered(problems):
            desk.schedules.check(owner, plan, entry.had)
        raise BadInput(problems)
    return plan


def show_form(request: Request, desk: Desk, entry: Entry) -> HTMLResponse:
    """The page with the form; 422 if there are problems with it."""
    of_params = {name.removeprefix("params."): text for name, text in entry.problems.items() if _is_param(name)}
    own = {name: text for name, text in entry.problems.items() if not _is_param(name)}
    values = entry.params if entry.params is not None else entry.source.params
    fields = entry.job_type.fields(entry.source.columns, values, of_params)
    context = {
        "entry": entry,
        "job_type": entry.job_type,
        "source": entry.source,
        "fields": tuple(_keeping(each) for each in fields) if entry.kept else fields,
        "errors": [(IDS.get(name, ""), text) for name, text in own.items()]
        + (error_lines(fields, of_params) if of_params else []),
        "problems": own,
        "often": OFTEN,
        "weekdays": [(str(place), name) for place, name in enumerate(WEEKDAYS)],
        "days": [(day, "the last day" if day == LAST_DAY else f"the {ordinal(int(day))}") for day in DAYS],
        "regions": zones_by_region(),
        **times_of(desk, entry.when),
    }
    return render(request, "schedule/form.html", context, status=422 if entry.problems else 200)


def times_of(desk: Desk, when_form: WhenForm) -> dict[str, object]:
    """The next times by what is chosen, or why there are none."""
    now = desk.schedules.now()
    try:
        when = when_form.when()
        table = Timetable.checked(when.cron, when.at, when.zone, now)
    except BadInput as error:
        return {"times": [], "strip": [], "zone": "UTC", "times_problem": " ".join(error.problems.values())}
    times = table.following(now, SHOWN_TIMES)
    return {"times": times, "strip": strip(times, now), "zone": when.zone, "times_problem": None}


def _is_param(name: str) -> bool:
    return name.startswith("params.")


def _at(params: object, path: str) -> object:
    for name in path.split("."):
        params = params.get(name) if isinstance(params, Mapping) else None
    return params


def _keeping(each: FormField) -> FormField:
    """Secrets need not be typed again."""
    if each.widget == "password":
        return replace(each, required=False, help=f"{each.help} {KEEP}" if each.help else KEEP)
    return replace(each, children=tuple(_keeping(child) for child in each.children))
