"""When a schedule runs, as its form asks for it: simple choices, a time, or cron's own fields."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

from webapp.errors import BadInput
from webapp.jobs.plan import When
from webapp.jobs.schedules import single_time
from webapp.jobs.zones import moments_of, wall_clock, zone_names
from webapp.store.tables import Missed, Schedule
from webapp.web.schedule_words import LAST_DAY, simple_parts

OFTEN: Final = {
    "once": "Once",
    "daily": "Every day",
    "weekdays": "Every weekday",
    "weekly": "Every week",
    "monthly": "Every month",
    "cron": "By cron",
}
WEEKDAYS: Final = tuple("0123456")
DAYS: Final = (*map(str, range(1, 32)), LAST_DAY)


@dataclass(frozen=True, slots=True)
class WhenForm:
    """What the form holds, as it was typed."""

    often: str = "weekdays"
    date: str = ""
    time: str = "07:00"
    weekday: str = "1"
    day: str = "1"
    cron: str = ""
    zone: str = "UTC"
    missed: str = Missed.run_once.value

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        """What was sent; what is missing is as in an empty form."""
        return cls(**{each.name: form[each.name][:200] for each in fields(cls) if each.name in form})

    @classmethod
    def empty(cls, zone: str, now: datetime) -> Self:
        """The form of a new schedule."""
        tomorrow = wall_clock(now, ZoneInfo(zone)) + timedelta(days=1)
        return cls(zone=zone, date=tomorrow.date().isoformat(), weekday=str(tomorrow.isoweekday() % 7))

    @classmethod
    def of(cls, schedule: Schedule, now: datetime) -> Self:
        """The form that would make this schedule."""
        empty, missed = cls.empty(schedule.zone, now), schedule.missed.value
        if schedule.cron is None:
            at = single_time(schedule)
            wall = wall_clock(at, ZoneInfo(schedule.zone)) if at else None
            day, clock = (wall.date().isoformat(), f"{wall:%H:%M}") if wall else ("", "")
            return cls("once", day, clock, zone=schedule.zone, missed=missed)
        simple = simple_parts(schedule.cron)
        if simple is None:
            return cls("cron", empty.date, cron=schedule.cron, zone=schedule.zone, missed=missed)
        often, clock, which = simple
        weekday, day = (which if often == kind else "1" for kind in ("weekly", "monthly"))
        return cls(often, empty.date, clock, weekday, day, schedule.cron, schedule.zone, missed)

    def when(self) -> When:
        """When that is.

        Raises:
            BadInput: something is missing or can't be; by the names of the fields.
        """
        if self.zone not in zone_names():
            raise BadInput({"zone": "This is no time zone. Choose one of the list."})
        if self.often not in OFTEN:
            raise BadInput({"often": "Choose how often."})
        if self.often == "cron":
            return When(cron=self.cron, zone=self.zone)
        clock = _clock(self.time)
        if self.often == "once":
            return When(at=self._moment(clock), zone=self.zone)
        return When(cron=f"{clock.minute} {clock.hour} {self._days()}", zone=self.zone)

    def missed_times(self) -> Missed:
        """What becomes of missed times.

        Raises:
            BadInput: that is not said.
        """
        if self.missed not in set(Missed):
            raise BadInput({"missed": "Choose what becomes of times at which the desk was not running."})
        return Missed(self.missed)

    def _days(self) -> str:
        if self.often == "weekly":
            return f"* * {_one_of(self.weekday, WEEKDAYS, 'weekday')}"
        if self.often == "monthly":
            return f"{_one_of(self.day, DAYS, 'day')} * *"
        return "* * *" if self.often == "daily" else "* * 1-5"

    def _moment(self, clock: dt.time) -> datetime:
        try:
            wall = datetime.combine(dt.date.fromisoformat(self.date), clock)
            moments = moments_of(wall, ZoneInfo(self.zone))
        except (ValueError, OverflowError):
            raise BadInput({"date": "Choose a day, as in 2027-03-28."}) from None
        if not moments:
            gap = f"In {self.zone} there is no {clock:%H:%M} on this day: clocks are set forward."
            raise BadInput({"time": gap})
        return moments[0]


def _clock(text: str) -> dt.time:
    try:
        return dt.time.fromisoformat(text.strip()).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise BadInput({"time": "Give a time of the day, as in 07:30."}) from None


def _one_of(value: str, allowed: Collection[str], name: str) -> str:
    if value not in allowed:
        raise BadInput({name: "Choose a day of the list."})
    return value
