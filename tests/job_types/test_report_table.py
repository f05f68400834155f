"""Report on a table: its sums are those of the rows, whatever the format, and what can't be added up is said."""

import csv
import io
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.job_types.desk import Desk, Ran
from tests.job_types.readers import Tables, table_of_csv, tables_of_book, tables_of_page, words_of_pdf
from webapp.errors import BadInput
from webapp.services.reports import table as of_tables

Csv = Callable[..., Path]
FORMATS = ["html", "pdf", "xlsx", "csv"]
HEADER = "country,city,amount,weight,sold\n"
SALES = (
    HEADER
    + "DE,Berlin,1200.50,3,2026-01-05\nDE,Köln,99.5,1,2026-01-20\nFR,Paris,10,,2026-02-01\n"
    + "FR,Lyon,-4.25,7,2026-02-03\n,Rome,1,2,2026-04-30\n"
)


def only(ran: Ran, ending: str) -> bytes:
    (content,) = (content for name, content in ran.files.items() if name.endswith(ending))
    return content


def page(ran: Ran) -> Tables:
    return tables_of_page(only(ran, ".html"))


def many_sales(rows: int) -> tuple[str, list[tuple[str, Decimal, str]]]:
    """A table of sales, and what is in it."""
    draw = Random(7)
    sales = [
        (
            draw.choice("ABCDEFGH"),
            Decimal(draw.randrange(-500_000, 5_000_000)) / 100,
            f"2026-{draw.randrange(1, 13):02}-03",
        )
        for _ in range(rows)
    ]
    return "shop,amount,day\n" + "".join(f"{shop},{amount},{day}\n" for shop, amount, day in sales), sales


def test_groups_and_months_add_up_to_the_rows(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("report_table", csv_file(SALES), group_by=["country"], numbers=["amount"], date_column="sold")
    assert (ran.job.state, ran.counts) == ("completed", {"done": 5})
    tables = page(ran)
    assert tables["By country"] == [
        ["country", "Rows", "Sum of amount"],
        ["DE", "2", "1,300.00"],
        ["FR", "2", "5.75"],
        ["(empty)", "1", "1.00"],
        ["All", "5", "1,306.75"],
    ]
    assert tables["Month by month"][1:] == [
        ["2026-01", "2", "1,300.00"],
        ["2026-02", "2", "5.75"],
        ["2026-03", "0", ""],
        ["2026-04", "1", "1.00"],
        ["All", "5", "1,306.75"],
    ]
    assert ["Rows in this report", "5"] in tables["All in all"]
    assert ["Mean of amount", "261.3500"] in tables["All in all"]


def test_every_format_has_the_sums_of_the_rows(desk: Desk, csv_file: Csv) -> None:
    text, sales = many_sales(4_000)
    every = ["sum", "mean", "min", "max", "count"]
    wanted = {"group_by": ["shop"], "numbers": ["amount"], "figures": every, "date_column": "day", "formats": FORMATS}
    ran = desk.run("report_table", csv_file(text), **wanted)
    assert ran.counts == {"done": 4_000}
    shops: dict[str, list[Decimal]] = defaultdict(list)
    for shop, amount, _ in sales:
        shops[shop].append(amount)
    told = page(ran)["By shop"]
    assert [row[0] for row in told[1:-1]] == sorted(shops, key=lambda shop: -sum(shops[shop]))
    for name, rows, total, mean, least, most, count in told[1:-1]:
        of_shop = shops[name]
        assert int(rows) == int(count) == len(of_shop)
        assert [Decimal(each.replace(",", "")) for each in (total, least, most)] == [
            sum(of_shop),
            min(of_shop),
            max(of_shop),
        ]
        assert Decimal(mean.replace(",", "")) == (sum(of_shop, Decimal()) / len(of_shop)).quantize(Decimal("0.0001"))
    assert tables_of_book(only(ran, ".xlsx")) == page(ran)
    paper = words_of_pdf(only(ran, ".pdf"))
    for title, key in (("By shop", "groups-1"), ("Month by month", "time"), ("All in all", "summary")):
        plain = table_of_csv(only(ran, f"-{key}.csv"))
        assert plain == [[cell.replace(",", "") for cell in row] for row in page(ran)[title]]
        assert all(" ".join(filter(None, row)) in paper for row in page(ran)[title][1:])


def test_several_columns_are_broken_down_each_or_together(desk: Desk, csv_file: Csv) -> None:
    wanted = {"group_by": ["country", "city"], "numbers": ["weight"], "sections": ["groups"]}
    assert list(page(desk.run("report_table", csv_file(SALES), **wanted))) == ["By country", "By city"]
    together = page(desk.run("report_table", csv_file(SALES), **wanted, together=True))
    assert together["By country and city"][1] == ["FR", "Lyon", "1", "7"]
    assert together["By country and city"][-1] == ["All", "", "5", "13"]


def test_rows_outside_of_the_time_are_skipped_and_say_so(desk: Desk, csv_file: Csv) -> None:
    wanted = {"date_column": "sold", "period": "dates", "first_day": "2026-02-01", "last_day": "2026-02-28"}
    ran = desk.run("report_table", csv_file(SALES + "IT,Pisa,5,5,\n"), numbers=["amount"], **wanted)
    assert (ran.job.state, ran.counts) == ("completed", {"done": 2, "skipped": 4})
    assert ran.problems[0][-1] == "its date is not within the time of the report: 1 Feb 2026 to 28 Feb 2026"
    assert ran.problems[-1][-1] == "it has no date"
    assert page(ran)["All in all"][1:4] == [
        ["Rows in this report", "2"],
        ["Rows outside of its time", "4"],
        ["Rows with a cell that can’t be read", "0"],
    ]


def test_a_moving_time_is_seen_from_the_day_of_the_job(desk: Desk, csv_file: Csv) -> None:
    days = [datetime.now(UTC).date() - timedelta(days=days) for days in range(10)]
    text = "day,n\n" + "".join(f"{day},1\n" for day in days)
    ran = desk.run("report_table", csv_file(text), date_column="day", period="last_7_days", numbers=["n"])
    assert ran.counts == {"done": 7, "skipped": 3}


def test_what_is_no_number_rejects_its_row_alone(desk: Desk, csv_file: Csv) -> None:
    text = HEADER + "DE,Berlin,10,1,2026-01-05\n" * 30 + "DE,Berlin,ten,1,2026-01-05\nDE,Berlin,5,1,soon\n"
    ran = desk.run("report_table", csv_file(text), numbers=["amount"], date_column="sold")
    assert ran.counts == {"done": 30, "rejected": 2}
    assert [(row, column, found) for row, _, column, found, _ in ran.problems] == [
        (31, "amount", "ten"),
        (32, "sold", "soon"),
    ]
    assert page(ran)["Month by month"][-1] == ["All", "30", "300"]


def test_ten_thousand_groups_are_the_largest_and_the_others(desk: Desk, csv_file: Csv) -> None:
    text = "who,n\n" + "".join(f"p{number},{number}\n" for number in range(10_000))
    ran = desk.run("report_table", csv_file(text), group_by=["who"], numbers=["n"], most=3, figures=["sum", "max"])
    assert page(ran)["By who"][1:] == [
        ["p9999", "1", "9,999", "9,999"],
        ["p9998", "1", "9,998", "9,998"],
        ["p9997", "1", "9,997", "9,997"],
        ["Others (9,997)", "9,997", f"{sum(range(9_997)):,}", "9,996"],
        ["All", "10,000", f"{sum(range(10_000)):,}", "9,999"],
    ]


@pytest.mark.parametrize(
    ("cells", "total"),
    [
        (["1.234,56 €", "2.000,44 €", "10,00 €"], "3,245.00"),
        (["1,234.5", "2,000.5", "10,000.0"], "13,235.0"),
        (["12,5 %", "50 %", "1 %"], "0.635"),
        (["(5.00)", "7.00", "-1.00"], "1.00"),
        (["999999999999999", "999999999999999", "2"], "2,000,000,000,000,000"),
        (["999999999999999", "0.25", "1"], "1,000,000,000,000,000.25"),
        (["0.1", "0.2", "0.3"], "0.6"),
    ],
)
def test_numbers_are_read_as_their_column_is_written_and_added_exactly(
    desk: Desk, csv_file: Csv, cells: list[str], total: str
) -> None:
    text = "n;k\n" + "".join(f'"{cell}";a\n' for cell in cells)
    ran = desk.run("report_table", csv_file(text), numbers=["n"], formats=["html", "xlsx"])
    assert ["Sum of n", total] in page(ran)["All in all"]
    book, told = tables_of_book(only(ran, ".xlsx"))["All in all"], page(ran)["All in all"]
    assert [[cell.replace(",", "") for cell in row] for row in book] == [
        [cell.replace(",", "") for cell in row] for row in told
    ]


def test_what_is_in_cells_and_columns_is_text_everywhere(desk: Desk, csv_file: Csv) -> None:
    name = "<b>x</b> #panic(1)"
    nasty = [
        "=1+1",
        "+cmd|'/c calc'!A0",
        "@SUM(A1)",
        "<script>alert(1)</script>",
        "#set page(width: 1pt)",
        "a\x07b",
        "日本",
    ]
    out = io.StringIO()
    csv.writer(out).writerows([[name, "n"], *([each, 1] for each in nasty)])
    ran = desk.run("report_table", csv_file(out.getvalue()), group_by=[name], numbers=["n"], formats=FORMATS)
    assert ran.job.state == "completed"
    assert "<script" not in only(ran, ".html").decode()
    assert "<b>" not in only(ran, ".html").decode()
    shown = {row[0] for row in page(ran)[f"By {name}"][1:-1]}
    assert shown == {*nasty[:5], "a�b", "日本"}
    assert {
        row[0] for row in tables_of_book(only(ran, ".xlsx"))["By b x b #panic(1)".replace("b x b", "<b>x< b>")][1:-1]
    } == shown
    cells = [row[0] for row in table_of_csv(only(ran, "-groups-1.csv"))]
    assert {"'=1+1", "'+cmd|'/c calc'!A0", "'@SUM(A1)"} <= set(cells)
    assert "#set page(width: 1pt)" in words_of_pdf(only(ran, ".pdf"))


def test_after_a_crash_the_report_is_that_of_a_run_without(
    desk: Desk, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, _ = many_sales(12_000)
    wanted = {"group_by": ["shop"], "numbers": ["amount"], "formats": ["csv"]}
    whole = desk.run("report_table", csv_file(text), **wanted)
    job_id = desk.submit("report_table", csv_file(text), **wanted)
    desk.run_and_crash(monkeypatch, 1, before_ledger=False)
    again = desk.run_on(job_id)
    assert (again.counts, again.files) == (whole.counts, whole.files)


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"group_by": ["county"]}, "group_by", "is not a column of this file"),
    ({"numbers": ["amounts"]}, "numbers", "is not a column of this file"),
    ({"date_column": "when"}, "date_column", "is not a column of this file"),
    ({"period": "yesterday"}, "date_column", "Choose the column of dates"),
    ({"period": "dates", "date_column": "sold"}, "first_day", "Give the first day"),
    (
        {"period": "dates", "date_column": "sold", "first_day": "2026-02-02", "last_day": "2026-01-01"},
        "last_day",
        "must not come before",
    ),
    ({"numbers": ["amount"], "figures": []}, "figures", "Tick what is to be worked out"),
    ({"numbers": ["amount"], "figures": ["median"]}, "figures", "is not one of"),
    (
        {"numbers": ["amount", "weight", "city"], "figures": ["sum", "mean", "min", "max", "count"]},
        "numbers",
        "That makes 15 columns of figures, and a report holds 12",
    ),
    ({"sections": ["groups"]}, "sections", "Tick a section that there are columns for"),
    ({"sections": []}, "sections", "Tick a section"),
    ({"formats": []}, "formats", "Tick at least one format."),
    ({"most": 0}, "most", "must be at least 1"),
    ({"most": 1_001}, "most", "must be at most 1,000"),
    ({"period": "today", "date_column": "sold", "zone": "Nowhere"}, "zone", "is no time zone"),
]


@pytest.mark.parametrize(
    ("given", "field", "sentence"), BAD, ids=[f"{place}-{each[1]}" for place, each in enumerate(BAD)]
)
def test_a_bad_entry_is_refused_beside_its_field(
    desk: Desk, csv_file: Csv, given: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(BadInput) as refused:
        desk.submit("report_table", csv_file(SALES), **given)
    assert list(refused.value.problems) == [field]
    assert sentence in refused.value.problems[field]


FAILS: list[tuple[str, dict[str, Any], str]] = [
    (SALES, {"numbers": ["city"]}, "“city” holds no numbers: its cells are like “Berlin” or “Köln”."),
    (HEADER + "DE,x,,,\n", {"numbers": ["amount"]}, "“amount” holds no numbers: its cells are empty."),
    (SALES, {"date_column": "city"}, "“city” holds no dates: its cells are like"),
    (SALES, {"date_column": "sold", "period": "today"}, "There is nothing to report: no row of this table counts."),
    (
        "d,n\n1900-01-01,1\n2026-01-01,1\n",
        {"date_column": "d", "per": "day"},
        "there are more than 1,000 days: choose a shorter time",
    ),
]


@pytest.mark.parametrize(("text", "given", "sentence"), FAILS)
def test_what_can_not_be_reported_is_said(
    desk: Desk, csv_file: Csv, text: str, given: dict[str, Any], sentence: str
) -> None:
    ran = desk.run("report_table", csv_file(text), **given)
    assert ran.job.state == "failed"
    assert sentence in (ran.job.problem or "")


def test_too_many_groups_are_refused(desk: Desk, csv_file: Csv, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_tables, "MOST_GROUPS", 3)
    ran = desk.run("report_table", csv_file(SALES), group_by=["city"])
    assert ran.job.state == "failed"
    assert ran.job.problem == "“city” has more than 3 different values: choose a column with fewer."


def test_days_that_could_be_months_are_rejected_unless_somebody_says(desk: Desk, csv_file: Csv) -> None:
    text = "d,n\n03/04/2026,1\n05/06/2026,2\n"
    refused = desk.run("report_table", csv_file(text), date_column="d")
    assert refused.job.state == "failed"
    assert refused.problems[0][-1] == "could be day/month or month/day: choose which comes first in “Read 03/04/2026”"
    ran = desk.run("report_table", csv_file(text), date_column="d", date_order="dmy", numbers=["n"])
    assert [row[0] for row in page(ran)["Month by month"][1:-1]] == ["2026-04", "2026-05", "2026-06"]
