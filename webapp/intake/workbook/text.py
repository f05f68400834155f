"""A cell of a workbook as text: what it shows, as far as it shows the whole value.

Whole numbers have all their digits and no ".0". Other numbers have at most fifteen significant digits, as spreadsheet
programs show them: 0.1 + 0.2 is stored with the noise of binary fractions and is 0.3 for whoever looks at it. Dates are
2026-01-31, with times 2026-01-31 14:30:00, times 14:30:00, durations 26:30:00; booleans TRUE and FALSE; errors #N/A.
"""

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from webapp.intake.workbook.formats import Kind, Shown

LINE_BREAK = "\ufdd0"  # stands for a line break inside a cell: Unicode keeps it for such use, so no text has it
SPACES = " \t\r\n"  # around a text they mean nothing, unless the workbook says that they are to be kept
NOT_WORKED_OUT = "=(not worked out)"

_NEEDLESS = re.compile(r"\.[0-9]*+(?<![1-9])")  # zeros at the end of a fraction
_SPECIAL = re.compile('[",\r\n_]')
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BREAKS = re.compile(r"\r\n|\r|\n")
_REFERENCE = re.compile(r"&(?:#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6})|(lt|gt|amp|quot|apos));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_DIGITS_SHOWN = 15
_SHOWN = f"%.{_DIGITS_SHOWN}g"
_NOT_PLAIN = re.compile("[a-z]|-0(?![.])")  # an exponent, no number, or nothing below zero
_LONGEST_PLAIN = 40
_DAY_S = 86_400
_LAST_DAY = 2_958_465  # 9999-12-31
_LEAP_1900 = 60  # spreadsheet programs have a 29 February 1900
_MOST_REMEMBERED = 100_000


class Texts(dict[str, str]):
    """What values become, remembered, for most of them come again."""

    def __init__(self, convert: Callable[[str], str]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, value: str) -> str:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        text = self[value] = self._convert(value)
        return text


def unescape(xml: str) -> str:
    """Text as it was before it was put into XML."""
    return _REFERENCE.sub(_character, xml) if "&" in xml else xml


def csv_cells(texts: Iterable[str]) -> list[str]:
    """As `csv_cell` each of them."""
    special = _SPECIAL.search
    return [csv_cell(text) if special(text) else text for text in texts]


def csv_cell(text: str) -> str:
    """Text as a cell of CSV without a line break."""
    if "_x" in text:
        text = _ESCAPED.sub(_unless_control, _BREAKS.sub("\n", text))
    text = _BREAKS.sub(LINE_BREAK, text)
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text


def with_line_breaks(cell: str) -> str:
    """A cell of a workbook's text with the line breaks that it has in the workbook."""
    return cell.replace(LINE_BREAK, "\n")


def converter(shown: Shown, *, since_1904: bool) -> Callable[[str], str]:
    """What makes text of the numbers of cells that are shown so."""
    if shown.kind is Kind.zeros:
        return lambda value: _with_zeros(value, shown.pattern)
    if shown.kind is Kind.number:
        return number_text
    return lambda value: _time_text(value, shown.kind, since_1904=since_1904)


def number_texts(values: Sequence[str]) -> Sequence[str]:
    """As `number_text` each of them."""
    joined = "\0".join(values)
    bare = joined.replace("\0", "")
    if bare.isdecimal():
        return values
    if not bare.replace(".", "").isdecimal() or _NEEDLESS.search(joined):
        return list(map(number_text, values))
    if max(map(len, values)) <= _DIGITS_SHOWN:
        return values
    shown = iter(_rounded([value for value in values if len(value) > _DIGITS_SHOWN]))
    return [value if len(value) <= _DIGITS_SHOWN else next(shown) for value in values]


def _rounded(values: Sequence[str]) -> Sequence[str]:
    texts = list(map(_SHOWN.__mod__, map(float, values)))
    if _NOT_PLAIN.search("\0".join(texts)):
        return [
            number_text(value) if _NOT_PLAIN.search(text) else text for value, text in zip(values, texts, strict=True)
        ]
    return texts


def number_text(value: str) -> str:
    """A number without exponent, needless zeros, or digits beyond what is shown; whole ones with all their digits."""
    try:
        text = _SHOWN % float(value)
    except ValueError:
        return csv_cell(value)
    if not _NOT_PLAIN.search(text):
        return text
    try:
        number = Decimal(value.strip())
    except InvalidOperation:
        return csv_cell(value)
    if not number:
        return "0"
    if number.adjusted() < _DIGITS_SHOWN:
        number = Decimal(text)
    return f"{number:f}" if abs(number.adjusted()) < _LONGEST_PLAIN else text


def _with_zeros(value: str, pattern: str) -> str:
    text = number_text(value)
    places = pattern.count("0")
    if not (text.isascii() and text.isdigit()) or len(text) > places:
        return text
    digits = iter(text.zfill(places))
    return "".join(next(digits) if mark == "0" else mark for mark in pattern)


def _time_text(value: str, kind: Kind, *, since_1904: bool) -> str:
    try:
        serial = float(value)
    except ValueError:
        return number_text(value)
    seconds = round(serial * _DAY_S) if abs(serial) <= _LAST_DAY else -1
    if seconds < 0:
        return number_text(value)
    if kind is Kind.elapsed:
        return f"{seconds // 3600:02}{clock(seconds)[2:]}"
    days = seconds // _DAY_S
    if days == 0 and not since_1904:
        return clock(seconds) if seconds or kind is not Kind.date else number_text(value)
    if kind is Kind.time and days == 0:
        return clock(seconds)
    day = _day(int(serial) if kind is Kind.date else days, since_1904=since_1904)
    return day if kind is Kind.date else f"{day} {clock(seconds)}"


def _day(days: int, *, since_1904: bool) -> str:
    if since_1904:
        return (date(1904, 1, 1) + timedelta(min(days, _LAST_DAY - 1462))).isoformat()
    if days == _LEAP_1900:
        return "1900-02-29"
    return (date(1899, 12, 31 if days < _LEAP_1900 else 30) + timedelta(days)).isoformat()


def clock(seconds: int) -> str:
    """The time of day, so many seconds after a midnight."""
    minutes, second = divmod(seconds % _DAY_S, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{second:02}"


def _character(found: re.Match[str]) -> str:
    if found[3]:
        return _NAMED[found[3]]
    code = int(found[1] or found[2], 10 if found[1] else 16)
    return "\ufffd" if code > sys.maxunicode or _is_half(code) else chr(code)


def _unless_control(found: re.Match[str]) -> str:
    """The character that was escaped; one that text does not have stays escaped."""
    code = int(found[1], 16)
    return found[0] if (code < ord(" ") and code not in b"\t\n\r") or _is_half(code) else chr(code)


def _is_half(code: int) -> bool:
    """Half of a character, which is none."""
    return "\ud800" <= chr(code) <= "\udfff"
