"""Values of columns in one way of writing: dates, numbers, phone numbers, countries and e-mail addresses."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeVar

from webapp.intake.values import ColumnType, parse_cell
from webapp.intake.values.days import wrong_date
from webapp.services.cleaning.cells import EMAIL, LONGEST_EMAIL
from webapp.services.cleaning.countries import Form, country

Normal = Callable[[str], str]
"""A text that is not blank in the one way of writing. Raises ValueError with what is wrong with the text."""

DateStyle = Literal["iso", "dmy_dot", "dmy_slash", "mdy_slash"]
DateOrder = Literal["auto", "dmy", "mdy"]
T = TypeVar("T")
Mark = Literal[".", ","]

_DATES: dict[DateStyle, str] = {
    "iso": "%Y-%m-%d",
    "dmy_dot": "%d.%m.%Y",
    "dmy_slash": "%d/%m/%Y",
    "mdy_slash": "%m/%d/%Y",
}
READ_DAYS, COUNTRY_OF_PHONES = "Read 03/04/2026", "Country of phone numbers"
"""What the form calls the choices that settle a doubt."""
EITHER_DAY = f"could be day/month or month/day: choose which comes first in “{READ_DAYS}”"
_EITHER_MARK = "could be a number with thousands or with decimals: write it without marks for thousands"


def dates(style: DateStyle, order: DateOrder) -> Normal:
    """Dates, with their time if they have one. `auto` takes those that mean the same in either order."""

    def normal(text: str) -> str:
        value = _one_of(text, ("iso", "ymd", "ymd8"), _moment)
        if value is None:
            orders = ("dmy2", "mdy2") if order == "auto" else (f"{order}2",)
            value = _only_one(text, orders, _moment, EITHER_DAY)
        if value is None:
            raise ValueError(wrong_date(text))
        day = f"{value.year:04}-{value:%m-%d}" if style == "iso" else value.strftime(_DATES[style])
        return f"{day} {value.timetz().isoformat()}" if isinstance(value, datetime) else day

    return normal


def numbers(mark: Mark, found: Mark | None) -> Normal:
    """Numbers without thousands, currencies and the like; `found` is the decimal mark of the file, if it is known."""

    def normal(text: str) -> str:
        styles = (f"{found}+",) if found else (".+", ",+")
        value = _only_one(text, styles, _number, _EITHER_MARK)
        if value is None:
            raise ValueError("is not a number")
        return f"{value:f}".replace(".", mark)

    return normal


def phones(region: str | None) -> Normal:
    """Phone numbers as +4930901820; those without +49 or the like are numbers of the region."""
    import phonenumbers  # noqa: PLC0415 (heavy: only who needs it waits for it)

    def normal(text: str) -> str:
        international = f"+{text[2:]}" if text.startswith("00") else text
        try:
            number = phonenumbers.parse(international, region)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_valid_number(number):
            where = (
                ""
                if region or international.startswith("+")
                else f": choose the “{COUNTRY_OF_PHONES}”, or begin it with +49 or the like"
            )
            raise ValueError(f"is not a phone number{where}")
        if number.extension:
            raise ValueError("has an extension, for which +4930901820 has no place")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    return normal


def countries(form: Form) -> Normal:
    """Countries by their code of two or three letters, or by their English name."""
    return lambda text: str(getattr(country(text), form))


def emails(text: str) -> str:
    """An address with the part behind the @ in small letters: before it, case may matter."""
    if len(text) > LONGEST_EMAIL or not EMAIL.fullmatch(text):
        raise ValueError("is not an e-mail address")
    name, _, host = text.rpartition("@")
    return f"{name}@{host.lower()}"


def _moment(text: str, style: str) -> date | datetime:
    try:
        return _checked(parse_cell(text, ColumnType.DATE, style))
    except ValueError:
        return _checked(parse_cell(text, ColumnType.DATETIME, style))


def _checked(value: object) -> date | datetime:
    assert isinstance(value, date)  # noqa: S101 (a datetime is one too)
    return value


def _number(text: str, style: str) -> Decimal:
    value = parse_cell(text, ColumnType.DECIMAL, style)
    assert isinstance(value, Decimal)  # noqa: S101
    return value


def _one_of(text: str, styles: tuple[str, ...], read: Callable[[str, str], T]) -> T | None:
    for style in styles:
        try:
            return read(text, style)
        except ValueError:
            continue
    return None


def _only_one(text: str, styles: tuple[str, ...], read: Callable[[str, str], T], either: str) -> T | None:
    """What the text means in all the styles that it fits.

    Raises:
        ValueError: it means several things.
    """
    found = [value for style in styles if (value := _one_of(text, (style,), read)) is not None]
    if any(value != found[0] for value in found):
        raise ValueError(either)
    return found[0] if found else None
