"""Times of schedules as people read them."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cronsim import CronSim

from webapp.jobs.schedules import single_time
from webapp.store.tables import Schedule
from webapp.web.format import in_zone

WEEKDAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
LAST_DAY: Final = "L"
_SIMPLE: Final = re.compile(r"(\d{1,2}) (\d{1,2}) (\*|\d{1,2}|L) \* (\*|1-5|[0-6])")


def when_words(schedule: Schedule) -> str:
    """When its jobs are made: ``every weekday at 07:30``, ``once, on Mon 23 Nov 2026, 07:30 CET``."""
    if schedule.cron:
        return cron_words(schedule.cron)
    at = single_time(schedule)
    return f"once, on {in_zone(at, schedule.zone)}" if at else "once"


def cron_words(cron: str) -> str:
    """Cron's fields in words."""
    simple = simple_parts(cron)
    if simple is None:
        words: str = CronSim(cron, datetime(2000, 1, 1)).explain()  # noqa: DTZ001 (only the fields are looked at)
        return words[:1].lower() + words[1:]
    often, clock, which = simple
    if often == "weekly":
        return f"every {WEEKDAYS[int(which)]} at {clock}"
    if often == "monthly":
        day = "last day" if which == LAST_DAY else ordinal(int(which))
        return f"every month on the {day} at {clock}"
    return f"every {'weekday' if often == 'weekdays' else 'day'} at {clock}"


def simple_parts(cron: str) -> tuple[str, str, str] | None:
    """How often, the time, and which day of the week or the month; None for fields that no simple choice makes."""
    found = _SIMPLE.fullmatch(cron)
    if found is None:
        return None
    minute, hour, day, weekday = found.groups()
    clock = f"{int(hour):02}:{int(minute):02}"
    if day == weekday == "*":
        return "daily", clock, ""
    if day == "*":
        return ("weekdays", clock, "") if weekday == "1-5" else ("weekly", clock, weekday)
    return ("monthly", clock, day) if weekday == "*" else None


def ordinal(number: int) -> str:
    """``1st``, ``22nd``, ``13th``."""
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def strip(times: Sequence[datetime], now: datetime) -> list[tuple[float, datetime]]:
    """Where on a line from now to the last of the times each of them stands, in percent."""
    length = max((times[-1] - now).total_seconds(), 1.0) if times else 1.0
    return [(round(2 + 96 * (time - now).total_seconds() / length, 2), time) for time in times]
