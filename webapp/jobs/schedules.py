"""Schedules: jobs that are made again and again, or once at a set time. `firing` makes them when they are due."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from webapp.authoring.storing import joined
from webapp.errors import BadInput, DeskError, NotFound, Refused, TooMany
from webapp.intake import Match
from webapp.jobs.activity import record
from webapp.jobs.other_files import keep_files
from webapp.jobs.plan import LONGEST_NAME, Plan, When, gathered
from webapp.jobs.settled import Settled
from webapp.jobs.submission import StartAt, Submission
from webapp.jobs.submit import Submissions
from webapp.jobs.timetable import Timetable
from webapp.jobs.zones import desk_zone
from webapp.store.database import Database
from webapp.store.locks import hold
from webapp.store.queries import clock
from webapp.store.tables import Job, Role, Schedule, User

MOST: Final = 200  # of one user
KEY: Final = "Idempotency-Key"
SAME: Final = ("name", "job_type", "params", "cron", "zone", "missed", "priority")
SECRETS_LOST: Final = (
    "Its secret entries can't be read any more, because the desk's key has changed. Change the schedule and enter "
    "them again."
)
OVER: Final = "Its time passed while it was paused. Give it another time."


@dataclass(frozen=True, slots=True)
class Schedules:
    """The use-cases of schedules. Each job is accepted as if its owner had handed it in at that moment."""

    submissions: Submissions

    @property
    def database(self) -> Database:
        """Where they are kept."""
        return self.submissions.database

    def now(self) -> datetime:
        """What the database's clock shows."""
        with self.database.read() as session:
            return clock(session)

    def usual_zone(self, user: User) -> str:
        """The time zone of the user's newest schedule; at first that of the desk."""
        newest = select(Schedule.zone).where(Schedule.owner_id == user.id).order_by(col(Schedule.created_at).desc())
        with self.database.read() as session:
            return session.exec(newest.limit(1)).first() or desk_zone()

    def make(self, user: User, plan: Plan, key: str) -> Schedule:
        """Make a schedule. Two with the same `key` are one: a double click, a retry, a reload.

        Raises:
            BadInput: something is no good: `name`, `cron`, `at`, `zone`, `job_type`, `file`, `params.NAME`; or the key
                was used for another one: `Idempotency-Key`.
            TooMany: the user has as many as anybody may have.
        """
        job, table = self.check(user, plan)
        schedule = Schedule(id=uuid5(user.id, key), owner_id=user.id, job_type=job.job_type, name="")
        _put(schedule, plan, job, table)
        with self.database.write() as session:
            hold(session.connection(), f"schedule {schedule.id}")
            known = session.get(Schedule, schedule.id)
            if known is None:
                _require_few(session, user)
                schedule.next_at = table.next_after(clock(session))
                session.add(schedule)
                keep_files(session, self.submissions.registry.get(job.job_type), job.params)
                session.flush()
                _note(session, user, schedule, "make_schedule")
                return schedule
        if any(getattr(known, name) != getattr(schedule, name) for name in SAME):
            raise BadInput({KEY: "was used for another schedule. Take a new key for each new one."})
        return known

    def check(self, owner: User, plan: Plan, had: datetime | None = None) -> tuple[Job, Timetable]:
        """The job that a plan makes, not kept, and its timetable; `had` is a single time that may stay.

        Raises:
            BadInput: as `make`; all that is wrong at once.
        """
        problems: dict[str, str] = {}
        job = table = None
        if not 0 < len(plan.name.strip()) <= LONGEST_NAME:
            problems["name"] = f"A schedule needs a name of at most {LONGEST_NAME} characters."
        with gathered(problems):
            table = Timetable.checked(plan.when.cron, plan.when.at, plan.when.zone, self.now(), had)
        with gathered(problems):
            job = self.job_of(owner, plan)
        if job is None or table is None or problems:
            raise BadInput(problems)
        return job, table

    def job_of(self, owner: User, plan: Plan, submit_key: str | None = None) -> Job:
        """The job that a plan makes, not kept yet.

        Raises:
            BadInput: the plan does not fit, or no longer: `job_type`, `file`, `choices`, `params.NAME`.
        """
        submission = Submission(owner, plan.job_type, plan.upload_id, submit_key, settled=plan.settled)
        job = self.submissions.accept(submission)
        try:
            self.submissions.answer(job, plan.params, StartAt(priority=plan.priority))
        except BadInput as error:
            raise BadInput({f"params.{name}": text for name, text in error.problems.items()}) from error
        return job

    def change(self, user: User, schedule_id: UUID, plan: Plan) -> Schedule:
        """Have a schedule go by another plan; its job type stays. Times that were missed until now are over.

        A single time that is not changed stays: one that is over makes no second job.

        Raises:
            BadInput: as `make`.
            NotFound: the user has no such schedule.
        """
        with self.database.read() as session:
            before = own_schedule(session, user, schedule_id)
            owner, had = session.get_one(User, before.owner_id), single_time(before)
        job, table = self.check(owner, plan, had)
        with self._changing(user, schedule_id, "change_schedule") as (session, schedule):
            _put(schedule, plan, job, table)
            keep_files(session, self.submissions.registry.get(job.job_type), job.params)
            _go_on(schedule, table, clock(session))
        return schedule

    def pause(self, user: User, schedule_id: UUID) -> Schedule:
        """Make no more jobs until it is resumed.

        Raises:
            NotFound: the user has no such schedule.
        """
        with self._changing(user, schedule_id, "pause_schedule") as (_, schedule):
            schedule.paused = True
        return schedule

    def resume(self, user: User, schedule_id: UUID) -> Schedule:
        """Go on with the next time that is still to come.

        Raises:
            NotFound: the user has no such schedule.
        """
        with self._changing(user, schedule_id, "resume_schedule") as (session, schedule):
            if schedule.paused:
                had_time = schedule.next_at is not None
                schedule.paused = False
                _go_on(schedule, timetable_of(schedule), clock(session))
                schedule.problem = OVER if had_time and schedule.next_at is None else None
        return schedule

    def delete(self, user: User, schedule_id: UUID) -> None:
        """Forget a schedule. The jobs that it made stay.

        Raises:
            NotFound: the user has no such schedule.
        """
        with self._changing(user, schedule_id, "delete_schedule") as (session, schedule):
            session.execute(update(Job).where(col(Job.schedule_id) == schedule_id).values(schedule_id=None))
            session.delete(schedule)

    def run_now(self, user: User, schedule_id: UUID, key: str) -> Job:
        """Make a job beside those of the timetable. Twice with the same `key` is once.

        Raises:
            Refused: no job can be made; says why.
            NotFound: the user has no such schedule.
        """
        with self.database.read() as session:
            schedule = own_schedule(session, user, schedule_id)
            owner = session.get_one(User, schedule.owner_id)
            session.expunge_all()
        job, problem = self.attempt(schedule, owner, submit_key=f"schedule:{schedule_id}:{key}")
        if job is None:
            raise Refused(problem)
        with self._changing(user, schedule_id) as (session, _):
            job.schedule_id = schedule_id
            kept = self.submissions.keep(session, job)
            if kept.id == job.id:
                record(session, user, "made_by_hand", kept.id, schedule=str(schedule_id), name=schedule.name)
            return kept

    def attempt(self, schedule: Schedule, owner: User, submit_key: str | None = None) -> tuple[Job | None, str | None]:
        """The job of a schedule, not kept yet; or why there can be none, in a sentence."""
        if not owner.active or owner.role is Role.viewer:
            return None, f"{owner.name}, to whom this schedule belongs, may not run jobs any more."
        try:
            self.submissions.secrets.unlock(schedule.secrets)
            return self.job_of(owner, self.plan_of(schedule), submit_key), None
        except Refused:
            return None, SECRETS_LOST
        except BadInput as error:
            return None, " ".join(_sentence(name, text) for name, text in error.problems.items())
        except DeskError as error:
            return None, error.message

    def known_secrets(self, schedule: Schedule) -> dict[str, str]:
        """A schedule's secret entries; none if they can't be read any more, so that they are entered again."""
        try:
            return self.submissions.secrets.unlock(schedule.secrets)
        except Refused:
            return {}

    def plan_of(self, schedule: Schedule) -> Plan:
        """The plan that a schedule goes by."""
        return Plan(
            name=schedule.name,
            job_type=schedule.job_type,
            when=When(schedule.cron, single_time(schedule), schedule.zone),
            params=joined(schedule.params, self.known_secrets(schedule)),
            upload_id=schedule.upload_id,
            settled=Settled.from_json(schedule.choices),
            missed=schedule.missed,
            priority=schedule.priority,
        )

    @contextmanager
    def _changing(self, user: User, schedule_id: UUID, action: str | None = None) -> Iterator[tuple[Session, Schedule]]:
        """A transaction that holds the schedule against its firing, and notes who did what, if that is said."""
        with self.database.write() as session:
            own_schedule(session, user, schedule_id)
            schedule = session.get(Schedule, schedule_id, with_for_update=True, populate_existing=True)
            if schedule is None:
                raise NotFound
            if action:
                _note(session, user, schedule, action)
            yield session, schedule


def own_schedule(session: Session, user: User, schedule_id: UUID) -> Schedule:
    """A schedule that the user may see: their own, or any for an administrator.

    Raises:
        NotFound: there is none, or it is somebody else's; the two can't be told apart.
    """
    schedule = session.get(Schedule, schedule_id)
    if schedule is None or (schedule.owner_id != user.id and user.role is not Role.admin):
        raise NotFound
    return schedule


def timetable_of(schedule: Schedule) -> Timetable:
    """When a schedule's jobs are due."""
    return Timetable(schedule.cron, None if schedule.cron else schedule.next_at, schedule.zone)


def single_time(schedule: Schedule) -> datetime | None:
    """The time of a schedule that runs once, be it to come or over; None for one that runs again and again."""
    return None if schedule.cron else schedule.next_at or schedule.last_at


def pinned(job: Job) -> Settled:
    """How a job reads its file, with the column of each field: what is remembered for a header may change."""
    settled = Settled.from_json(job.choices)
    return replace(settled, match=Match.from_json(job.match).pairs) if job.match else settled


def _put(schedule: Schedule, plan: Plan, job: Job, table: Timetable) -> None:
    schedule.name = plan.name.strip()
    schedule.params, schedule.secrets = job.params, job.secrets
    schedule.upload_id, schedule.choices = job.upload_id, pinned(job).to_json()
    schedule.priority, schedule.missed = plan.priority, plan.missed
    schedule.cron, schedule.zone = table.cron, table.zone
    schedule.next_at, schedule.problem = table.at, None


def _go_on(schedule: Schedule, table: Timetable, now: datetime) -> None:
    """Wait for the next time. A single time that is over is not forgotten."""
    schedule.next_at = table.next_after(now)
    if table.at and schedule.next_at is None:
        schedule.last_at = table.at


def _require_few(session: Session, user: User) -> None:
    if session.exec(select(func.count()).where(Schedule.owner_id == user.id)).one() >= MOST:
        raise TooMany(f"You have {MOST} schedules, which is as many as anybody may have. Delete one that is over.")


def _note(session: Session, user: User, schedule: Schedule, action: str) -> None:
    record(session, user, action, schedule=str(schedule.id), name=schedule.name)


def _sentence(name: str, text: str) -> str:
    """A problem that stands alone: a parameter's sentence begins with its name."""
    param = name.removeprefix("params.")
    return text if param == name else f"{param} {text}."
