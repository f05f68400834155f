"""Figures and times as people read them: the filters that templates may use."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
KILO: Final = 1000
LONGEST_COUNTDOWN: Final = 30  # days
UNITS: Final = ("kB", "MB", "GB", "TB")


def number(count: int) -> str:
    """``1234`` as ``1,234``."""
    return f"{count:,}"


def plural(count: int, word: str, words: str | None = None) -> str:
    """A number with its word: ``1 row``, ``1,234 rows``; ``words`` where an s is not enough."""
    return f"{number(count)} {word if count == 1 else words or word + 's'}"


def size(count: int) -> str:
    """Bytes in decimal units, as file managers show them: ``98 MB``, ``1.2 kB``, ``1 byte``."""
    if count < KILO:
        return plural(count, "byte")
    amount = count / KILO
    units = iter(UNITS)
    unit = next(units)
    while round(amount) >= KILO and unit != UNITS[-1]:
        amount, unit = amount / KILO, next(units)
    return f"{_short(amount)} {unit}"


def percent(done: int, total: int, *, ended: bool = True) -> str:
    """A whole percentage. 100 only when all is done and ``ended``, 0 only when nothing is done."""
    if total <= 0:
        return "100 %" if ended else "0 %"
    nearest = (200 * done + total) // (2 * total)
    share = min(nearest, 100 if ended and done >= total else 99)
    return "under 1 %" if done and not share else f"{share} %"


def duration(length: float | timedelta) -> str:
    """A length of time in its two largest units: ``2 minutes``, ``1 hour 5 minutes``. Seconds if a number."""
    seconds = int(length.total_seconds() if isinstance(length, timedelta) else length)
    if seconds < 1:
        return "under a second"
    if seconds < MINUTE:
        return plural(seconds, "second")
    if seconds < HOUR:
        return plural(seconds // MINUTE, "minute")
    if seconds < DAY:
        return _pair(seconds // HOUR, "hour", seconds % HOUR // MINUTE, "minute")
    return _pair(seconds // DAY, "day", seconds % DAY // HOUR, "hour")


def ago(moment: datetime, now: datetime | None = None) -> str:
    """How far away a moment is: ``5 minutes ago``, ``in 2 hours``; a date when more than a month away.

    Raises:
        ValueError: ``moment`` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    gap = ((now or datetime.now(UTC)) - moment).total_seconds()
    if abs(gap) < MINUTE:
        return "just now" if gap >= 0 else "in under a minute"
    if abs(gap) >= 30 * DAY:
        return f"{moment.day} {moment:%b %Y}"
    words = _largest_unit(int(abs(gap)))
    return f"{words} ago" if gap > 0 else f"in {words}"


def exact(moment: datetime) -> str:
    """The moment in full: ``20 Nov 2026, 04:15:09 UTC``."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M:%S} UTC"


def in_zone(moment: datetime, zone: str) -> str:
    """The moment as clocks in a zone show it: ``Mon 23 Nov 2026, 07:30 CET``."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M %Z}"


def until(moment: datetime, zone: str, now: datetime | None = None) -> str:
    """How far away a moment to come is, by the calendar of a zone: ``tomorrow``, ``in 3 days``; else nothing."""
    present = now or datetime.now(UTC)
    days = (moment.astimezone(ZoneInfo(zone)).date() - present.astimezone(ZoneInfo(zone)).date()).days
    if moment <= present or days > LONGEST_COUNTDOWN:
        return ""
    if moment - present < timedelta(hours=12) or not days:
        return ago(moment, present)
    return "tomorrow" if days == 1 else f"in {plural(days, 'day')}"


def capitalize_first(text: str) -> str:
    """The same with a capital at its beginning, and nothing else changed."""
    return text[:1].upper() + text[1:]


def at(moment: datetime) -> str:
    """A moment to come, to the minute: ``on 20 Nov 2026 at 14:32 UTC``."""
    utc = moment.astimezone(UTC)
    return f"on {utc.day} {utc:%b %Y} at {utc:%H:%M} UTC"


def stack(counts: Sequence[int], least: float = 0.8) -> list[tuple[float, float]]:
    """Left edge and width, in percent, of each part of a bar that shows ``counts``.

    No part that counts anything is thinner than ``least``: 3 rows in a million are still seen.
    """
    total = sum(counts)
    if not total:
        return [(0.0, 0.0) for _ in counts]
    widths = [max(100 * count / total, least) if count else 0.0 for count in counts]
    widest = widths.index(max(widths))
    widths[widest] -= sum(widths) - 100
    return [(round(sum(widths[:place]), 3), round(width, 3)) for place, width in enumerate(widths)]


def _short(amount: float) -> str:
    one_place = f"{amount:.1f}"
    return one_place.removesuffix(".0") if len(one_place) == len("0.0") else f"{amount:,.0f}"


def _pair(large: int, large_word: str, small: int, small_word: str) -> str:
    first = plural(large, large_word)
    return f"{first} {plural(small, small_word)}" if small else first


def _largest_unit(seconds: int) -> str:
    if seconds < HOUR:
        return plural(seconds // MINUTE, "minute")
    if seconds < DAY:
        return plural(seconds // HOUR, "hour")
    return plural(seconds // DAY, "day")


FILTERS: Final[dict[str, Callable[..., object]]] = {
    "number": number,
    "plural": plural,
    "bytes": size,
    "percent": percent,
    "duration": duration,
    "ago": ago,
    "exact": exact,
    "in_zone": in_zone,
    "until": until,
    "capitalize_first": capitalize_first,
    "at": at,
    "stack": stack,
}
"""By the name a template uses; ``environment.filters.update(FILTERS)``."""
