"""Clean a CSV: rules for columns, similar rows and tables in parts."""

import csv
import io
import random
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import load_workbook

from tests.job_types.desk import Desk, Ran
from webapp.errors import BadInput
from webapp.jobs.run import run_claim
from webapp.store.tables import Job

Csv = Callable[..., Path]

ORDERS = """id,when,amount,phone,country,email
1,31.01.2026,"1.234,50",030 901820,Deutschland,Ada@Example.COM
2,03.04.2026,"2,5",+44 20 7946 0958,UK,bob@example.com
3,,,,,
4,soon,many,12,Atlantis,nobody
"""
RULES = {
    "dates": ["when"],
    "numbers": ["amount"],
    "phones": ["phone"],
    "phone_country": "Germany",
    "countries": ["country"],
    "emails": ["email"],
}


def table(ran: Ran, name: str = "people-clean.csv") -> list[list[str]]:
    return list(csv.reader(io.StringIO(ran.files[name].decode("utf-8-sig"), newline="")))[1:]


def test_columns_are_written_in_one_way_and_what_cannot_be_read_stays(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("clean_csv", csv_file(ORDERS), rules=RULES, protect=False)
    assert table(ran) == [
        ["1", "2026-01-31", "1234.50", "+4930901820", "DE", "Ada@example.com"],
        ["2", "2026-04-03", "2.5", "+442079460958", "GB", "bob@example.com"],
        ["3", "", "", "", "", ""],
        ["4", "soon", "many", "12", "Atlantis", "nobody"],
    ]
    assert "when: 1 cell kept as found, first in row 4: it is not a date: write it as 2026-01-31." in ran.log
    assert len(ran.log) == 5
    assert ran.counts == {"done": 4}


def test_what_cannot_be_read_rejects_its_row_if_that_is_chosen(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("clean_csv", csv_file(ORDERS), rules={**RULES, "misfits": "reject"})
    assert ran.counts == {"done": 3, "rejected": 1}
    assert ran.problems == [(4, "rejected", "when", "soon", "is not a date: write it as 2026-01-31")]


def test_other_ways_of_writing(desk: Desk, csv_file: Csv) -> None:
    ways = {**RULES, "date_style": "dmy_slash", "decimal_mark": ",", "country_form": "name"}
    ran = desk.run("clean_csv", csv_file(ORDERS), rules=ways, protect=False)
    assert table(ran)[0] == ["1", "31/01/2026", "1234,50", "+4930901820", "Germany", "Ada@example.com"]


def test_days_and_months_are_told_by_the_whole_column_or_not_at_all(desk: Desk, csv_file: Csv) -> None:
    rules = {"dates": ["when"]}
    proved = desk.run("clean_csv", csv_file("id,when\n1,03/04/2026\n2,31/01/2026\n"), rules=rules)
    assert table(proved) == [["1", "2026-04-03"], ["2", "2026-01-31"]]
    open_ = desk.run("clean_csv", csv_file("id,when\n1,03/04/2026\n2,05/05/2026\n"), rules=rules)
    assert table(open_) == [["1", "03/04/2026"], ["2", "2026-05-05"]]
    said = desk.run("clean_csv", csv_file("id,when\n1,03/04/2026\n"), rules={**rules, "date_order": "mdy"})
    assert table(said) == [["1", "2026-03-04"]]


def test_repeated_rows_are_told_by_the_values(desk: Desk, csv_file: Csv) -> None:
    file = csv_file("phone,n\n030 901820,1\n+49 30 901820,2\n")
    ran = desk.run("clean_csv", file, rules={"phones": ["phone"], "phone_country": "DE"}, unique_by=["phone"])
    assert ran.counts == {"done": 1, "skipped": 1}


def test_similar_rows_are_listed_and_all_of_them_stay(desk: Desk, csv_file: Csv) -> None:
    file = csv_file("id,name,city\n1,Ada Lovelace,London\n2,Grace Hopper,New York\n3,ADA LOVLACE,London\n4,,\n5,,\n")
    ran = desk.run("clean_csv", file, similar={"columns": ["name", "city"]})
    assert len(table(ran)) == 5
    assert table(ran, "people-similar-rows.csv") == [
        ["1", "3", "97", "Ada Lovelace", "London", "ADA LOVLACE", "London"]
    ]
    assert ran.log == ["1 pair of similar rows: see people-similar-rows.csv. None was left out."]


def test_similar_rows_among_a_hundred_thousand_take_seconds(desk: Desk, csv_file: Csv) -> None:
    draw = random.Random(7)
    letters = "abcdefghijklmnoprstuvwz"
    names = ["".join(draw.choices(letters, k=6)) + " " + "".join(draw.choices(letters, k=8)) for _ in range(100_000)]
    names[99_999] = names[0][:-1]
    file = csv_file("name\n" + "\n".join(names))
    before = time.process_time()
    ran = desk.run("clean_csv", file, similar={"columns": ["name"], "threshold": 95})
    assert time.process_time() - before < 20
    assert ["1", "100000"] in [row[:2] for row in table(ran, "people-similar-rows.csv")]


def parts(ran: Ran) -> Mapping[str, bytes]:
    assert list(ran.files) == ["people-clean.zip"]
    with zipfile.ZipFile(io.BytesIO(ran.files["people-clean.zip"])) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_table_is_split_by_a_column(desk: Desk, csv_file: Csv) -> None:
    file = csv_file('id,city\n1,Rome\n2,"Nice, ../x"\n3,rome\n4,\n5,Rome\n')
    ran = desk.run("clean_csv", file, split={"by": "column", "column": "city"}, protect=False)
    assert parts(ran) == {
        "people-Rome.csv": b"id,city\n1,Rome\n5,Rome\n",
        "people-Nice_ .._x.csv": b'id,city\n2,"Nice, ../x"\n',
        "people-rome-2.csv": b"id,city\n3,rome\n",
        "people-blank.csv": b"id,city\n4,\n",
    }
    assert ran.counts == {"done": 5}


@pytest.mark.parametrize("format_", ["csv", "xlsx", "parquet"])
def test_a_table_is_split_by_rows_in_every_format(
    desk: Desk, csv_file: Csv, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, format_: str
) -> None:
    monkeypatch.setattr("webapp.job_types.clean_csv.ROWS_AT_ONCE", 7)
    file = csv_file("id\n" + "".join(f"{number}\n" for number in range(25)))
    found = parts(desk.run("clean_csv", file, split={"by": "rows", "rows": 10}, format=format_, protect=False))
    assert list(found) == [f"people-{part}.{format_}" for part in (1, 2, 3)]
    last = found[f"people-3.{format_}"]
    if format_ == "csv":
        assert last == b"id\n20\n21\n22\n23\n24\n"
    elif format_ == "xlsx":
        sheet = load_workbook(io.BytesIO(last)).active
        assert [cell.value for cell in sheet["A"]] == ["id", "20", "21", "22", "23", "24"]
    else:
        (tmp_path / "p").write_bytes(last)
        with duckdb.connect() as connection:
            assert len(connection.read_parquet(str(tmp_path / "p")).fetchall()) == 5


BAD: list[tuple[Mapping[str, Any], str, str]] = [
    ({"rules": {"dates": ["when"], "numbers": ["when"]}}, "rules", "chosen for two rules"),
    ({"rules": {"dates": ["nobody"]}}, "rules.dates", "nobody"),
    ({"rules": {"phone_country": "Atlantis"}}, "rules.phone_country", "is no country"),
    ({"rules": {"misfits": "burn"}}, "rules.misfits", "keep"),
    ({"rules": {"date_style": "roman"}}, "rules.date_style", "iso"),
    ({"similar": {"threshold": 49}}, "similar.threshold", "at least 50"),
    ({"similar": {"columns": ["nobody"]}}, "similar.columns", "nobody"),
    ({"split": {"by": "column"}}, "split.column", "Choose the column"),
    ({"split": {"by": "column", "column": "id"}, "columns": ["when"]}, "split.column", "not among the columns"),
    ({"split": {"by": "rows", "rows": 0}}, "split.rows", "at least 1"),
]


@pytest.mark.parametrize(("params", "field", "words"), BAD)
def test_what_does_not_fit_is_refused_beside_its_field(
    desk: Desk, csv_file: Csv, params: Mapping[str, Any], field: str, words: str
) -> None:
    with pytest.raises(BadInput) as refused:
        desk.submit("clean_csv", csv_file(ORDERS), **params)
    said = {name: problem for name, problem in refused.value.problems.items() if name.startswith(field)}
    assert words in " ".join(said.values()), refused.value.problems


def test_too_many_parts_are_refused_in_words(desk: Desk, csv_file: Csv) -> None:
    file = csv_file("id\n" + "".join(f"{number}\n" for number in range(1_001)))
    ran = desk.run("clean_csv", file, split={"by": "column", "column": "id"})
    assert ran.job.state == "failed"
    assert "more than 1,000 files" in str(ran.job.problem)
    assert ran.files == {}


def test_after_a_crash_rules_pairs_and_parts_are_the_same_byte_for_byte(
    desk: Desk, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.jobs.table.COMMIT_SECONDS", 0)
    monkeypatch.setattr("webapp.job_types.clean_csv.ROWS_AT_ONCE", 10)
    rows = "".join(f"{number},{number % 28 + 1}.01.2026,Name {number // 2}\n" for number in range(60))
    choices = {
        "rules": {"dates": ["when"]},
        "similar": {"columns": ["name"], "threshold": 100},
        "split": {"by": "rows", "rows": 7},
    }
    file = csv_file(f"id,when,name\n{rows}")
    whole = desk.submit("clean_csv", file, **choices)
    run_claim(desk.claim())
    broken_off = desk.submit("clean_csv", file, **choices)
    with desk.database.write() as session:  # archives say when they were made
        session.get_one(Job, broken_off).queued_at = session.get_one(Job, whole).queued_at
    desk.run_and_crash(monkeypatch, 3, before_ledger=True)
    run_claim(desk.claim())
    assert len(desk.result(whole).files) == 2
    assert desk.result(broken_off).files == desk.result(whole).files
