"""What is to be done about the times of a timetable that have come."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from webapp.jobs.timetable import Timetable

ON_TIME: Final = timedelta(seconds=60)
"""A job made so much later than it was due is still on time: desks are restarted, databases are busy."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The time for which a job is made; or the one that was missed, if none is; and when to look again."""

    fire_time: datetime | None
    missed: datetime | None
    next_at: datetime | None


def take_turn(table: Timetable, due: datetime, now: datetime, *, run_missed: bool) -> Turn:
    """See to the times from `due` to `now`: the last one gets a job if it is on time, or if missed ones are run.

    However many there were, there is one job at most.
    """
    last = max(table.last_until(now) or due, due)
    wanted = run_missed or now - last <= ON_TIME
    return Turn(last if wanted else None, None if wanted else last, table.next_after(max(now, last)))
