"""The page of a job, whole or the part of it that is prepared before the start."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from sqlmodel import Session

from webapp.authoring import FormField, JobType
from webapp.intake import Match
from webapp.jobs.foresight import Foresight
from webapp.jobs.mended import columns_of
from webapp.jobs.news.inbox import is_news
from webapp.jobs.same_file import earlier_with_same_file
from webapp.jobs.submit import own_job
from webapp.store.tables import Job, Schedule, Upload, User
from webapp.web.access import may_act
from webapp.web.before_view import view_estimate, view_overlap
from webapp.web.day_view import day_questions
from webapp.web.desk import Desk
from webapp.web.form_view import answers, error_lines
from webapp.web.job_line import job_lines
from webapp.web.job_view import JobView, view_job
from webapp.web.look_view import NOTHING_LOOKED_AT, Look, must_confirm, view_look
from webapp.web.match_view import KIND_WORDS, MatchView, view_match
from webapp.web.pages import render
from webapp.web.reading_view import ReadingForm, ReadingView, view_reading
from webapp.web.start_form import FIRST_ROWS, NOTHING_TYPED, TypedStart, start_form
from webapp.web.unknown_view import NOTICES, view_unknown


@dataclass(frozen=True, slots=True)
class Entered:
    """What was typed into the page's forms and is not kept yet, and what is wrong with it, by the names of fields."""

    params: Mapping[str, object] | None = None
    params_problems: Mapping[str, str] = field(default_factory=dict)
    reading: Mapping[str, str] | None = None
    match: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    start: TypedStart = NOTHING_TYPED
    look: Look = NOTHING_LOOKED_AT
    foreseen: Foresight | None = None
    opened: bool = False  # whether the form for how the file is read is unfolded


NOTHING_ENTERED = Entered()


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks for which job."""

    request: Request
    desk: Desk
    user: User
    job_id: UUID


def live_context(session: Session, desk: Desk, job: Job, *, may: bool) -> dict[str, object]:
    """What the part of the page that changes while it is watched is rendered from; `may`: whether one may act."""
    view = view_job(session, desk.registry, job, desk.settings.lease_seconds)
    return {
        "job": view,
        "unknown": view_unknown(session, desk.files, job),
        "may": may,
        "overlap": view_overlap(session, job),
        "expected": view_estimate(session, desk.registry, job, desk.settings.workers),
    }


def job_page(
    visit: Visit, entered: Entered = NOTHING_ENTERED, block: str | None = None, said: str = ""
) -> HTMLResponse:
    """The page of a job, or a block of it; 422 if what was entered was refused. `said` is a word of `NOTICES`.

    Raises:
        NotFound: the user has no such job.
    """
    registry = visit.desk.registry
    with visit.desk.database.read() as session:
        job = own_job(session, visit.user, visit.job_id)
        live = live_context(session, visit.desk, job, may=may_act(visit.user))
        view, columns = cast("JobView", live["job"]), columns_of(job)
        upload = session.get(Upload, job.upload_id) if job.upload_id else None
        size = upload.size if upload else None
        same = earlier_with_same_file(session, visit.user, job) if view.preparing else None
        same_line = job_lines(session, registry, [same])[0] if same else None
        news = is_news(session, visit.user.id, job.id)
        schedule = session.get(Schedule, job.schedule_id) if job.schedule_id else None
        session.expunge_all()
    job_type = registry.job_types.get(view.job_type)
    fields = _fields(job_type, view, columns, entered)
    match = _match(job, view, columns, job_type.row_model if job_type else None, entered)
    usual_zone = visit.desk.schedules.usual_zone(visit.user) if view.preparing else ""
    start = start_form(entered.start, usual_zone)
    context = {
        **live,
        "file_size": size,
        "fields": fields if view.preparing else (),
        "errors": [*error_lines(fields, entered.params_problems), *start.errors, *entered.look.errors],
        "start": start,
        "first_rows": FIRST_ROWS,
        "foresees": bool(job_type and job_type.foresee and view.has_rows),
        "foreseen": entered.foreseen,
        "wrong": error_lines(fields, entered.params_problems) if entered.foreseen else (),
        "look": view_look(job_type, entered.look),
        "must_confirm": must_confirm(job_type, job),
        "answers": () if view.preparing else answers(fields),
        "reading": _reading(job, view, entered),
        "match": match,
        "days": day_questions(job.preview, job.choices, match) if match and job.preview else (),
        "kind_words": KIND_WORDS,
        "news": news,
        "said": NOTICES.get(said),
        "streamed": False,
        "changed": block is not None,
        "schedule": schedule,
        "same_file": same,
        "same_line": same_line,
        "skips_known": bool(job_type and job_type.row_key),
        "loads_again": bool(job_type and "load_again" in job_type.params_model.model_fields),
        "fire_time": job.fire_time,
    }
    refused = entered.problems or entered.params_problems or entered.start.problems or entered.look.problems
    return render(visit.request, "job/show.html", context, status=422 if refused else 200, block=block)


def _reading(job: Job, view: JobView, entered: Entered) -> ReadingView | None:
    if not view.preparing or view.of_files or job.reading is None or job.preview is None:
        return None
    form = ReadingForm(entered.reading, entered.problems, opened=entered.opened)
    return view_reading(job.reading, job.preview, job.choices, form)


def _match(
    job: Job, view: JobView, columns: tuple[str, ...], model: type[BaseModel] | None, entered: Entered
) -> MatchView | None:
    if not view.preparing or job.match is None or model is None:
        return None
    return view_match(Match.from_json(job.match), columns, model, entered.problems, entered.match)


def _fields(
    job_type: JobType | None, view: JobView, columns: tuple[str, ...], entered: Entered
) -> tuple[FormField, ...]:
    """The form to fill in, or as it was filled in."""
    if job_type is None:
        return ()
    if entered.params is not None:
        return job_type.fields(columns, entered.params, entered.params_problems)
    return job_type.fields(columns, view.params or None if view.preparing else view.params)
