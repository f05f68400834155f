"""The facts of a job, for functions that work on it or undo it."""

from uuid import UUID

from webapp.authoring import JobFacts
from webapp.store.database import Database
from webapp.store.tables import Job, User


def facts_of(database: Database, job_id: UUID) -> JobFacts:
    """The facts of a job as it stands."""
    with database.read() as session:
        job = session.get_one(Job, job_id)
        owner = session.get_one(User, job.owner_id).name
        session.expunge_all()
    return JobFacts(
        id=job.id,
        number=job.number,
        job_type=job.job_type,
        owner=owner,
        attempt=job.attempt,
        file_name=job.file_name,
        submitted_at=job.queued_at or job.created_at,
        request=job.request,
        started_at=job.started_at,
    )
