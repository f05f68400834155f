"""What all jobs together may do so many times an hour, such as sending mails; counted where all machines see it."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col

from webapp.jobs.lifecycle import changed
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.locks import hold
from webapp.store.tables import Allowance

HOUR = timedelta(hours=1)
KEPT = 48 * HOUR


def take(database: Database, name: str, per_hour: int, times: int = 1) -> float:
    """Use up some of the present hour's times.

    Returns:
        0 if there were so many left; else nothing is used up, and in so many seconds the next hour begins.
    """
    hour = now().replace(minute=0, second=0, microsecond=0)
    with database.write() as session:
        if _add(session, name, hour, per_hour, times):
            return 0.0
    return max((hour + HOUR - now()).total_seconds(), 1.0)


def _add(session: Session, name: str, hour: datetime, most: int, times: int) -> bool:
    ours = (col(Allowance.name) == name, col(Allowance.hour) == hour)
    more = update(Allowance).where(*ours, col(Allowance.used) + times <= most).values(used=Allowance.used + times)
    hold(session.connection(), "allowance")
    if changed(session, more):
        return True
    if times > most or session.get(Allowance, (name, hour)) is not None:
        return False
    session.execute(delete(Allowance).where(col(Allowance.hour) < hour - KEPT))
    session.execute(insert(Allowance).values(name=name, hour=hour, used=times))
    return True
