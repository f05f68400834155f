"""What programs do with a job that was accepted; each answers with the job as it stands then."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Header, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from webapp.errors import Refused
from webapp.jobs.confirming import Confirmed
from webapp.jobs.deciding import Decision
from webapp.jobs.deeds import Action
from webapp.jobs.entries import has_entries
from webapp.jobs.submission import StartAt
from webapp.jobs.submit import own_job
from webapp.kit import now
from webapp.store.tables import User
from webapp.web.access import ApiOperator
from webapp.web.action_view import resource
from webapp.web.api.shapes import JobOut, job_out
from webapp.web.desk import Desk, DeskDep
from webapp.web.priority import LEAST, MOST
from webapp.web.problems import LAST_ROW
from webapp.web.start_form import FAR, is_far

router = APIRouter(prefix="/api/v1/jobs/{job_id}")

MOST_NAMED = 10_000
LONGEST_KEY = 190
LATE = timedelta(minutes=1)  # a request and its clock may be so late
OVER = "This time is over. Send one that is to come, or none to start at once."
STARTED = "This job was started before, and otherwise than this asks for. GET it to see how it stands."
Priority = Annotated[int, Field(ge=LEAST, le=MOST)]
Row = Annotated[int, Field(ge=1, le=LAST_ROW)]


def _near(moment: datetime) -> datetime:
    if is_far(moment):
        raise ValueError(FAR)
    if moment < now() - LATE:
        raise ValueError(OVER)
    return moment


class PriorityIn(BaseModel):
    """A higher one comes first; 0 is the usual one."""

    model_config = ConfigDict(extra="forbid", strict=True)

    priority: Priority


class TimeIn(BaseModel):
    """When a job starts that waits for its time."""

    model_config = ConfigDict(extra="forbid")

    run_at: Annotated[AwareDatetime, AfterValidator(_near)]


class DecisionIn(BaseModel):
    """What became of rows of which nobody knew it; `rows` is null for all of them. With `seen`, of the rest of it.

    `unseen` takes `seen` back.
    """

    model_config = ConfigDict(extra="forbid")

    decision: Decision
    rows: Annotated[list[Row], Field(min_length=1, max_length=MOST_NAMED)] | None = None


class Nothing(BaseModel):
    """A body that says nothing."""

    model_config = ConfigDict(extra="forbid")


class RowsIn(BaseModel):
    """Which rows that failed are tried again; `rows` is null for all of them."""

    model_config = ConfigDict(extra="forbid")

    rows: Annotated[list[Row], Field(min_length=1, max_length=MOST_NAMED)] | None = None


class StartIn(BaseModel):
    """How a prepared job is started. `params` are those that differ from what it was filled in with.

    Without a `priority` it keeps the one that it has.
    `confirm_rows` says how many rows are meant, where the job type wants that.
    With `redo`, rows that an earlier job has done are run all the same; else they are skipped.
    """

    model_config = ConfigDict(extra="forbid")

    params: dict[str, Any] = Field(default_factory=dict)
    priority: Priority | None = None
    run_at: Annotated[AwareDatetime, AfterValidator(_near)] | None = None
    first_rows: Row | None = None
    confirm_rows: Row | None = None
    redo: bool = False

    def when(self) -> StartAt:
        """The same for the use-case."""
        return StartAt(self.first_rows, self.run_at, self.priority, Confirmed(self.confirm_rows), self.redo)


MEANS: Final = {
    Action.run_now: "Have a job that waits for its time start at once.",
    Action.resume: "Let a paused job go on.",
    Action.retry: "Have the rows run that a failed or cancelled job has not reached.",
    Action.pause: "Pause behind the row that it is at.",
    Action.force: "Break off what it is doing, five minutes after it was asked to pause or to stop.",
    Action.cancel: "Call the job off.",
}


def _add_route(action: Action) -> None:
    @router.post(f"/{resource(action)}", status_code=202, name=f"api_{action}", description=MEANS[action])
    def act(desk: DeskDep, user: ApiOperator, job_id: UUID, body: Nothing | None = None) -> JobOut:  # noqa: ARG001 (refuses what says more)
        desk.control.act(user, job_id, action)
        return _answer(desk, user, job_id)


for each in Action:
    if each is not Action.retry_rows:
        _add_route(each)


@router.post("/retry-rows", status_code=202)
def retry_rows(desk: DeskDep, user: ApiOperator, job_id: UUID, body: RowsIn | None = None) -> JobOut:
    """Have rows tried again that failed."""
    desk.control.act(user, job_id, Action.retry_rows, body.rows if body else None)
    return _answer(desk, user, job_id)


@router.put("/priority")
def set_priority(desk: DeskDep, user: ApiOperator, job_id: UUID, body: PriorityIn) -> JobOut:
    """Change how soon its turn comes."""
    desk.control.set_priority(user, job_id, body.priority)
    return _answer(desk, user, job_id)


@router.put("/time")
def set_time(desk: DeskDep, user: ApiOperator, job_id: UUID, body: TimeIn) -> JobOut:
    """Have a job that waits for its time start at another one."""
    desk.control.set_time(user, job_id, body.run_at)
    return _answer(desk, user, job_id)


@router.post("/unknown", status_code=202)
def decide(desk: DeskDep, user: ApiOperator, job_id: UUID, body: DecisionIn) -> JobOut:
    """Say what became of rows of which nobody knew it, or that what else needed attention was seen to.

    With `unseen` that is taken back.
    """
    desk.control.decide(user, job_id, body.decision, body.rows)
    return _answer(desk, user, job_id)


@router.post("/run-again", status_code=201)
def run_again(
    desk: DeskDep,
    user: ApiOperator,
    job_id: UUID,
    response: Response,
    idempotency_key: Annotated[str | None, Header(max_length=LONGEST_KEY)] = None,
) -> JobOut:
    """A new job with the same file and answers, to be started; its address in `Location`.

    A second request with the same `Idempotency-Key` answers with the job that the first one made.
    """
    made = desk.control.run_again(user, job_id, f"api:{idempotency_key}" if idempotency_key else None)
    response.headers["Location"] = f"/api/v1/jobs/{made.id}"
    return _answer(desk, user, made.id)


@router.post("/undo", status_code=202)
def undo(desk: DeskDep, user: ApiOperator, job_id: UUID, response: Response) -> JobOut:
    """A new job that undoes this one; its address in `Location`."""
    made = desk.control.undo(user, job_id)
    response.headers["Location"] = f"/api/v1/jobs/{made.id}"
    return _answer(desk, user, made.id)


@router.post("/start", status_code=202)
def start(desk: DeskDep, user: ApiOperator, job_id: UUID, body: StartIn) -> JobOut:
    """Start a prepared job. Once it has started, the same again is answered, and anything else refused."""
    params = {**_filled_in(desk, user, job_id), **body.params}
    if not desk.submissions.start(user, job_id, params, when=body.when()):
        _require_same(desk, user, job_id, body, params)
    return _answer(desk, user, job_id)


def _require_same(desk: Desk, user: User, job_id: UUID, body: StartIn, params: Mapping[str, Any]) -> None:
    with desk.database.read() as session:
        job = own_job(session, user, job_id)
        session.expunge(job)
    asked = {"priority": body.priority, "run_at": body.run_at, "pause_after": body.first_rows, "redo": body.redo}
    stands = {name: getattr(job, name) for name in asked}
    otherwise = any(value is not None and value != stands[name] for name, value in asked.items())
    if otherwise or not has_entries(desk.submissions, job, params, user):
        raise Refused(STARTED)


def _filled_in(desk: Desk, user: User, job_id: UUID) -> Mapping[str, Any]:
    with desk.database.read() as session:
        return dict(own_job(session, user, job_id).params)


def _answer(desk: Desk, user: User, job_id: UUID) -> JobOut:
    with desk.database.read() as session:
        return job_out(session, desk.registry, own_job(session, user, job_id))
