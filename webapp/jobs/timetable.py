"""When a schedule's jobs are due: once, or again and again by the five fields of cron in a time zone.

Clocks that change are met as Debian's cron does. A time that is left out comes right after the change, a time that
occurs twice is taken once; but where the hours or the minutes begin with a star, every real occurrence counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from webapp.errors import BadInput
from webapp.jobs.zones import MINUTE, disorder, first_after_gap, moments_of, wall_clock, zone_names

FIELDS: Final = 5
LONGEST_CRON: Final = 200
FIELD_NAMES: Final = {
    "minute": "The minute",
    "hour": "The hour",
    "day-of-month": "The day of the month",
    "month": "The month",
    "day-of-week": "The day of the week",
}
EXAMPLE: Final = "As in 30 7 * * 1-5: at 07:30, Monday to Friday."
NEVER: Final = (
    "There is no such day in the next 50 years, so it would never run. For the last day of a month write L, as in "
    "30 7 L 2 *."
)


@dataclass(frozen=True, slots=True)
class Timetable:
    """Again and again by `cron`, or once `at` a moment; `zone` is what people read both in. Made by `checked`."""

    cron: str | None
    at: datetime | None
    zone: str

    @classmethod
    def checked(
        cls, cron: str | None, at: datetime | None, zone: str, now: datetime, had: datetime | None = None
    ) -> "Timetable":
        """A timetable that has a time left after `now`; or keeps the single time that it `had`, be it over or not.

        Raises:
            BadInput: it can't be; under `cron`, `at` or `zone`.
        """
        if zone not in zone_names():
            raise BadInput({"zone": "This is no time zone. Choose one as in Europe/Berlin."})
        if (cron is None) == (at is None):
            raise BadInput({"cron": "Say either a time at which it runs once, or cron fields for again and again."})
        if cron is None:
            if had and at in {had, had.replace(second=0, microsecond=0)}:  # forms know no seconds
                return cls(None, had, zone)
            if at is None or at <= now:
                raise BadInput({"at": "This time is over. Choose one that is still to come."})
            return cls(None, at, zone)
        made = cls(_require_fields(cron), None, zone)
        if made.next_after(now) is None:
            raise BadInput({"cron": NEVER})
        return made

    def next_after(self, moment: datetime) -> datetime | None:
        """The first time after a moment; None when there is no more."""
        if self.cron is None:
            return self.at if self.at and self.at > moment else None
        zone, found = ZoneInfo(self.zone), None
        for wall in _walls(self.cron, wall_clock(moment, zone) - disorder(moment, zone)):
            if found and wall > wall_clock(found, zone) + disorder(found, zone):
                break
            later = [due for due in self._moments(wall, zone) if due > moment]
            found = min([*later, found] if found else later, default=None)
        return found

    def last_until(self, moment: datetime) -> datetime | None:
        """The last time that is not after a moment; None if there was none."""
        if self.cron is None:
            return self.at if self.at and self.at <= moment else None
        zone, found = ZoneInfo(self.zone), None
        for wall in _walls(self.cron, wall_clock(moment, zone) + disorder(moment, zone), back=True):
            if found and wall < wall_clock(found, zone) - disorder(found, zone):
                break
            earlier = [due for due in self._moments(wall, zone) if due <= moment]
            found = max([*earlier, found] if found else earlier, default=None)
        return found

    def following(self, moment: datetime, count: int) -> list[datetime]:
        """The first `count` times after a moment."""
        return list(islice(self._each_after(moment), count))

    def _each_after(self, moment: datetime) -> Iterator[datetime]:
        due = self.next_after(moment)
        while due is not None:
            yield due
            due = self.next_after(due)

    def _moments(self, wall: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
        """When it is due for a time on the wall."""
        moments = moments_of(wall, zone)
        minutes, hours = (self.cron or "").split()[:2]
        if minutes.startswith("*") or hours.startswith("*"):
            return moments
        return moments[:1] or (first_after_gap(wall, zone),)


def _walls(cron: str, start: datetime, *, back: bool = False) -> CronSim:
    """The times on the wall, as if clocks never changed."""
    return CronSim(cron, start.replace(second=0, microsecond=0) + (MINUTE if back else -MINUTE), reverse=back)


def _require_fields(cron: str) -> str:
    """The fields in one way of writing.

    Raises:
        BadInput: under `cron`.
    """
    fields = cron.split()
    if len(cron) > LONGEST_CRON or len(fields) != FIELDS:
        few = "These are cron's five fields: minute, hour, day of the month, month, day of the week."
        often = " There are no seconds: a job can be made once a minute at most." if len(fields) == FIELDS + 1 else ""
        raise BadInput({"cron": f"{few}{often} {EXAMPLE}"})
    wrong = _wrong_field(fields)
    if wrong is not None:
        is_day_of_no_month = (
            wrong != _wrong_field([*fields[:3], "*", fields[4]]) and wrong == FIELD_NAMES["day-of-month"]
        )
        raise BadInput({"cron": NEVER if is_day_of_no_month else f"{wrong} can't be understood. {EXAMPLE}"})
    return " ".join(fields).upper()


def _wrong_field(fields: list[str]) -> str | None:
    """What can't be understood, in words; also a day that none of the months has."""
    try:
        CronSim(" ".join(fields), datetime(2000, 1, 1))  # noqa: DTZ001 (only the fields are looked at)
    except CronSimError as error:
        return FIELD_NAMES.get(str(error).removeprefix("Bad "), "One of the fields")
    return None
