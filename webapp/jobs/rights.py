"""Who may see and run which jobs."""

from collections.abc import Sequence

from webapp.authoring import JobType, Registry
from webapp.errors import NotAllowed
from webapp.store.tables import Job, Role, User


def may_see(user: User, job: Job) -> bool:
    """Whether a job is this user's business."""
    return job.owner_id == user.id or user.role is Role.admin


def may_run(user: User, job_type: JobType) -> bool:
    """Whether somebody who may run jobs may run those of this type."""
    return job_type.role != Role.admin or user.role is Role.admin


def require_may_run(user: User, job_type: JobType) -> JobType:
    """The job type, for somebody who may run its jobs.

    Raises:
        NotAllowed: they may not.
    """
    if not may_run(user, job_type):
        raise NotAllowed(f"“{job_type.title}” is for administrators: your account may not run it.")
    return job_type


def runnable(user: User, registry: Registry) -> Sequence[JobType]:
    """The job types that somebody may choose from, by their titles."""
    return sorted((each for each in registry.values() if may_run(user, each)), key=lambda each: each.title)
