"""What a job's page shows of its control: what may be done now, when it runs, and what it has to do with others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from webapp.authoring import JobType
from webapp.jobs.activity import activities
from webapp.jobs.deeds import Action
from webapp.jobs.lifecycle import STOPPING
from webapp.jobs.same_file import named_with_same_file
from webapp.jobs.undoing import Undone, refusal, undone_by, undone_of
from webapp.store.queries import not_reached
from webapp.store.tables import Activity, Attempt, Job, LedgerEntry, Outcome, State, User
from webapp.web import priority
from webapp.web.action_view import Button, buttons_of
from webapp.web.activity_view import MADE, Deed
from webapp.web.history_view import history_of


@dataclass(frozen=True, slots=True)
class JobLink:
    """Another job, as a link to it."""

    id: UUID
    number: int


@dataclass(frozen=True, slots=True)
class MadeBy:
    """The schedule that made a job, which may be gone by now, and who had it run; None: its time had come."""

    schedule: str
    who: str | None


@dataclass(frozen=True, slots=True)
class PriorityChoice:
    """One of the priorities to choose from."""

    value: int
    word: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class FirstRow:
    """One of the first rows, which somebody looks at before the others run."""

    row: int
    cells: Sequence[str]
    outcome: Outcome
    reason: str | None


@dataclass(frozen=True, slots=True)
class ControlView:
    """The control of a job.

    `instead` is the job that has done the same with the same file, where this one failed for that. `undone` is what
    another job has undone of it.
    """

    buttons: Sequence[Button]
    force: Button | None
    priority: str
    priorities: Sequence[PriorityChoice]
    run_at: datetime | None
    asked_at: datetime | None
    tried: int
    tries: int
    first_rows: int
    looked_at: Sequence[FirstRow]
    again_of: JobLink | None
    undo_of: JobLink | None
    undone_by: JobLink | None
    instead: JobLink | None
    undone: Undone | None
    may_undo: bool
    deeds: Sequence[Deed]
    made_by: MadeBy | None

    @property
    def taken_back(self) -> int | None:
        """How many of its rows another job has undone."""
        return self.undone.taken_back if self.undone else None

    @property
    def in_part(self) -> bool:
        """Whether that are not all of them."""
        return self.undone is not None and self.undone.in_part


def view_control(session: Session, job: Job, job_type: JobType | None, attempts: Sequence[Attempt]) -> ControlView:
    """Gather what is shown."""
    left = not_reached(session, job.id) if job.state in {State.failed, State.cancelled} else 0
    undone = undone_by(session, job.id)
    taken = undone_of(session, [job.id]).get(job.id) if undone else None
    buttons = buttons_of(job, job_type, left, undone=undone is not None)
    instead = named_with_same_file(session, job)
    not_offered = {Action.force, Action.retry} if instead else {Action.force}  # to go on would fail for the same reason
    done = activities(session, job.id)
    first = _first_rows(job, done)
    return ControlView(
        buttons=[button for button in buttons if button.action not in not_offered],
        force=next((button for button in buttons if button.action is Action.force), None),
        priority=priority.word(job.priority),
        priorities=[PriorityChoice(value, word, value == job.priority) for value, word in priority.WORDS.items()],
        run_at=job.run_at if job.state is State.scheduled else None,
        asked_at=job.asked_at if job.state in STOPPING else None,
        tried=job.retries + 1,
        tries=job_type.retry.attempts if job_type and job_type.retry else job.retries + 1,
        first_rows=first,
        looked_at=_looked_at(session, job, first),
        again_of=_link(session, job.again_of),
        undo_of=_link(session, job.undo_of),
        undone_by=_link(session, undone),
        instead=JobLink(instead.id, instead.number) if instead else None,
        undone=taken,
        may_undo=not refusal(job, job_type, undone),
        made_by=_made_by(session, done),
        deeds=history_of(session, job, attempts, done),
    )


def _link(session: Session, job_id: UUID | None) -> JobLink | None:
    job = session.get(Job, job_id) if job_id else None
    return JobLink(job.id, job.number) if job else None


def _first_rows(job: Job, done: Sequence[Activity]) -> int:
    """How many rows were run for somebody to look at, where the job waits for that; else 0.

    `done` is what was done with the job, newest first: such a job is paused though nobody has paused it.
    """
    if job.state is not State.paused or not job.attempt:
        return 0
    last = next((each.action for each in done if each.action in {Action.pause, Action.resume}), None)
    return 0 if last == Action.pause else job.accounted


def _made_by(session: Session, done: Sequence[Activity]) -> MadeBy | None:
    made = next((each for each in done if each.action in MADE), None)
    if made is None or not made.detail.get("name"):
        return None
    user = session.get(User, made.user_id) if made.user_id else None
    return MadeBy(made.detail["name"], user.name if user else None)


def _looked_at(session: Session, job: Job, count: int) -> Sequence[FirstRow]:
    """The first rows with their outcomes, as far as the preview has their cells: of many, those at the beginning."""
    rows = job.preview["rows"] if job.preview else ()
    if not count or not rows:
        return ()
    count = min(count, rows[-1]["row"])
    entries = session.exec(
        select(LedgerEntry)
        .where(col(LedgerEntry.job_id) == job.id, col(LedgerEntry.first_row) <= count)
        .order_by(col(LedgerEntry.first_row))
    ).all()
    by_row = {row: entry for entry in entries for row in range(entry.first_row, min(entry.last_row, count) + 1)}
    return [
        FirstRow(row["row"], row["cells"], by_row[row["row"]].outcome, by_row[row["row"]].reason)
        for row in rows
        if row["row"] in by_row
    ]
