"""What was done with a job, to be read later."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from webapp.store.activity import record
from webapp.store.tables import Activity

__all__ = ["DOWNLOAD", "HAND_IN", "activities", "record"]

HAND_IN: Final = "hand_in"
DOWNLOAD: Final = "download"


def activities(session: Session, job_id: UUID, size: int = 100, but: Collection[str] = ()) -> Sequence[Activity]:
    """What was done with a job `but` for some of it, the newest first."""
    query = select(Activity).where(col(Activity.job_id) == job_id, col(Activity.action).not_in(but))
    return session.exec(query.order_by(col(Activity.id).desc()).limit(size)).all()
