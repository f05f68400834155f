"""Columns of numbers: which mark parts the decimals is decided on all cells together."""

import re
from collections.abc import Iterator

from webapp.intake.guess.codes import find_code_among_numbers
from webapp.intake.guess.days import find_joined
from webapp.intake.guess.sample import Found, Sample, Style
from webapp.intake.values import ColumnType, parse_cell
from webapp.intake.values.currencies import currency_of

_WHOLE, _DECIMAL = ColumnType.INTEGER, ColumnType.DECIMAL
_FLIPPED = {".": ",", ",": "."}
_LONG = re.compile(r"(?<![0-9.,])[1-9][0-9]{3,}(?![0-9.,])")


def find_amount(sample: Sample) -> Found | None:
    """The style of a column of numbers, unless its numbers are codes or dates."""
    best = sample.best(_candidates(sample))
    if best is None:
        return None
    joined = find_joined(sample) if best == Style(_WHOLE, "") else None
    return find_code_among_numbers(sample, best) or joined or _settled(sample, best)


def _candidates(sample: Sample) -> Iterator[Style]:
    yield Style(_WHOLE, "")
    for adorned in ("", "+"):
        for kind in (_WHOLE, _DECIMAL) if adorned else (_DECIMAL,):
            yield from (Style(kind, mark + adorned) for mark in _FLIPPED)
    first = sample.first()
    if any("%" in text or "\uff05" in text for text in first):
        yield from (Style(_DECIMAL, f"{mark}%") for mark in _FLIPPED)
    unit = next(filter(None, map(currency_of, first)), "")
    if unit:
        yield from (Style(_DECIMAL, mark + unit) for mark in _FLIPPED)


def _settled(sample: Sample, best: Style) -> Found:
    """Where the cells can be read with the other mark as well, both readings."""
    if not best.style:
        return Found(best)
    flipped = _with_other_mark(sample, best)
    if flipped is None:
        return Found(best, mark=best.style[0])
    pairs = ((parse_cell(text, *best), parse_cell(text, *flipped)) for text in sample.fitting(best))
    if all(one == other for one, other in pairs):
        return Found(best)
    sign = "," if any("," in text for text in sample.fitting(best)) else "."
    if any(map(_LONG.search, sample.texts)):
        return Found(_marked(sign, best, flipped), mark=sign)  # 1234 beside 1,234: the comma parts no thousands
    return _open(sample, sign, _marked(".", best, flipped), _marked(",", best, flipped))


def _open(sample: Sample, sign: str, point: Style, comma: Style) -> Found:
    """Both readings, the likelier first: money has no three decimals, and `1.234` beside `987` may be thousands."""
    if sign == ",":
        return Found(point, comma, sign)
    if point.style[1:] not in {"", "+", "%"}:
        return Found(comma, point)
    has_short = any(sign not in text for text in sample.fitting(point))
    return Found(point, comma, "" if has_short else sign)


def _with_other_mark(sample: Sample, best: Style) -> Style | None:
    """The style by which the same cells are numbers too, other mark first."""
    mark, unit = _FLIPPED[best.style[0]], best.style[1:] or "+"
    misfits = sample.misfits(best) or frozenset()
    candidates = [Style(_DECIMAL, f"{mark}{unit}")]
    if unit == "+":
        candidates = [Style(_WHOLE, f"{mark}+"), Style(_DECIMAL, mark), *candidates]
    fitting = (style for style in candidates if (found := sample.misfits(style)) is not None and found <= misfits)
    return next(fitting, None)


def _marked(mark: str, *styles: Style) -> Style:
    """The one of the styles with this decimal mark."""
    return next(style for style in styles if style.style[0] == mark)
