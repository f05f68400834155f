"""A job as one line of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from webapp.authoring import Registry
from webapp.jobs.dry_run import was_tried_out
from webapp.jobs.lifecycle import WAITING
from webapp.jobs.undoing import Undone, undone_of
from webapp.store.queries import SEEN, owner_names
from webapp.store.tables import Job, State
from webapp.web import priority
from webapp.web.job_view import Rows, shown_state, title_of


@dataclass(frozen=True, slots=True)
class JobLine:
    """What a list shows of a job; its priority where that is not the usual one and makes a difference."""

    id: UUID
    number: int
    title: str
    icon: str
    state: str
    owner: str
    file_name: str | None
    rows: Rows
    began: bool
    seen: bool
    tried_out: bool
    undone: Undone | None
    priority: str | None
    run_at: datetime | None
    created_at: datetime

    @property
    def shown_state(self) -> str:
        """Its state as people are told it."""
        return shown_state(self.state, self.undone)

    @property
    def calls(self) -> bool:
        """See `JobView.calls`."""
        return not self.seen and not self.tried_out and self.shown_state != "undone"


def job_lines(session: Session, registry: Registry, jobs: Sequence[Job]) -> list[JobLine]:
    """The lines of a list of jobs."""
    owners = owner_names(session, jobs)
    undone = undone_of(session, [job.id for job in jobs])
    return [_line(registry, job, owners.get(job.owner_id, ""), undone.get(job.id)) for job in jobs]


def _line(registry: Registry, job: Job, owner: str, undone: Undone | None) -> JobLine:
    job_type = registry.job_types.get(job.job_type)
    return JobLine(
        id=job.id,
        number=job.number,
        title=title_of(registry, job),
        icon=(job_type.icon if job_type else None) or "file",
        state=job.state.value,
        owner=owner,
        file_name=job.file_name,
        rows=Rows.of(job),
        began=job.attempt > 0,
        seen=job.doubt == SEEN,
        tried_out=was_tried_out(job),
        undone=undone,
        priority=priority.word(job.priority) if job.priority and job.state in WAITING | {State.paused} else None,
        run_at=job.run_at if job.state is State.scheduled else None,
        created_at=job.created_at,
    )
