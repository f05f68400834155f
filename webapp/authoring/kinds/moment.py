"""datetime: a day and a time, in UTC unless another offset is written."""

import re
from datetime import UTC, datetime

from webapp.authoring.kind import SingleLine
from webapp.authoring.spec import Spec

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(?P<offset>Z|[+-]\d\d:?\d\d)?", re.IGNORECASE)


def assume_utc(value: datetime | None) -> datetime | None:
    """The same moment with an offset: one written without is in UTC."""
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Moment(SingleLine):
    """A moment, written 2026-01-31T14:30."""

    input_type = "datetime-local"
    note = "The time is in UTC."

    @classmethod
    def matches(cls, spec: Spec) -> bool:
        return spec.annotation is datetime

    def from_text(self, text: str) -> object:
        written = _MOMENT.fullmatch(text)
        return f"{text}Z" if written and not written["offset"] else text

    def complaint(self, raw: object) -> str | None:
        readable = raw is None or isinstance(raw, datetime) or (isinstance(raw, str) and _MOMENT.fullmatch(raw))
        # A plain number would pass as the seconds since 1970.
        return super().complaint(raw) or (None if readable else "is not a date and time: write it as 2026-01-31T14:30")

    def show(self, value: object) -> str:
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        except ValueError:
            return "" if value is None else str(value)
        moment = moment if moment.tzinfo is None else moment.astimezone(UTC)
        return moment.replace(tzinfo=None).isoformat(timespec="seconds" if moment.second else "minutes")
