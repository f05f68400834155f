"""The same file a second time: told by its bytes, whatever it is called now."""

import re

from sqlmodel import Session, col, select

from webapp.jobs.lifecycle import PREPARING
from webapp.store.queries import seen_by
from webapp.store.tables import Job, State, Upload, User

NAMED = re.compile(r"\bby job (\d{1,9}) on \d{4}-\d\d-\d\d")
"""How a job that was refused because of another one names it."""


def named_with_same_file(session: Session, job: Job) -> Job | None:
    """The job that had the very same bytes before, where that is why this one has failed; of the same owner only."""
    named = NAMED.search(job.problem or "") if job.state is State.failed else None
    upload = session.get(Upload, job.upload_id) if named and job.upload_id else None
    if named is None or upload is None or upload.sha256 is None:
        return None
    query = (
        select(Job)
        .join(Upload, col(Upload.id) == Job.upload_id)
        .where(
            col(Job.number) == int(named[1]),
            col(Job.owner_id) == job.owner_id,
            col(Job.job_type) == job.job_type,
            col(Job.id) != job.id,
            col(Upload.sha256) == upload.sha256,
        )
    )
    return session.exec(query).first()


def earlier_with_same_file(session: Session, user: User, job: Job) -> Job | None:
    """The last job of the same kind that has begun with the very same bytes, of those that the user may see.

    None for a job that a person or a schedule has repeated on purpose.
    """
    if job.upload_id is None or job.again_of is not None or job.schedule_id is not None:
        return None
    upload = session.get(Upload, job.upload_id)
    if upload is None or upload.sha256 is None:
        return None
    query = (
        select(Job)
        .join(Upload, col(Upload.id) == Job.upload_id)
        .where(
            col(Upload.sha256) == upload.sha256,
            col(Upload.size) == upload.size,
            col(Job.job_type) == job.job_type,
            col(Job.id) < job.id,
            col(Job.state).not_in(PREPARING),
            col(Job.started_at).is_not(None),
            *seen_by(user, col(Job.owner_id)),
        )
        .order_by(col(Job.id).desc())
        .limit(1)
    )
    return session.exec(query).first()
