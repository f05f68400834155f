"""How long a job was worked on and waited for, written into its record as it ends: statistics add these up."""

from datetime import datetime

from sqlmodel import Session, col, select

from webapp.jobs.activity import HAND_IN
from webapp.store.queries import attempts
from webapp.store.tables import Activity, Job


def job_ended(session: Session, job: Job) -> None:
    """Write it down. A job that begins once more, and ends again, has its times anew."""
    done = [attempt for attempt in attempts(session, job.id) if attempt.finished_at]
    job.ran_ms = sum(_milliseconds(each.started_at, each.finished_at) for each in done) if done else None
    job.waited_ms = _waited(session, job)
    session.add(job)


def _waited(session: Session, job: Job) -> int | None:
    """From when it might have begun to when it was. Not known of a job that was started anew."""
    since = _due(session, job)
    if since is None or job.started_at is None or since > job.started_at:
        return None
    return _milliseconds(since, job.started_at)


def _due(session: Session, job: Job) -> datetime | None:
    """When a worker could first have taken it: once it was started, or at the time that it was to wait for."""
    said = col(Activity.action).in_((HAND_IN, "start", "set_time"))
    query = select(Activity.detail).where(col(Activity.job_id) == job.id, said)
    started = session.exec(query.order_by(col(Activity.id).desc()).limit(1)).first() or {}
    later = datetime.fromisoformat(started["run_at"]) if "run_at" in started else None
    return max(filter(None, (job.queued_at, later)), default=None)


def _milliseconds(since: datetime, until: datetime | None) -> int:
    return max(0, round(((until or since) - since).total_seconds() * 1000))
