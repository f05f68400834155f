"""Dates and times in the world's ways of writing."""
# ruff: noqa: DTZ001, DTZ007 - moments as they are written, mostly without a zone

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.intake.guess import guess_type
from webapp.intake.values import ColumnType, fits, parse_cell
from webapp.intake.values.months import MONTHS


def names(text: str) -> list[str]:
    return text.split()


ENGLISH = names("January February March April May June July August September October November December")
GERMAN = names("Januar Februar März April Mai Juni Juli August September Oktober November Dezember")
FRENCH = names("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.")
POLISH = names("stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia")


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("2026-01-31", "iso"),
        ("2026/1/31", "ymd"),
        ("2026.01.31", "ymd"),
        ("2026. 01. 31.", "ymd"),
        ("2026年1月31日", "ymd"),
        ("2026-Jan-31", "ymd"),
        ("31/01/2026", "dmy"),
        ("31.1.2026", "dmy"),
        ("31. 1. 2026", "dmy"),
        ("31-Jan-2026", "dmy"),
        ("31JAN2026", "dmy"),
        ("31 January 2026", "dmy"),
        ("31st of January 2026", "dmy"),
        ("31. Januar 2026", "dmy"),
        ("Samstag, 31. Januar 2026", "dmy"),
        ("Sat, 31 Jan 2026", "dmy"),
        ("31 janvier 2026", "dmy"),
        ("31 de enero de 2026", "dmy"),
        ("31 gennaio 2026", "dmy"),
        ("31 de janeiro de 2026", "dmy"),
        ("31 januari 2026", "dmy"),
        ("31 stycznia 2026", "dmy"),
        ("01/31/2026", "mdy"),
        ("Jan 31, 2026", "mdy"),
        ("January 31st, 2026", "mdy"),
        ("Saturday, January 31, 2026", "mdy"),
        ("Jan-31-2026", "mdy"),
        ("31/01/26", "dmy2"),
        ("31-Jan-26", "dmy2"),
        ("1/31/26", "mdy2"),
        ("26-01-31", "ymd2"),
        ("20260131", "ymd8"),
    ],
)
def test_a_date_is_read_in_its_style(text: str, style: str) -> None:
    assert parse_cell(text, ColumnType.DATE, style) == date(2026, 1, 31)
    guess = guess_type([text, "26-02-28"] if style == "ymd2" else [text])
    assert (guess.kind, guess.style) == (ColumnType.DATE, style)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("2026-02-30", "iso"),
        ("2026-1-31", "iso"),
        ("31/01-2026", "dmy"),
        ("31/01/20261", "dmy"),
        ("31/13/2026", "dmy"),
        ("31 Smarch 2026", "dmy"),
        ("Someday, 31 Jan 2026", "dmy"),
        ("31/01/26", "dmy"),
        ("31/01/2026 14:30", "dmy"),
        ("0000-01-01", "iso"),
        ("18001301", "ymd8"),
        ("Mar-01", "mdy"),
    ],
)
def test_what_is_no_date_of_the_style_is_refused(text: str, style: str) -> None:
    with pytest.raises(ValueError, match=r"is (not )?a date"):
        parse_cell(text, ColumnType.DATE, style)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("soon", "is not a date: write it as 2026-01-31"),
        ("18001301", "is not a date: write it as 2026-01-31"),
        ("05.05.2024", "is a date written in another way than the others of its column: write it as 2026-01-31"),
        ("5 May 2024", "is a date written in another way than the others of its column: write it as 2026-01-31"),
        ("31.02.1990", "is not a date: there is no 31 February"),
        ("1990-02-30", "is not a date: there is no 30 February"),
        ("02/30/1990", "is not a date: there is no 30 February"),
        ("31 Apr 1990", "is not a date: there is no 31 April"),
        ("2023-02-29", "is not a date: there is no 29 February 2023"),
    ],
)
def test_a_day_that_does_not_exist_and_another_way_of_writing_are_told_apart(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        parse_cell(text, ColumnType.DATE, "iso")


def test_a_moment_on_a_day_that_does_not_exist_is_told_as_such() -> None:
    with pytest.raises(ValueError, match="is not a date and time: there is no 30 February"):
        parse_cell("2026-02-30 14:30", ColumnType.DATETIME, "iso")
    with pytest.raises(ValueError, match="is a date and time written in another way than the others of its column"):
        parse_cell("31.01.2026 14:30", ColumnType.DATETIME, "iso")


def test_years_of_two_digits_lie_between_1969_and_2068() -> None:
    assert parse_cell("01/02/69", ColumnType.DATE, "dmy2") == date(1969, 2, 1)
    assert parse_cell("01/02/68", ColumnType.DATE, "dmy2") == date(2068, 2, 1)
    assert parse_cell("01/02/1950", ColumnType.DATE, "dmy2") == date(1950, 2, 1)


@pytest.mark.parametrize(
    ("text", "style", "moment"),
    [
        ("2026-01-31 14:30", "iso", datetime(2026, 1, 31, 14, 30)),
        ("2026-01-31T14:30:15.5", "iso", datetime(2026, 1, 31, 14, 30, 15, 500_000)),
        ("2026-01-31 14:30:15.1234567", "iso", datetime(2026, 1, 31, 14, 30, 15, 123_456)),
        ("2026-01-31 14:30:15,25", "iso", datetime(2026, 1, 31, 14, 30, 15, 250_000)),
        ("2026-01-31T14:30:00Z", "iso", datetime(2026, 1, 31, 14, 30, tzinfo=UTC)),
        ("2026-01-31 14:30:00 UTC", "iso", datetime(2026, 1, 31, 14, 30, tzinfo=UTC)),
        ("2026-01-31 14:30:00+01", "iso", datetime(2026, 1, 31, 14, 30, tzinfo=timezone(timedelta(hours=1)))),
        (
            "2026-01-31 14:30 -0530",
            "iso",
            datetime(2026, 1, 31, 14, 30, tzinfo=timezone(-timedelta(hours=5, minutes=30))),
        ),
        ("2026/01/31 2:30:00 PM GMT+1", "ymd", datetime(2026, 1, 31, 14, 30, tzinfo=timezone(timedelta(hours=1)))),
        ("31/01/2026 2:30 PM", "dmy", datetime(2026, 1, 31, 14, 30)),
        ("31.01.2026, 14:30 Uhr", "dmy", datetime(2026, 1, 31, 14, 30)),
        ("31.1.2026 14.30", "dmy", datetime(2026, 1, 31, 14, 30)),
        ("31/01/2026 à 14h30", "dmy", datetime(2026, 1, 31, 14, 30)),
        ("Jan 31, 2026, 12:05:10 AM", "mdy", datetime(2026, 1, 31, 0, 5, 10)),
        ("Jan 31, 2026 at 2:30 p.m.", "mdy", datetime(2026, 1, 31, 14, 30)),
        ("31/01/26 14:30", "dmy2", datetime(2026, 1, 31, 14, 30)),
        ("Sat, 31 Jan 2026 14:30:00 GMT", "dmy", datetime(2026, 1, 31, 14, 30, tzinfo=UTC)),
        ("20260131143000", "ymd8", datetime(2026, 1, 31, 14, 30)),
        ("20260131T143000", "ymd8", datetime(2026, 1, 31, 14, 30)),
        ("20260131 14:30", "ymd8", datetime(2026, 1, 31, 14, 30)),
    ],
)
def test_a_date_and_time_is_read_in_its_style(text: str, style: str, moment: datetime) -> None:
    assert parse_cell(text, ColumnType.DATETIME, style) == moment
    guess = guess_type([text])
    assert (guess.kind, guess.style) == (ColumnType.DATETIME, style)


@pytest.mark.parametrize("text", ["2026-01-31", "2026-01-31 24:00", "2026-01-31 14", "2026-01-31 14:30 CET", "14:30"])
def test_what_is_no_date_and_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date and time: write it as 2026-01-31 14:30"):
        parse_cell(text, ColumnType.DATETIME, "iso")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("14:30", time(14, 30)),
        ("2:30 PM", time(14, 30)),
        ("12 am", time(0)),
        ("14:30:15.25", time(14, 30, 15, 250_000)),
        ("14h30", time(14, 30)),
        ("9:05", time(9, 5)),
    ],
)
def test_a_time_of_day_is_read(text: str, value: time) -> None:
    assert parse_cell(text, ColumnType.TIME) == value


@pytest.mark.parametrize("text", ["14.30", "24:00", "13:00 PM", "0:30 PM", "14", "10:00-12:00", "5 mm"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    assert not fits(text, ColumnType.TIME)


def test_every_month_has_names_in_each_language() -> None:
    for names in (ENGLISH, GERMAN, FRENCH, POLISH):
        assert [MONTHS[name.lower().rstrip(".")] for name in names] == list(range(1, 13))


DAY_WRITERS = [
    lambda day: day.strftime("%Y-%m-%d"),
    lambda day: f"{day.year:04}/{day.month}/{day.day}",
    lambda day: day.strftime("%d/%m/%Y"),
    lambda day: f"{day.day}.{day.month}.{day.year:04}",
    lambda day: day.strftime("%m/%d/%Y"),
    lambda day: f"{day.month}-{day.day}-{day.year:04}",
    lambda day: f"{day.day} {ENGLISH[day.month - 1]} {day.year:04}",
    lambda day: f"{ENGLISH[day.month - 1][:3]} {day.day:02}, {day.year:04}",
    lambda day: f"{day.day:02}-{ENGLISH[day.month - 1][:3].upper()}-{day.year:04}",
    lambda day: f"{day.day}. {GERMAN[day.month - 1]} {day.year:04}",
    lambda day: f"{day.day} {FRENCH[day.month - 1]} {day.year:04}",
    lambda day: f"{day.day} {POLISH[day.month - 1]} {day.year:04}",
    lambda day: day.strftime("%Y%m%d"),
]
DAYS = st.lists(st.dates(date(1900, 1, 1), date(2099, 12, 31)), min_size=1, max_size=30)


@given(DAYS, st.sampled_from(DAY_WRITERS))
def test_a_column_of_dates_in_any_style_comes_back(days: list[date], write: object) -> None:
    days = [*days, date(2026, 1, 31)]
    cells = [write(day) for day in days]  # type: ignore[operator] # a lambda of the list above
    guess = guess_type(cells)
    assert (guess.kind, guess.other) == (ColumnType.DATE, None)
    assert [parse_cell(cell, guess.kind, guess.style) for cell in cells] == days


@given(DAYS, st.sampled_from(["%d/%m/%y", "%m/%d/%y", "%d.%m.%y"]))
def test_dates_with_years_of_two_digits_come_back(days: list[date], form: str) -> None:
    days = [day.replace(year=1969 + day.year % 100) for day in days if (day.month, day.day) != (2, 29)]
    days = [*days, date(2026, 1, 31), date(1999, 1, 31)]
    guess = guess_type([day.strftime(form) for day in days])
    assert guess.kind is ColumnType.DATE
    assert [parse_cell(day.strftime(form), guess.kind, guess.style) for day in days] == days


CLOCKS = ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S%p", "%H:%M:%S.%f"]


@given(
    st.lists(st.datetimes(datetime(1970, 1, 1), datetime(2068, 1, 1)), min_size=1, max_size=20),
    st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d"]),
    st.sampled_from([" ", ", ", "T"]),
    st.sampled_from(CLOCKS),
)
def test_a_column_of_moments_in_any_style_comes_back(moments: list[datetime], day: str, part: str, clock: str) -> None:
    form = day + part + clock
    moments = [datetime.strptime(moment.strftime(form), form) for moment in [*moments, datetime(2026, 1, 31, 14, 30)]]
    guess = guess_type([moment.strftime(form) for moment in moments])
    assert (guess.kind, guess.other) == (ColumnType.DATETIME, None)
    assert [parse_cell(moment.strftime(form), guess.kind, guess.style) for moment in moments] == moments
