"""Columns of dates: the order of day, month and year is decided on all cells together."""

from collections.abc import Iterator, Sequence
from datetime import date

from webapp.intake.guess.sample import Found, Sample, Style
from webapp.intake.values import ColumnType, parse_cell

_ORDERS = ("iso", "ymd", "dmy", "mdy", "dmy2", "mdy2", "ymd2", "ymd8")
_SWAPPED = {"dmy": "mdy", "mdy": "dmy", "dmy2": "mdy2", "mdy2": "dmy2"}


def find_date(sample: Sample) -> Found | None:
    """The order of a column of dates."""
    return _find(sample, ColumnType.DATE)


def find_datetime(sample: Sample) -> Found | None:
    """The order of a column of dates with a time."""
    return _find(sample, ColumnType.DATETIME)


def find_joined(sample: Sample) -> Found | None:
    """A column of dates such as 20260131, with a time or without."""
    for kind in (ColumnType.DATE, ColumnType.DATETIME):
        style = Style(kind, "ymd8")
        if sample.misfits(style) is not None:
            return Found(style)
    return None


def _find(sample: Sample, kind: ColumnType) -> Found | None:
    if all(map(str.isdecimal, sample.first())):
        return None
    best = sample.best(Style(kind, order) for order in _ORDERS)
    if best is None:
        return None
    best = _with_alike_years(sample, best)
    other = _other(sample, best)
    if other and _is_daily(sample, other, best):
        best, other = other, best
    return Found(best, other)


def _with_alike_years(sample: Sample, best: Style) -> Style:
    """Of years with two digits in front or behind, the reading with fewer different years."""
    rival = Style(best.kind, "ymd2")
    if not best.style.endswith("2") or sample.misfits(rival) is None:
        return best
    return rival if _years(sample, rival) < _years(sample, best) else best


def _years(sample: Sample, style: Style) -> int:
    return len({value.year for value in _values(sample, style)})


def _values(sample: Sample, style: Style) -> Iterator[date]:
    values = (parse_cell(text, *style) for text in sample.fitting(style))
    return (value for value in values if isinstance(value, date))


def _is_daily(sample: Sample, style: Style, rival: Style) -> bool:
    """Whether the days lie closer together than the rival's, which are not the first of each month either."""
    days, others = list(_values(sample, style)), list(_values(sample, rival))
    return _span(days) < _span(others) and any(day.day > 1 for day in others)


def _span(days: Sequence[date]) -> int:
    numbers = [day.toordinal() for day in days]
    return max(numbers) - min(numbers)


def _other(sample: Sample, best: Style) -> Style | None:
    """The same with day and month swapped, if no cell speaks against it. Dots are never written month first."""
    swapped = Style(best.kind, _SWAPPED.get(best.style, ""))
    misfits = sample.misfits(swapped) if swapped.style else None
    if misfits is None or misfits - (sample.misfits(best) or frozenset()):
        return None
    if best.style.startswith("dmy") and all(text.count(".") > 1 for text in sample.fitting(best)):
        return None
    return swapped
