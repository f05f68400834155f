"""What somebody did as one line of the activity, for pages, files and programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from webapp.authoring import Registry
from webapp.store.tables import Activity, Job
from webapp.web.activity_view import deeds_of
from webapp.web.job_view import title_of


@dataclass(frozen=True, slots=True)
class JobNamed:
    """The job that a deed was about."""

    id: UUID
    number: int
    title: str
    job_type: str


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """A deed; `request` are the facts of what asked for it, none if nothing did."""

    id: int
    at: datetime
    who: str
    action: str
    what: str
    job: JobNamed | None
    detail: Mapping[str, Any]
    request: Mapping[str, str]

    @property
    def address(self) -> str:
        """What was asked for, as in the first line of a request."""
        query = self.request.get("query")
        return f"{self.request.get('method', '')} {self.request.get('path', '')}{f'?{query}' if query else ''}".strip()


def activity_lines(session: Session, registry: Registry, done: Sequence[Activity]) -> list[ActivityLine]:
    """The lines, in the order given."""
    ids = {each.job_id for each in done if each.job_id}
    jobs = {job.id: job for job in session.exec(select(Job).where(col(Job.id).in_(ids)))} if ids else {}
    return [
        ActivityLine(
            id=each.id or 0,
            at=each.at,
            who=deed.who,
            action=each.action,
            what=deed.what,
            job=_named(registry, jobs.get(each.job_id)) if each.job_id else None,
            detail=each.detail,
            request=each.request or {},
        )
        for each, deed in zip(done, deeds_of(session, done), strict=True)
    ]


def _named(registry: Registry, job: Job | None) -> JobNamed | None:
    return JobNamed(job.id, job.number, title_of(registry, job), job.job_type) if job else None
