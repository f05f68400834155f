"""A schedule as a line of a list and at the head of its page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from webapp.authoring import Registry
from webapp.store.queries import last_jobs, owner_names, single_jobs, upload_names
from webapp.store.tables import Job, Missed, Schedule
from webapp.web.schedule_words import when_words


@dataclass(frozen=True, slots=True)
class ScheduleLine:
    """What pages show of a schedule.

    `last_job` is the newest that it has made; `ran` is the job of a single time that is over.
    """

    id: UUID
    name: str
    job_type: str
    title: str
    icon: str
    owner: str
    file_name: str | None
    when: str
    zone: str
    repeats: bool
    next_at: datetime | None
    last_at: datetime | None
    paused: bool
    skips: bool
    problem: str | None
    last_job: Job | None
    created_at: datetime
    ran: Job | None = None


def schedule_lines(session: Session, registry: Registry, schedules: Sequence[Schedule]) -> list[ScheduleLine]:
    """The lines of a list of schedules."""
    owners = owner_names(session, schedules)
    jobs = last_jobs(session, {schedule.id for schedule in schedules})
    ran = single_jobs(session, [schedule for schedule in schedules if schedule.cron is None and not schedule.next_at])
    files = upload_names(session, {schedule.upload_id for schedule in schedules if schedule.upload_id})
    return [
        replace(
            _line(registry, schedule, owners.get(schedule.owner_id, ""), _of(files, schedule), jobs.get(schedule.id)),
            ran=ran.get(schedule.id),
        )
        for schedule in schedules
    ]


def _of(files: dict[UUID, str], schedule: Schedule) -> str | None:
    return files.get(schedule.upload_id) if schedule.upload_id else None


def _line(registry: Registry, schedule: Schedule, owner: str, file: str | None, last_job: Job | None) -> ScheduleLine:
    job_type = registry.job_types.get(schedule.job_type)
    return ScheduleLine(
        id=schedule.id,
        name=schedule.name,
        job_type=schedule.job_type,
        title=job_type.title if job_type else schedule.job_type,
        icon=(job_type.icon if job_type else None) or "file",
        owner=owner,
        file_name=file,
        when=when_words(schedule),
        zone=schedule.zone,
        repeats=schedule.cron is not None,
        next_at=schedule.next_at,
        last_at=schedule.last_at,
        paused=schedule.paused,
        skips=schedule.missed is Missed.skip,
        problem=schedule.problem,
        last_job=last_job,
        created_at=schedule.created_at,
    )
