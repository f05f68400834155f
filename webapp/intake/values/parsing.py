"""A cell's typed value, by the type and the way of writing of its column."""

from collections.abc import Callable

from webapp.intake.values.amounts import parse_decimal, parse_integer
from webapp.intake.values.booleans import parse_boolean
from webapp.intake.values.clock import parse_time
from webapp.intake.values.days import parse_date, parse_datetime
from webapp.intake.values.kinds import ColumnType
from webapp.intake.values.texts import parse_code, parse_email, parse_text, parse_url


def parse_cell(text: str, kind: ColumnType, style: str = "") -> object:
    """The value of a cell; a blank one is None.

    `style` is the column's way of writing, see `amounts`, `days` and `booleans`; without one, the plainest.

    Raises:
        ValueError: the sentence says what the text is not.
    """
    stripped = text.strip()
    return _PARSERS[kind](stripped, style) if stripped else None


def fits(text: str, kind: ColumnType, style: str = "") -> bool:
    """Whether the text, which is not blank, is a value of the type."""
    return fitter(kind, style)(text.strip())


def fitter(kind: ColumnType, style: str = "") -> Callable[[str], bool]:
    """As `fits`, for many stripped texts."""
    parse = _PARSERS[kind]

    def fit(text: str) -> bool:
        try:
            parse(text, style)
        except ValueError:
            return False
        return True

    return fit


_PARSERS: dict[ColumnType, Callable[[str, str], object]] = {
    ColumnType.INTEGER: parse_integer,
    ColumnType.DECIMAL: parse_decimal,
    ColumnType.DATE: parse_date,
    ColumnType.DATETIME: parse_datetime,
    ColumnType.TIME: parse_time,
    ColumnType.BOOLEAN: parse_boolean,
    ColumnType.EMAIL: parse_email,
    ColumnType.URL: parse_url,
    ColumnType.CODE: parse_code,
    ColumnType.TEXT: parse_text,
}
