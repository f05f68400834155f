"""The days that a report is about: named ones, which move with the calendar, or from one date to another."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from webapp.authoring import JobError
from webapp.services.reports.texts import day_words

Range = Literal[
    "all",
    "today",
    "yesterday",
    "last_7_days",
    "last_30_days",
    "this_month",
    "last_month",
    "this_year",
    "last_year",
    "dates",
]
RANGE_LABELS: Final[dict[str, str]] = {
    "all": "All of the time",
    "today": "Today",
    "yesterday": "Yesterday",
    "last_7_days": "The last 7 days, without today",
    "last_30_days": "The last 30 days, without today",
    "this_month": "This month",
    "last_month": "Last month",
    "this_year": "This year",
    "last_year": "Last year",
    "dates": "From one date to another",
}
Per = Literal["day", "week", "month"]
PER_LABELS: Final = {"day": "Day", "week": "Week (Monday to Sunday)", "month": "Month"}
MOST_PARTS: Final = 1_000
ORDER: Final = "The last day must not come before the first."
ONE_DAY: Final = timedelta(days=1)
OLDEST: Final = date(1970, 1, 1)
LATEST: Final = date(9000, 1, 1)
"""Before and behind these there are no moments to compare with."""


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last one; None where there is no end."""

    first: date | None = None
    last: date | None = None

    def __contains__(self, day: date) -> bool:
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)

    def begins_at(self, zone: ZoneInfo) -> datetime | None:
        """The moment at which its first day begins in a time zone."""
        return None if self.first is None or self.first < OLDEST else _midnight(self.first, zone)

    def ends_at(self, zone: ZoneInfo) -> datetime | None:
        """The moment at which its last day is over."""
        return None if self.last is None or self.last > LATEST else _midnight(self.last + ONE_DAY, zone)

    def words(self) -> str:
        """As people say it."""
        if self.first is None:
            return "all of the time" if self.last is None else f"until {day_words(self.last)}"
        if self.last is None:
            return f"since {day_words(self.first)}"
        return (
            day_words(self.first) if self.first == self.last else f"{day_words(self.first)} to {day_words(self.last)}"
        )

    def in_names(self) -> str:
        """As it stands in the names of files."""
        days = dict.fromkeys(day.isoformat() for day in (self.first, self.last) if day)
        return "-to-".join(days)


def period_of(wanted: Range, today: date, first: date | None = None, last: date | None = None) -> Period:
    """The days that are meant, seen from a day."""
    yesterday, month = today - ONE_DAY, today.replace(day=1)
    year = month.replace(month=1)
    before_month, before_year = month - ONE_DAY, year - ONE_DAY
    return {
        "all": Period(),
        "today": Period(today, today),
        "yesterday": Period(yesterday, yesterday),
        "last_7_days": Period(today - 7 * ONE_DAY, yesterday),
        "last_30_days": Period(today - 30 * ONE_DAY, yesterday),
        "this_month": Period(month, today),
        "last_month": Period(before_month.replace(day=1), before_month),
        "this_year": Period(year, today),
        "last_year": Period(before_year.replace(month=1, day=1), before_year),
        "dates": Period(first, last),
    }[wanted]


def _how_to_write(zone: str) -> str:
    """The zones that may be meant: one by a city's name, or a letter away."""
    known = available_timezones()
    plain = {name.casefold(): name for name in sorted(known) if "/" in name and not name.startswith(("posix", "right"))}
    typed = zone.strip().casefold().replace(" ", "_")
    cities: dict[str, str] = {}
    for folded, name in plain.items():
        cities.setdefault(folded.rpartition("/")[2], name)
    near = [plain[typed]] if typed in plain else [cities[typed]] if typed in cities else []
    near = near or [plain[each] for each in difflib.get_close_matches(typed, plain, n=2, cutoff=0.8)]
    near = near or [cities[each] for each in difflib.get_close_matches(typed, cities, n=2, cutoff=0.8)]
    if near:
        return f"Did you mean {' or '.join(near)}?"
    return "Write it as continent and city, as in Europe/Berlin, or UTC."


def problems_of(wanted: Range, first: date | None, last: date | None, zone: str) -> dict[str, str]:
    """What is wrong with what was chosen, by the names of the fields."""
    problems = {}
    if wanted == "dates" and first is None and last is None:
        problems["first_day"] = "Give the first day, the last day, or both."
    if wanted == "dates" and first and last and first > last:
        problems["last_day"] = ORDER
    if zone not in available_timezones():
        problems["zone"] = f"“{zone}” is no time zone. {_how_to_write(zone)}"
    return problems


def part_of(day: date, per: Per) -> date:
    """The first day of the day, week or month that a day is in."""
    if per == "month":
        return day.replace(day=1)
    return day if per == "day" else day - day.weekday() * ONE_DAY


def parts(first: date, last: date, per: Per) -> Iterator[date]:
    """All of them between two days.

    Raises:
        JobError: there are too many.
    """
    made: int = 0
    part: date | None = part_of(first, per)
    while part is not None and part <= last:
        made += 1
        if made > MOST_PARTS:
            raise JobError(
                f"From {day_words(first)} to {day_words(last)} there are more than {MOST_PARTS:,} {per}s: choose a "
                "shorter time, or a longer step than that."
            )
        yield part
        part = _next(part, per)


def part_words(part: date, per: Per) -> str:
    """A day, week or month, so that texts sort as times do."""
    if per == "month":
        return f"{part.year:04}-{part.month:02}"
    year, week, _ = part.isocalendar()
    return part.isoformat() if per == "day" else f"{year:04}-W{week:02}"


def _next(part: date, per: Per) -> date | None:
    """The one behind it; None behind the last that a calendar has."""
    try:
        if per == "month":
            return (part.replace(day=28) + 4 * ONE_DAY).replace(day=1)
        return part + ONE_DAY * (1 if per == "day" else 7)
    except OverflowError:
        return None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
