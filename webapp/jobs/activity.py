"""What somebody did, kept to be read later: written in the transaction of the deed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from webapp.store.tables import Activity, User


def record(session: Session, user: User | None, action: str, job_id: UUID | None = None, **detail: Any) -> None:  # noqa: ANN401 (JSON values)
    """Write down a deed in the caller's transaction; without a user it was the desk's own."""
    session.add(Activity(user_id=user.id if user else None, job_id=job_id, action=action, detail=detail))


def activities(session: Session, job_id: UUID, size: int = 100) -> Sequence[Activity]:
    """What was done with a job, the newest first."""
    query = select(Activity).where(col(Activity.job_id) == job_id).order_by(col(Activity.id).desc()).limit(size)
    return session.exec(query).all()
