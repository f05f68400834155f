"""Clean a CSV: what stays, what is left out and why, and the file that is handed back."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from openpyxl import load_workbook

from tests.job_types.books import WRITERS
from tests.job_types.desk import Desk, Ran
from webapp.errors import BadInput
from webapp.jobs.run import run_claim

Csv = Callable[..., Path]

UNTIDY = """id,name,email
1,  Ada   Lovelace ,Ada@Example.com
2,Zoe\u0308,zoe@example.com
"",,""
3,"Bob, jr.",ada@example.com
4,"two
  lines",N/A
 ,\u00a0, \u2003
5,-,
6,broken
7,=1+1,g@example.com
"""


def table(ran: Ran, name: str = "people-clean.csv") -> list[list[str]]:
    assert list(ran.files) == [name]
    return list(csv.reader(io.StringIO(ran.files[name].decode("utf-8-sig"), newline="")))


def test_spaces_are_trimmed_empty_rows_dropped_and_formulas_defused(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("clean_csv", csv_file(UNTIDY))
    assert table(ran) == [
        ["id", "name", "email"],
        ["1", "Ada Lovelace", "Ada@Example.com"],
        ["2", "Zoe\u0308", "zoe@example.com"],
        ["3", "Bob, jr.", "ada@example.com"],
        ["4", "two\nlines", "N/A"],
        ["5", "'-", ""],
        ["7", "'=1+1", "g@example.com"],
    ]
    assert [(row, outcome, reason) for row, outcome, _, _, reason in ran.problems if outcome == "skipped"] == [
        (3, "skipped", "every cell is empty"),
        (6, "skipped", "every cell is empty"),
    ]
    assert ran.counts == {"done": 6, "rejected": 1, "skipped": 2}
    assert ran.job.state == "completed_with_errors"


def test_blank_lines_of_delimiters_are_no_rows_whatever_is_asked_for(desk: Desk, csv_file: Csv) -> None:
    file = csv_file("id,name\n1,Ada\n,\n\n,\n2,Bob\n")
    for drop in (True, False):
        ran = desk.run("clean_csv", file, drop_empty_rows=drop)
        assert table(ran) == [["id", "name"], ["1", "Ada"], ["2", "Bob"]]
        assert ran.counts == {"done": 2}


def test_all_rules_together(desk: Desk, csv_file: Csv) -> None:
    rules = ["unicode", "emails", "blank_words"]
    ran = desk.run("clean_csv", csv_file(UNTIDY), normalise=rules, unique_by=["email"], columns=["email", "id"])
    assert table(ran) == [
        ["email", "id"],
        ["ada@example.com", "1"],
        ["zoe@example.com", "2"],
        ["", "4"],
        ["", "5"],
        ["g@example.com", "7"],
    ]
    assert (4, "skipped", None, None, "repeats row 1 in email") in ran.problems


def test_the_page_says_afterwards_what_each_rule_has_done(desk: Desk, csv_file: Csv) -> None:
    rules = ["unicode", "emails", "blank_words"]
    ran = desk.run("clean_csv", csv_file(UNTIDY), normalise=rules, unique_by=["email"], rules={"emails": ["email"]})
    assert ran.job.shown is not None
    assert (ran.job.shown["title"], ran.job.shown["rows"]) == (
        "What was done",
        [
            ["Signs", "1 cell changed"],
            ["Trim spaces", "5 cells changed"],
            ["E-mail addresses", "1 cell changed"],
            ["Blanks", "2 cells changed"],
            ["E-mail addresses behind the @, email", "no cell changed"],
            ["Empty rows", "2 left out"],
            ["Repeated rows", "1 left out"],
        ],
    )
    assert desk.run("clean_csv", csv_file("id\n1\n"), trim=False).job.shown is None


def test_nothing_is_changed_when_nothing_is_asked_for(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("clean_csv", csv_file(UNTIDY), trim=False, drop_empty_rows=False, protect=False)
    original = [row for row in csv.reader(io.StringIO(UNTIDY, newline="")) if row != ["6", "broken"]]
    assert table(ran) == original
    assert ran.counts == {"done": 8, "rejected": 1}


def test_a_second_run_makes_the_same_bytes(desk: Desk, csv_file: Csv) -> None:
    file = csv_file(UNTIDY)
    for kind in ("csv", "parquet"):
        first, second = (desk.run("clean_csv", file, format=kind).files for _ in range(2))
        assert first == second


def test_excel_keeps_codes_and_formulas_as_text(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("clean_csv", csv_file("code,note\n007,=1+1\n1e5,\n"), format="xlsx")
    sheet = load_workbook(io.BytesIO(ran.files["people-clean.xlsx"])).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["code", "note"],
        ["007", "=1+1"],
        ["1e5", None],
    ]
    assert sheet["B2"].data_type == "s"


def test_a_cell_too_long_for_excel_rejects_its_row(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("clean_csv", csv_file(f"id,note\n1,{'x' * 32_768}\n2,y\n"), format="xlsx")
    assert [(row, outcome, reason) for row, outcome, _, _, reason in ran.problems] == [
        (1, "rejected", "a cell is longer than the 32,767 characters that Excel keeps")
    ]
    assert ran.counts == {"done": 1, "rejected": 1}


def test_parquet_holds_every_cell_as_text(desk: Desk, csv_file: Csv, tmp_path: Path) -> None:
    ran = desk.run("clean_csv", csv_file(UNTIDY, "my.people.csv"), format="parquet")
    made = tmp_path / "made.parquet"
    made.write_bytes(ran.files["my.people-clean.parquet"])
    with duckdb.connect() as connection:
        rows = connection.read_parquet(str(made)).fetchall()
    assert rows[0] == ("1", "Ada Lovelace", "Ada@Example.com")
    assert rows[-1] == ("7", "=1+1", "g@example.com")
    assert len(rows) == 6


def test_another_encoding_comes_out_as_utf8_and_the_delimiter_stays(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes("id;name\r\n1;Größe\r\n2;Žofie\r\n".encode("utf-16"))
    plain = "id;name\n1;Größe\n2;Žofie\n"
    assert desk.run("clean_csv", file, protect=False).files == {"people-clean.csv": plain.encode()}
    for_spreadsheets = {"people-clean.csv": plain.encode("utf-8-sig")}
    assert desk.run("clean_csv", file).files == for_spreadsheets, "without the mark they take UTF-8 for something else"


@pytest.mark.parametrize("name", WRITERS)
def test_workbooks_and_compressed_files_are_cleaned_as_well(desk: Desk, tmp_path: Path, name: str) -> None:
    rows = [["code", "name"], *([f"{number:03}", f" Ada  {number}"] for number in range(1, 301)), ["300", " Ada 300"]]
    ran = desk.run("clean_csv", WRITERS[name](tmp_path / name, rows), unique_by=["code"])
    assert ran.counts == {"done": 300, "skipped": 1}
    expected = [["code", "name"], *([f"{number:03}", f"Ada {number}"] for number in range(1, 301))]
    assert table(ran, "goods-clean.csv") == expected


def test_a_column_the_file_does_not_have_is_refused_beside_its_field(desk: Desk, csv_file: Csv) -> None:
    with pytest.raises(BadInput) as refused:
        desk.submit("clean_csv", csv_file(UNTIDY), unique_by=["phone"])
    assert any(name.startswith("unique_by") for name in refused.value.problems)


@pytest.mark.parametrize("commit_seconds", [0, 60])
def test_after_a_crash_it_begins_again_and_hands_back_one_whole_file(
    desk: Desk, csv_file: Csv, monkeypatch: pytest.MonkeyPatch, commit_seconds: int
) -> None:
    monkeypatch.setattr("webapp.jobs.table.COMMIT_SECONDS", commit_seconds)  # 60: only once, after the last row
    rows = [f"{number},{number % 20_000}@example.com" for number in range(1, 30_001)]
    job_id = desk.submit("clean_csv", csv_file("\n".join(["id,email", *rows])), unique_by=["email"])
    desk.run_and_crash(monkeypatch, 1, before_ledger=False)
    run_claim(desk.claim())
    ran = desk.result(job_id)
    assert ran.counts == {"done": 20_000, "skipped": 10_000}
    assert len(table(ran)) == 20_001
