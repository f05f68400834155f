"""date: a day of the calendar."""

import re
from datetime import date

from webapp.authoring.kind import SingleLine
from webapp.authoring.spec import Spec

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Day(SingleLine):
    """A day, written 2026-01-31."""

    input_type = "date"

    @classmethod
    def matches(cls, spec: Spec) -> bool:
        return spec.annotation is date

    def complaint(self, raw: object) -> str | None:
        readable = raw is None or isinstance(raw, date) or (isinstance(raw, str) and _DAY.fullmatch(raw))
        # A plain number would pass as the seconds since 1970.
        return super().complaint(raw) or (None if readable else "is not a date: write it as 2026-01-31")

    def attributes(self) -> dict[str, str]:
        names = {"ge": "min", "le": "max"}
        limits = {names[limit]: str(self.spec.limits[limit]) for limit in names if limit in self.spec.limits}
        return super().attributes() | limits
