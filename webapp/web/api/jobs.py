"""Jobs for programs: hand one in, see how it stands, read what went wrong, call it off."""

import json
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from webapp.errors import BadInput, Refused
from webapp.jobs.estimate import estimate
from webapp.jobs.lifecycle import PREPARING
from webapp.jobs.settled import Settled
from webapp.jobs.submission import StartAt, Submission
from webapp.jobs.submit import own_job
from webapp.store.queries import JobFilter, job_page, problem_page
from webapp.store.tables import Job, State, User
from webapp.web import downloads, failed_file, mended, problems
from webapp.web.access import ApiOperator, ApiViewer
from webapp.web.api import bodies
from webapp.web.api.control import LONGEST_KEY, StartIn
from webapp.web.api.shapes import EstimateOut, JobOut, JobsOut, ProblemsOut, job_out, problem_out
from webapp.web.desk import Desk, DeskDep
from webapp.web.errors import sentence
from webapp.web.facts import request_facts
from webapp.web.handing_on import with_result
from webapp.web.multipart import PARAMS, ReceivedForm, receive_form
from webapp.web.unused import unused_forgotten

router = APIRouter(prefix="/api/v1/jobs")

STARTS = frozenset(StartIn.model_fields) - {"params"}
FIELDS = frozenset({"job_type", "params", "choices", "result"}) | STARTS
NO_SUCH_FIELD = (
    "There is no such field here. Send job_type, params, choices, file, result, run_at, priority, first_rows, "
    "confirm_rows, redo."
)
EXAMPLES = {
    "params": 'Send names with values, as in {"table": "contacts"}.',
    "choices": 'Send names with values, as in {"delimiter": ";", "header_line": 3}.',
}


@router.post("", status_code=202, openapi_extra=bodies.JOB)
async def create(
    request: Request,
    response: Response,
    desk: DeskDep,
    user: ApiOperator,
    idempotency_key: Annotated[str | None, Header(max_length=LONGEST_KEY)] = None,
) -> JobOut:
    """Hand in a job: multipart with `job_type`, `params` (JSON), `file`, and `choices` (JSON) on how to read it.

    A file that is a parameter, such as an attachment, is a part of its own: `params.NAME`.

    `result` in place of `file` names one that an earlier job has made, as JOB/FILE with the ids of both.

    `priority`, `run_at` (a time with its zone) and `first_rows` (it pauses after so many) are as for a start.

    A second request with the same `Idempotency-Key` answers with the job that the first one made.
    """
    form = await receive_form(request, desk, user)
    job = await to_thread.run_sync(_create, request, desk, user, form, idempotency_key)
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return job


class JobsQuery(BaseModel):
    """Which jobs: those in one of the states, behind the one whose id is `before`."""

    model_config = ConfigDict(extra="forbid")

    state: list[State] = []
    before: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 25

    def next(self, last: UUID) -> str:
        """The address of the following page."""
        states = [("state", str(each)) for each in self.state]
        return f"/api/v1/jobs?{urlencode([*states, ('before', str(last)), ('limit', str(self.limit))])}"


class ProblemsQuery(BaseModel):
    """Which rows: those behind `after`."""

    model_config = ConfigDict(extra="forbid")

    after: Annotated[int, Field(ge=0, le=problems.LAST_ROW)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


@router.get("")
def list_(desk: DeskDep, user: ApiViewer, query: Annotated[JobsQuery, Query()]) -> JobsOut:
    """The jobs that the user may see, newest first."""
    with desk.database.read() as session:
        page = job_page(session, JobFilter(user, states=frozenset(query.state), before=query.before), query.limit)
        shown = [job_out(session, desk.registry, job) for job in page.jobs]
    return JobsOut(jobs=shown, next=query.next(page.older) if page.older else None)


@router.get("/{job_id}")
def show(desk: DeskDep, user: ApiViewer, job_id: UUID) -> JobOut:
    """A job as it stands."""
    with desk.database.read() as session:
        return job_out(session, desk.registry, own_job(session, user, job_id))


@router.get("/{job_id}/estimate")
def show_estimate(desk: DeskDep, user: ApiViewer, job_id: UUID) -> EstimateOut:
    """How long a job that has not been started will take, and wait, as ranges of seconds."""
    with desk.database.read() as session:
        job = own_job(session, user, job_id)
        if job.state not in PREPARING:
            raise Refused("This job was started or called off: see its rows and times.")
        found = estimate(session, desk.registry, job, max(desk.settings.workers, 1))
    return EstimateOut.model_validate(found, from_attributes=True)


@router.get("/{job_id}/problems")
def list_problems(
    desk: DeskDep,
    user: ApiViewer,
    job_id: UUID,
    query: Annotated[ProblemsQuery, Query()],
) -> ProblemsOut:
    """The rows that went wrong, in the order of the file; `after` is the last row seen."""
    with desk.database.read() as session:
        own_job(session, user, job_id)
        entries, last = problem_page(session, job_id, query.after, query.limit)
        shown = [problem_out(entry) for entry in entries]
    more = f"/api/v1/jobs/{job_id}/problems?after={last}&limit={query.limit}" if last is not None else None
    return ProblemsOut(problems=shown, next=more)


@router.get("/{job_id}/files/{file_id}")
def download(request: Request, desk: DeskDep, user: ApiViewer, job_id: UUID, file_id: UUID) -> Response:
    """A file that the job made."""
    return downloads.result(request, desk, user, job_id, file_id)


@router.get("/{job_id}/failed-rows.csv")
def download_failed_rows(
    request: Request,
    desk: DeskDep,
    user: ApiViewer,
    job_id: UUID,
    raw: bool = False,  # noqa: FBT001, FBT002 (a query parameter)
) -> Response:
    """The rows that went wrong, as a file to mend."""
    return failed_file.as_csv(request, desk, user, job_id, raw=raw)


@router.get("/{job_id}/failed-rows.xlsx")
def download_failed_workbook(request: Request, desk: DeskDep, user: ApiViewer, job_id: UUID) -> Response:
    """The same as a workbook."""
    return failed_file.as_xlsx(request, desk, user, job_id)


@router.post("/{job_id}/mended", status_code=202, openapi_extra=bodies.MENDED)
async def send_back(request: Request, desk: DeskDep, user: ApiOperator, job_id: UUID) -> JobOut:
    """Send the mended rows back: multipart with `file`, the file of failed rows with what was wrong put right.

    Only its rows run again. The very same file a second time changes nothing.
    """
    form = await receive_form(request, desk, user)
    return await to_thread.run_sync(_send_back, desk, user, job_id, form)


def _send_back(desk: Desk, user: User, job_id: UUID, form: ReceivedForm) -> JobOut:
    mended.take_back(desk, user, job_id, form)
    with desk.database.read() as session:
        return job_out(session, desk.registry, own_job(session, user, job_id))


def _create(request: Request, desk: Desk, user: User, form: ReceivedForm, key: str | None) -> JobOut:
    with unused_forgotten(desk, form):
        _require_known(form)
        whole = with_result(desk, user, form)
        with unused_forgotten(desk, whole):
            upload = whole.uploads.get("file")
            submission = Submission(
                user=user,
                job_type=form.fields["job_type"],
                upload_id=upload.id if upload else None,
                submit_key=f"api:{key}" if key else None,
                request=request_facts(request),
                settled=_settled(form),
                when=_when(form),
            )
            job = _submit(desk, submission, _with_files(_json(form, "params"), form))
    with desk.database.read() as session:
        return job_out(session, desk.registry, session.get_one(Job, job.id))


def _require_known(form: ReceivedForm) -> None:
    if "file" in form.fields:
        raise BadInput({"file": "This is text, not a file. With curl, write file=@people.csv."})
    files = {name for name in form.uploads if not name.startswith(PARAMS)}
    surplus = sorted(set(form.fields) - FIELDS) + sorted(files - {"file"})
    if surplus:
        raise BadInput(dict.fromkeys(surplus, NO_SUCH_FIELD))
    if not form.fields.get("job_type"):
        raise BadInput({"job_type": "Say which job: GET /api/v1/job-types lists them."})


def _with_files(params: dict[str, Any], form: ReceivedForm) -> dict[str, Any]:
    """The parameters with the files among them, by their dotted names."""
    for name, file in form.uploads.items():
        if name.startswith(PARAMS):
            *parents, last = name.removeprefix(PARAMS).split(".")
            within = params
            for parent in parents:
                inner = within.setdefault(parent, {})
                within = inner if isinstance(inner, dict) else {}
            within[last] = str(file.id)
    return params


def _settled(form: ReceivedForm) -> Settled:
    try:
        return Settled.checked(_json(form, "choices"))
    except BadInput as error:
        raise BadInput({_within_choices(name): text for name, text in error.problems.items()}) from error


def _when(form: ReceivedForm) -> StartAt:
    try:
        return StartIn.model_validate({name: form.fields[name] for name in STARTS & set(form.fields)}).when()
    except ValidationError as error:
        raise BadInput({str(fault["loc"][0]): sentence(fault["msg"]) for fault in error.errors()}) from error


def _submit(desk: Desk, submission: Submission, params: dict[str, Any]) -> Job:
    try:
        return desk.submissions.submit(submission, params)
    except BadInput as error:
        settled = submission.settled.entered()
        named = {
            (_within_choices(name) if name.partition(".")[0] in settled else name): text
            for name, text in error.problems.items()
        }
        raise BadInput(named) from error


def _within_choices(name: str) -> str:
    return name if name == "choices" else f"choices.{name}"


def _json(form: ReceivedForm, field: str) -> dict[str, Any]:
    try:
        values = json.loads(form.fields.get(field) or "{}")
    except (ValueError, RecursionError):
        raise BadInput({field: f"This is not JSON. {EXAMPLES[field]}"}) from None
    if not isinstance(values, dict):
        raise BadInput({field: f"This is not a JSON object. {EXAMPLES[field]}"})
    return values
