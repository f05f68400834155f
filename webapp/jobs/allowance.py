"""What all jobs together may do so many times an hour or a day, such as sending mails.

It is counted where all machines see it. A day is one of UTC.
"""

import threading
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col

from webapp.authoring import ComeBackLater
from webapp.jobs.lifecycle import changed
from webapp.jobs.work import written_down
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.locks import hold
from webapp.store.tables import Allowance

Span = Literal["hour", "day"]
SPANS: Final[dict[Span, timedelta]] = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
KEPT = timedelta(hours=48)
MANY = 200


class Allowed:
    """What one attempt has taken and not used yet: up to ten at once; what it leaves over is lost."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._left: dict[tuple[str, Span], int] = {}
        self._lock = threading.Lock()  # several rows may be at work

    def use(self, name: str, most: int, reason: str, span: Span) -> None:
        """Use up one of the times of the present hour or day.

        Raises:
            ComeBackLater: none is left; for this reason.
            NotWrittenDown: the database failed.
        """
        with self._lock:
            if not self._left.get((name, span)):
                times = 10 if most >= MANY else 1
                with written_down():
                    seconds = take(self._database, name, most, times, span)
                if seconds:
                    raise ComeBackLater(reason, seconds)
                self._left[name, span] = times
            self._left[name, span] -= 1


def take(database: Database, name: str, most: int, times: int = 1, span: Span = "hour") -> float:
    """Use up some of the times of the present hour or day.

    Returns:
        0 if there were so many left; else nothing is used up, and in so many seconds the next one begins.
    """
    begin = now().replace(minute=0, second=0, microsecond=0)
    if span == "day":
        name, begin = f"{name} in a day", begin.replace(hour=0)
    with database.write() as session:
        if _add(session, name, begin, most, times):
            return 0.0
    return max((begin + SPANS[span] - now()).total_seconds(), 1.0)


def _add(session: Session, name: str, begin: datetime, most: int, times: int) -> bool:
    ours = (col(Allowance.name) == name, col(Allowance.hour) == begin)
    more = update(Allowance).where(*ours, col(Allowance.used) + times <= most).values(used=Allowance.used + times)
    hold(session.connection(), "allowance")
    if changed(session, more):
        return True
    if times > most or session.get(Allowance, (name, begin)) is not None:
        return False
    session.execute(delete(Allowance).where(col(Allowance.hour) < begin - KEPT))
    session.execute(insert(Allowance).values(name=name, hour=begin, used=times))
    return True
