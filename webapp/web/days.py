"""Days in an address, from one to another: all days are those of UTC, so that everybody sees the same figures."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

FIRST: Final = date(2000, 1, 1)
LAST: Final = date(2200, 1, 1)
NO_DAY: Final = "This is no date. Write it as in 2026-11-23."
BACKWARDS: Final = "The last day is before the first one. Swap them, or leave one out."


@dataclass(frozen=True, slots=True)
class Days:
    """From the first day to the last one, both with them; None where there is no end."""

    first: date | None = None
    last: date | None = None

    @property
    def since(self) -> datetime | None:
        """When they begin."""
        return None if self.first is None else _midnight(self.first)

    @property
    def until(self) -> datetime | None:
        """When they are over."""
        return None if self.last is None else _midnight(self.last + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Span:
    """From the first day to the last one, both with them."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        """When it begins."""
        return _midnight(self.first)

    @property
    def until(self) -> datetime:
        """When it is over."""
        return _midnight(self.last + timedelta(days=1))


def read_days(first: str, last: str) -> tuple[Days, dict[str, str]]:
    """The days that were typed, and what is wrong with them, by `from` and `to`."""
    problems: dict[str, str] = {}
    days = Days(_read("from", first, problems), _read("to", last, problems))
    if not problems and days.first and days.last and days.last < days.first:
        problems["to"] = BACKWARDS
    return (Days() if problems else days), problems


def _read(name: str, typed: str, problems: dict[str, str]) -> date | None:
    if not typed.strip():
        return None
    try:
        day = datetime.strptime(typed.strip(), "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        problems[name] = NO_DAY
        return None
    if not FIRST <= day < LAST:
        problems[name] = NO_DAY
        return None
    return day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
