"""Times of day: 14:30, 2:30 PM, 14:30:15.250, 14h30, with or without a zone."""

import re
from datetime import UTC, time, timedelta, timezone

_CLOCK = re.compile(
    r"(?P<h>[0-9]{1,2})(?:(?P<part>[:.h])(?P<m>[0-9]{2})(?:[:.](?P<s>[0-9]{2})(?:[.,](?P<f>[0-9]{1,9}))?)?)?"
    r"(?:\s?(?P<half>[AaPp])\.?\s?[Mm]\.?)?(?:\s?(?:Uhr|h))?(?:\s?(?P<zone>Z|(?:UTC|GMT)?[+-](?:[0-9]{2}:?[0-9]{2}|[0-9]{1,2})|UTC|GMT))?\Z"
)
_HALF = 12


def clock_of(text: str) -> time | None:
    """The time a text says, or None. Digits beyond a millionth of a second are left away."""
    found = _CLOCK.match(text)
    if not found or not (found["part"] or found["half"]):
        return None
    hour = int(found["h"])
    if found["half"]:
        if not 1 <= hour <= _HALF:
            return None
        hour = hour % _HALF + (_HALF if found["half"] in "Pp" else 0)
    micros = int((found["f"] or "")[:6].ljust(6, "0"))
    try:
        return time(hour, int(found["m"] or 0), int(found["s"] or 0), micros, tzinfo=_zone(found["zone"]))
    except ValueError:
        return None


def parse_time(text: str, _: str = "") -> time:
    found = clock_of(text)
    is_number = text.count(".") == 1 and ":" not in text
    if found is None or found.tzinfo or is_number:  # 10:00-12:00 is a span, no time in a zone
        raise ValueError("is not a time: write it as 14:30")
    return found


def _zone(text: str | None) -> timezone | None:
    """The zone of "Z", "UTC", "+01", "-0530", "GMT+01:00" or "GMT+1"."""
    if not text:
        return None
    offset = text.removeprefix("UTC").removeprefix("GMT").lstrip("Z").replace(":", "")
    if not offset:
        return UTC
    away = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:] or 0))
    return timezone(-away if offset[0] == "-" else away)
