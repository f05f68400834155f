"""The same file a second time: told by its bytes, whatever it is called now."""

from sqlmodel import Session, col, select

from webapp.jobs.lifecycle import PREPARING
from webapp.store.queries import seen_by
from webapp.store.tables import Job, Upload, User


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
