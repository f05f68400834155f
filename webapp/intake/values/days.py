"""Dates, alone or with a time, in the world's ways of writing.

A column's style is the order of day, month and year:

- "iso": 2026-01-31 and nothing else
- "ymd", "dmy", "mdy": numbers parted by - / or . , or the month by its name in one of many languages
- "ymd2", "dmy2", "mdy2": the same, where a year may have two digits
- "ymd8": 20260131

A year of two digits lies between 1969 and 2068.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import MAXYEAR, date, datetime, time
from typing import Final

from webapp.intake.values.clock import clock_of
from webapp.intake.values.months import MONTHS, WEEKDAYS

PIVOT: Final = 69
"""Two digits from here on are years of the last century."""
STYLES: Final = ("iso", "ymd", "dmy", "mdy", "dmy2", "mdy2", "ymd2", "ymd8")

_BEHIND = re.compile(r"\Z|[T ,]")
_ISO = r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"
_PLAIN = {
    "iso": re.compile(_ISO),
    "ymd": re.compile(r"(?P<y>[0-9]{4})(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P=s)(?P<d>[0-9]{1,2})(?![0-9.])"),
    "dmy": re.compile(r"(?P<d>[0-9]{1,2})(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P=s)(?P<y>[0-9]{4})(?![0-9])"),
    "mdy": re.compile(r"(?P<m>[0-9]{1,2})(?P<s>[-/.])(?P<d>[0-9]{1,2})(?P=s)(?P<y>[0-9]{4})(?![0-9])"),
    "ymd8": re.compile(r"(?P<y>(?:19|20)[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2})"),
}
_PLAIN_CLOCK = re.compile(
    r"[T ](?P<t>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)(?P<z>Z|[+-][0-9]{2}:?[0-9]{2})?\Z"
)
_DIGITS = re.compile(r"(?<=[0-9]{8})T?([0-9]{2})([0-9]{2})([0-9]{2})?\Z")
_PARTED = re.compile(r"(?:T|,?\s+(?:(?:at|um|à|a las|om|o)\s+)?|-(?=[0-9]{2}:))(?=[0-9])")

_YEARS = {"": r"(?P<y>[0-9]{4})(?![0-9])", "2": r"'?(?P<y>[0-9]{4}|[0-9]{2})(?![0-9])"}
_DAY = r"(?P<d>[0-9]{1,2})(?:st|nd|rd|th|er|º|ª|\.)?"
_NUMBER = r"(?P<m>[0-9]{1,2})"
_NAME = r"(?P<m>[^\W\d_]{3,12})\.?"
_WEEKDAY = r"(?:(?P<w>[^\W\d_]{2,12}(?:-feira)?)\.?,?\s+)?"
_BETWEEN = r"(?:[-/. ]|,? | de | del | of )"
_WIDE: Final[dict[str, tuple[str, ...]]] = {
    "ymd": (
        rf"{{year}}(?P<s>[-/.] ?){_NUMBER}(?P=s)(?P<d>[0-9]{{1,2}})(?:\.(?!\S))?",
        rf"{{year}}年 ?{_NUMBER}月 ?(?P<d>[0-9]{{1,2}})日",
        rf"(?P<y>[0-9]{{4}})[-/. ]{_NAME}[-/. ](?P<d>[0-9]{{1,2}})",
    ),
    "dmy": (
        rf"(?P<d>[0-9]{{1,2}})(?P<s>[-/.] ?){_NUMBER}(?P=s){{year}}",
        rf"{_WEEKDAY}{_DAY}{_BETWEEN}?{_NAME}{_BETWEEN}?{{year}}",
    ),
    "mdy": (
        rf"{_NUMBER}(?P<s>[-/.] ?)(?P<d>[0-9]{{1,2}})(?P=s){{year}}",
        rf"{_WEEKDAY}{_NAME}[-/. ]{_DAY}(?:[-/]|,? ){{year}}",
    ),
}
_PATTERNS = {
    order + years: tuple(re.compile(pattern.replace("{year}", year)) for pattern in patterns)
    for order, patterns in _WIDE.items()
    for years, year in _YEARS.items()
}


_MONTH_NAMES: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_FEBRUARY, _LEAP_DAY, _LAST_DAY = 2, 29, 31


class NoDateError(ValueError):
    """A text is no date as its column writes them. Why is found out only if somebody asks: most are only tried."""

    def __str__(self) -> str:
        return wrong_date(self.args[0], "the others of its column")


class NoMomentError(ValueError):
    """As `NoDateError`, of a date with a time."""

    def __str__(self) -> str:
        return wrong_moment(self.args[0], "the others of its column")


def wrong_date(text: str, than: str = "expected") -> str:
    """What is said of a text that is no date as it should be written; `than` says who writes it otherwise."""
    return _wrong(text, than, "a date", "2026-01-31", lambda end: end == len(text))


def wrong_moment(text: str, than: str = "expected") -> str:
    """As `wrong_date`, of a date with a time."""
    return _wrong(text, than, "a date and time", "2026-01-31 14:30", lambda end: _clock_behind(text, end) is not None)


def _wrong(text: str, than: str, what: str, example: str, is_good: Callable[[int], bool]) -> str:
    if day := _no_such_day(text):
        return f"is not {what}: there is no {day}"
    if any((found := _day_in(text, style)) and is_good(found[1]) for style in STYLES):
        return f"is {what} written in another way than {than}: write it as {example}"
    return f"is not {what}: write it as {example}"


def parse_date(text: str, style: str = "ymd") -> date:
    found = _day_in(text, style or "ymd")
    if found is None or found[1] != len(text):
        raise NoDateError(text)
    return found[0]


def parse_datetime(text: str, style: str = "ymd") -> datetime:
    found = _day_in(text, style or "ymd")
    clock = _clock_behind(text, found[1]) if found else None
    if found is None or clock is None:
        raise NoMomentError(text)
    return datetime.combine(found[0], clock)


def either_way(text: str) -> bool:
    """Whether a text is one date with the day first and another with the month first."""
    first, second = (_day_in(text, order) for order in ("dmy2", "mdy2"))
    return first is not None and second is not None and first != second


def _day_in(text: str, style: str) -> tuple[date, int] | None:
    """The date that the text begins with, and where it ends."""
    plain = _PLAIN.get(style)
    if plain and (found := plain.match(text)):
        try:
            return date(int(found["y"]), int(found["m"]), int(found["d"])), found.end()
        except ValueError:
            return None
    for pattern in _PATTERNS.get(style, ()):
        if found := pattern.match(text):
            return _day(found)
    return None


def _day(found: re.Match[str]) -> tuple[date, int] | None:
    numbers = _numbers(found)
    if numbers is None:
        return None
    try:
        return date(*numbers), found.end()
    except ValueError:
        return None


def _numbers(found: re.Match[str]) -> tuple[int, int, int] | None:
    """Year, month and day, whether there is such a day or not; None if the words are no month or weekday."""
    parts = found.groupdict()
    weekday = parts.get("w")
    month = parts["m"] if parts["m"].isdecimal() else MONTHS.get(parts["m"].lower())
    if month is None or (weekday and weekday.lower() not in WEEKDAYS):
        return None
    return _year(parts["y"]), int(month), int(parts["d"])


def _no_such_day(text: str) -> str:
    """The day that a text would be, had its month so many: 31 February; nothing if that is not so."""
    for style in STYLES:
        plain = _PLAIN.get(style)
        for pattern in (plain, *_PATTERNS.get(style, ())) if plain else _PATTERNS[style]:
            found = pattern.match(text)
            numbers = _numbers(found) if found else None
            if found is None or numbers is None or not _BEHIND.match(text, found.end()):
                continue
            year, month, day = numbers
            if not (1 <= year <= MAXYEAR and 1 <= month <= len(_MONTH_NAMES)):
                continue
            if monthrange(year, month)[1] < day <= _LAST_DAY:
                said = f"{day} {_MONTH_NAMES[month - 1]}"
                return f"{said} {year}" if (month, day) == (_FEBRUARY, _LEAP_DAY) else said
    return ""


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) > 2:  # noqa: PLR2004 - two digits are what needs a century
        return year
    return year + (1900 if year >= PIVOT else 2000)


def _clock_behind(text: str, end: int) -> time | None:
    """The time behind a date, after a T, a comma, a space or a word; or right behind digits, as in 20260131143000."""
    if found := _PLAIN_CLOCK.match(text, end):
        zone = (found["z"] or "").replace("Z", "+00:00")
        try:
            return time.fromisoformat(found["t"] + zone)
        except ValueError:
            return None
    if found := _DIGITS.match(text, end):
        return clock_of(":".join(part for part in found.groups() if part))
    rest = _PARTED.match(text, end)
    return clock_of(text[rest.end() :]) if rest else None
