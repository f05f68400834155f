"""Reports: the days that are meant, texts that every format can hold, figures that stay exact."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from webapp.authoring import JobError
from webapp.services.reports.csv import csv_of
from webapp.services.reports.html import html_of
from webapp.services.reports.model import Column, Drawing, Report, Section, Value
from webapp.services.reports.pdf import pdf_of
from webapp.services.reports.periods import Period, Range, part_of, part_words, parts, period_of
from webapp.services.reports.sums import Sums
from webapp.services.reports.texts import file_stem, shown, tidy
from webapp.services.reports.xlsx import xlsx_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "today", "first", "last"),
    [
        ("today", "2026-03-01", "2026-03-01", "2026-03-01"),
        ("yesterday", "2026-03-01", "2026-02-28", "2026-02-28"),
        ("yesterday", "2028-03-01", "2028-02-29", "2028-02-29"),
        ("last_7_days", "2026-03-01", "2026-02-22", "2026-02-28"),
        ("last_30_days", "2026-03-31", "2026-03-01", "2026-03-30"),
        ("this_month", "2026-03-01", "2026-03-01", "2026-03-01"),
        ("last_month", "2026-03-31", "2026-02-01", "2026-02-28"),
        ("last_month", "2026-01-01", "2025-12-01", "2025-12-31"),
        ("this_year", "2026-01-01", "2026-01-01", "2026-01-01"),
        ("last_year", "2026-12-31", "2025-01-01", "2025-12-31"),
    ],
)
def test_a_moving_time_is_seen_from_a_day(wanted: Range, today: str, first: str, last: str) -> None:
    period = period_of(wanted, date.fromisoformat(today))
    assert period == Period(date.fromisoformat(first), date.fromisoformat(last))
    assert period.first is not None
    assert period.first in period


@pytest.mark.parametrize(
    ("day", "begins", "ends"),
    [
        ("2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00"),  # 23 hours long
        ("2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00"),  # 25 hours long
    ],
)
def test_a_day_is_as_long_as_the_clock_there_says(day: str, begins: str, ends: str) -> None:
    period, zone = Period(date.fromisoformat(day), date.fromisoformat(day)), ZoneInfo("Europe/Berlin")
    assert period.begins_at(zone) == datetime.fromisoformat(begins).replace(tzinfo=UTC)
    assert period.ends_at(zone) == datetime.fromisoformat(ends).replace(tzinfo=UTC)


@pytest.mark.parametrize(("first", "last"), [(None, None), (date.min, date.max)])
def test_a_time_without_an_end_has_none(first: date | None, last: date | None) -> None:
    period = Period(first, last)
    assert period.begins_at(ZoneInfo("Asia/Tokyo")) is period.ends_at(ZoneInfo("Asia/Tokyo")) is None
    assert date(2026, 1, 1) in period


def test_days_weeks_and_months_follow_each_other_without_a_gap() -> None:
    first, last = date(2026, 12, 28), date(2027, 1, 4)
    assert len(list(parts(first, last, "day"))) == 8
    assert [part_words(part, "week") for part in parts(first, last, "week")] == ["2026-W53", "2027-W01"]
    assert [part_words(part, "month") for part in parts(first, last, "month")] == ["2026-12", "2027-01"]
    assert list(parts(date(9999, 12, 30), date.max, "day")) == [date(9999, 12, 30), date.max]


def test_the_last_days_of_the_calendar_come_to_an_end() -> None:
    assert next(iter(parts(date.max, date.max, "month"))) == date(9999, 12, 1)
    assert part_of(date.min, "week") == date.min


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\r\nb\tc", "a b c"),
        ("a\x00\x1b\ud800\uffff", "a����"),
        ("abc\u202etxt.exe", "abctxt.exe"),
        ("x" * 300, "x" * 199 + "…"),
        ("e\u0301 日本 🙂", "e\u0301 日本 🙂"),
        ("\n" * 10_000 + "a", ""),
    ],
)
def test_a_text_is_one_line_that_every_format_can_hold(text: str, told: str) -> None:
    assert tidy(text) == told


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("What we did", "what-we-did"),
        ("../../etc/passwd", "etc-passwd"),
        ("???", "report"),
        ("Größe & Co.", "größe-co"),
        ("x" * 200, "x" * 60),
    ],
)
def test_a_title_makes_a_name_of_a_file(title: str, stem: str) -> None:
    assert file_stem(title) == stem


def test_sums_are_exact_however_large_their_numbers_are() -> None:
    sums = Sums(1)
    for number in ("99999999999999999999999999999999999999.99", "0.000000000001", None, "-1"):
        sums.add([None if number is None else Decimal(number)])
    told = sums.figures(("sum", "count", "min", "max"), [12])
    assert [shown(each) for each in told] == [
        "99,999,999,999,999,999,999,999,999,999,999,999,998.990000000001",
        "3",
        "-1.000000000000",
        "99,999,999,999,999,999,999,999,999,999,999,999,999.990000000000",
    ]
    assert Sums(1).figures(("sum", "mean", "min", "max", "count"), [0]) == [None, None, None, None, 0]


def section(*rows: tuple[Value, ...], title: str = "By name") -> Section:
    columns = (Column("Name", figures=False), Column("Sum"))
    return Section("names", title, columns, rows, drawing=Drawing("lengths", "Sums", ((1, "c1"),)))


def report(*sections: Section) -> Report:
    return Report("A report", (("Time", "today"),), sections, NOON)


def test_figures_below_zero_are_told_and_not_drawn() -> None:
    page = html_of(report(section(("a", -1), ("b", 2))), charts=True).decode()
    assert "<svg" not in page
    assert '<td class="figure">-1</td>' in page
    assert b"\r\na,-1\r\n" in csv_of(section(("a", -1))).replace(b"\n", b"\r\n").replace(b"\r\r", b"\r")


@pytest.mark.parametrize("titles", [["x" * 40, "x" * 40], ["a/b", "a:b"], ["", "'"], ["History", "ABOUT"]])
def test_every_section_gets_a_sheet_whatever_it_is_called(titles: list[str]) -> None:
    made = xlsx_of(report(*(section(("a", 1), title=title) for title in titles)), charts=True)
    assert len(load_workbook(io.BytesIO(made)).sheetnames) == 3


def test_the_same_report_makes_the_same_bytes() -> None:
    one = report(section(("a", Decimal("1.5")), ("b", 2)))
    for make in (html_of, pdf_of, xlsx_of):
        assert make(one, charts=True) == make(one, charts=True)


def test_what_no_spreadsheet_can_count_is_text_there() -> None:
    figures: list[Value] = [1234567890123456, Decimal("123456789012345.25"), 123456789012345]
    made = xlsx_of(report(section(*(("a", each) for each in figures))), charts=False)
    sheet = load_workbook(io.BytesIO(made))["By name"]
    told = [sheet.cell(row, 2).value for row in (2, 3, 4)]
    assert told == ["1234567890123456", "123456789012345.25", 123456789012345]


def test_a_pdf_that_nobody_reads_is_refused() -> None:
    with pytest.raises(JobError, match="A PDF of 20,001 rows is nothing to read"):
        pdf_of(report(section(*(("a", 1),) * 20_001)), charts=False)


def test_words_as_long_as_a_page_are_broken_in_a_pdf() -> None:
    made = pdf_of(report(section(("x" * 200, 1))), charts=True)
    assert made.startswith(b"%PDF")
