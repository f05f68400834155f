"""Clean a CSV: the columns of a second file, row by row, and what has no match in it."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.job_types.books import write_xlsx
from tests.job_types.desk import Desk, Ran
from webapp.errors import BadInput
from webapp.jobs.run import run_claim

Csv = Callable[..., Path]
ORDERS = "order,sku,city\n1,A-1,Rome\n2, a-1 ,Oslo\n3,B-2,Bern\n4,C-3,Kyiv\n5,,Lima\n"
PRICES = "Article;Price;city\nA-1;  2,50 ;here\nB-2;3,00;there\nA-1;9,99;late\n;1,00;nowhere\n"


def table(ran: Ran, name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(ran.files[name].decode("utf-8-sig"), newline="")))


def joined(desk: Desk, csv_file: Csv, prices: str = PRICES, **more: Any) -> Ran:
    join = {"file": desk.other(csv_file(prices, "prices.csv")), "on": ["sku"], "their": ["Article"], **more}
    return desk.run("clean_csv", csv_file(ORDERS, "orders.csv"), join=join)


def test_each_row_gets_the_cells_of_the_first_that_has_its_key(desk: Desk, csv_file: Csv) -> None:
    ran = joined(desk, csv_file)
    assert table(ran, "orders-clean.csv") == [
        ["order", "sku", "city", "Price", "city (2)"],
        ["1", "A-1", "Rome", "2,50", "here"],
        ["2", "a-1", "Oslo", "2,50", "here"],
        ["3", "B-2", "Bern", "3,00", "there"],
        ["4", "C-3", "Kyiv", "", ""],
        ["5", "", "Lima", "", ""],
    ]
    assert table(ran, "orders-without-match.csv")[1:] == [["4", "4", "C-3", "Kyiv"], ["5", "5", "", "Lima"]]
    assert ran.counts == {"done": 5}
    assert ran.log == [
        "2 rows have no match in prices.csv.",
        "prices.csv: 1 row has a key that came before; the first one counts.",
    ]


def test_rows_without_a_match_are_left_out_and_say_so(desk: Desk, csv_file: Csv) -> None:
    ran = joined(desk, csv_file, unmatched="drop")
    assert [row[0] for row in table(ran, "orders-clean.csv")[1:]] == ["1", "2", "3"]
    assert [(row, outcome, reason) for row, outcome, _, _, reason in ran.problems] == [
        (4, "skipped", "has no match in prices.csv"),
        (5, "skipped", "has no match in prices.csv"),
    ]


def test_where_all_have_a_match_there_is_no_list(desk: Desk, csv_file: Csv) -> None:
    ran = joined(desk, csv_file, "Article,Price\nA-1,1\nB-2,2\nC-3,3\n,4\n")
    assert set(ran.files) == {"orders-clean.csv", "orders-without-match.csv"}, "a blank key has no match"
    join = {"file": desk.other(csv_file("order,by\n1,Ada\n2,Bob\n", "who.csv")), "on": ["order"]}
    ran = desk.run("clean_csv", csv_file("order\n1\n2\n", "few.csv"), join=join)
    assert table(ran, "few-clean.csv") == [["order", "by"], ["1", "Ada"], ["2", "Bob"]]
    assert set(ran.files) == {"few-clean.csv"}


def test_a_workbook_is_joined_by_several_columns(desk: Desk, csv_file: Csv, tmp_path: Path) -> None:
    book = write_xlsx(tmp_path / "phones.xlsx", [["first", "last", "phone"], ["Ada", "L", "1"], ["Ada", "K", "2"]])
    join = {"file": desk.other(book), "on": ["first", "last"]}
    ran = desk.run("clean_csv", csv_file("first,last\nAda,K\nAda,L\nAda,\n"), columns=["last"], join=join)
    assert table(ran, "people-clean.csv") == [["last", "phone"], ["K", "2"], ["L", "1"], ["", ""]]


def test_records_of_the_second_file_that_are_broken_are_counted(desk: Desk, csv_file: Csv) -> None:
    ran = joined(desk, csv_file, "Article,Price\nA-1,1\nB-2,2,3,4\nC-3,3\n" + "D-4,4\n" * 20)
    assert "prices.csv: 1 record could not be read, and were left out." in ran.log


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "no file": ({"file": None, "on": ["sku"]}, "join.file", "Choose the second file."),
    "no columns": ({"on": []}, "join.on", "Choose the columns"),
    "too many": ({"their": ["Article", "Price"]}, "join.their", "Name as many columns as are chosen above: 1."),
    "another name": ({"their": ["Artikel"]}, "join.their", "prices.csv has no column “Artikel”."),
    "no column of the table": ({"on": ["nope"]}, "join.on", "not a column of this file"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_join_that_cannot_be_made_is_refused_before_the_start(desk: Desk, csv_file: Csv, name: str) -> None:
    more, field, words = BAD[name]
    with pytest.raises(BadInput) as refused:
        joined(desk, csv_file, **more)
    assert list(refused.value.problems) == [field]
    assert words in refused.value.problems[field]


def test_what_is_no_table_is_refused_before_the_start(desk: Desk, csv_file: Csv) -> None:
    with pytest.raises(BadInput) as refused:
        joined(desk, csv_file, "")
    assert list(refused.value.problems) == ["join.file"]


@pytest.mark.parametrize("commit", [1, 2])
def test_after_a_crash_the_results_are_the_same(
    desk: Desk, csv_file: Csv, monkeypatch: pytest.MonkeyPatch, commit: int
) -> None:
    monkeypatch.setattr("webapp.jobs.table.COMMIT_SECONDS", 0)
    orders = csv_file("id,sku\n" + "".join(f"{row},S{row % 700}\n" for row in range(12_000)), "orders.csv")
    prices = desk.other(csv_file("sku,price\n" + "".join(f"S{row},{row}\n" for row in range(500)), "prices.csv"))
    params = {"join": {"file": prices, "on": ["sku"]}}
    whole = desk.run("clean_csv", orders, **params)
    job_id = desk.submit("clean_csv", orders, **params)
    desk.run_and_crash(monkeypatch, commit, before_ledger=True)
    run_claim(desk.claim())
    assert desk.result(job_id).files == whole.files
