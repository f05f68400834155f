"""What people did, to be looked through: newest first, by keyset, by those who may see it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import Session, col

from webapp.store.database import Database
from webapp.store.keyset import PAGE, page_of
from webapp.store.queries import seen_by
from webapp.store.tables import Activity, Job, Role, User

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """Which deeds: all that the user may see, unless something is said. `until` is no part any more.

    `by_desk` are those that nobody asked for. `before` and `after` are ids: the page begins behind, or ends before one.
    """

    user: User
    person: UUID | None = None
    by_desk: bool = False
    job_type: str = ""
    action: str = ""
    request_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """One page, newest first, and whether there is more on either side."""

    deeds: Sequence[Activity]
    newer: int | None
    older: int | None


def activity_page(session: Session, wanted: ActivityFilter, size: int = PAGE) -> ActivityPage:
    """A page of what was done."""
    query = _deeds(wanted)
    rows, newer, older = page_of(session, query, col(Activity.id), before=wanted.before, after=wanted.after, size=size)
    return ActivityPage([row[0] for row in rows], newer, older)


def all_activity(database: Database, wanted: ActivityFilter) -> Iterator[tuple[Session, Sequence[Activity]]]:
    """All of it, piece by piece, each in a short reading session of its own."""
    before = wanted.before
    while True:
        with database.read() as session:
            page = activity_page(session, replace(wanted, before=before, after=None), AT_ONCE)
            yield session, page.deeds
        if page.older is None:
            return
        before = page.older


def people(session: Session, user: User) -> Sequence[tuple[UUID, str]]:
    """Those whose deeds the user may look for, by name: for others than administrators there is nobody to choose."""
    if user.role is not Role.admin:
        return []
    found = session.execute(select(col(User.id), col(User.name)).order_by(col(User.name)))
    return [(row[0], row[1]) for row in found]


def _deeds(wanted: ActivityFilter) -> Select[Activity]:
    query = select(Activity).where(*seen_by(wanted.user, col(Activity.user_id)))
    if wanted.by_desk:
        query = query.where(col(Activity.user_id).is_(None))
    elif wanted.person:
        query = query.where(col(Activity.user_id) == wanted.person)
    if wanted.action:
        query = query.where(col(Activity.action) == wanted.action)
    if wanted.job_type:
        query = query.where(col(Activity.job_id).in_(select(col(Job.id)).where(col(Job.job_type) == wanted.job_type)))
    if wanted.request_id:
        query = query.where(col(Activity.request_id) == wanted.request_id)
    if wanted.since:
        query = query.where(col(Activity.at) >= wanted.since)
    return query.where(col(Activity.at) < wanted.until) if wanted.until else query
