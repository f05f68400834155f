"""Dates of one column with day and month in both orders: some cells can only be the one, some only the other."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from webapp.intake.damage import Damage, DamageKind
from webapp.intake.damage_watch import Cells, Pattern, Tally
from webapp.intake.values import ColumnType

_DAY = re.compile(
    r"(?P<first>[0-9]{1,2})(?P<part>[-/.])(?P<second>[0-9]{1,2})(?P=part)(?:[0-9]{4}|[0-9]{2})(?![0-9/.-])"
)
_MONTHS: Final = 12
_MOST_SEEN = 10_000
_MOSTLY = 0.6


class MixedDays:
    """Counts the cells of each order; the fewer ones are the damaged."""

    def __init__(self, column: Pattern) -> None:
        self._name = column.name
        self._orders = {"dmy": Tally(), "mdy": Tally()}
        self._seen: dict[str, str] = {}

    def look(self, cells: Cells) -> None:
        for text, line in zip(cells.texts, cells.lines, strict=True):
            order = self._seen.get(text)
            if order is None:
                order = self._order(text)
            if order:
                self._orders[order].add(line, text)

    def found(self) -> Iterator[Damage]:
        fewer = min(self._orders.values(), key=lambda tally: tally.count)
        if fewer.count:
            yield fewer.damage(DamageKind.MIXED_DAYS, self._name)

    def _order(self, text: str) -> str:
        """The only order the text can have, or nothing."""
        order = _order_of(text)
        if len(self._seen) < _MOST_SEEN:
            self._seen[text] = order
        return order


def _order_of(text: str) -> str:
    found = _DAY.match(text.lstrip())
    first, second = (int(found["first"]), int(found["second"])) if found else (0, 0)
    if not (0 < first <= 31 and 0 < second <= 31) or (first > _MONTHS) == (second > _MONTHS):  # noqa: PLR2004 - days
        return ""
    return "dmy" if first > _MONTHS else "mdy"


def has_days(column: Pattern, texts: Iterable[str]) -> bool:
    """Whether the column holds dates whose order can be mixed up. A mixed one is text to all who guess its type."""
    if column.kind in {ColumnType.DATE, ColumnType.DATETIME}:
        return column.style in {"dmy", "mdy", "dmy2", "mdy2"}
    if column.kind is not ColumnType.TEXT:
        return False
    days = Counter(bool(_DAY.match(text.lstrip())) for text in texts if text.strip())
    return days[True] > _MOSTLY * days.total()
