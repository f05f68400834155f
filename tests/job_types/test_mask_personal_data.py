"""Mask personal data: what is found, what becomes of it, and that no value gets anywhere but into the result."""

import csv
import io
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import load_workbook

from tests.job_types.desk import Desk, Ran
from webapp.errors import BadInput
from webapp.jobs.run import run_claim
from webapp.services.personal.treat import Plan
from webapp.store.tables import Job

Csv = Callable[..., Path]
KEY = "seven small boats"

PEOPLE = """id,Vorname,last_name,E-Mail,Tel.,IBAN,note,born on,company name
1,Ada,Lovelace,ada@example.com,+49 30 901820,DE89 3704 0044 0532 0130 00,"Ada called +44 20 7946 0958",10.12.1990,Acme
2,Bob,Jr,bob@example.org,0049 30 901820,,"card 4111 1111 1111 1111, mail x@example.net",,Acme
3,,,,,,=nothing here at all,,Acme
"""


def table(ran: Ran, name: str = "people-masked.csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(ran.files[name].decode("utf-8-sig"), newline="")))


def report(ran: Ran) -> list[tuple[str, str, str, str]]:
    """Column, kind, treatment and changed cells of each line of the report."""
    lines = table(ran, "people-what-was-found.csv")
    return [(line["column"], line["kind"], line["treatment"], line["cells changed"]) for line in lines]


def test_a_word_among_numbers_is_masked_and_the_numbers_stay(desk: Desk, csv_file: Csv) -> None:
    cells = [f"{number}" for number in range(1000, 1095)] + ["john.smith@example.com"] * 5
    ran = desk.run("mask_personal_data", csv_file("ref\n" + "\n".join(cells) + "\n"))
    masked = [row["ref"] for row in table(ran)]
    assert masked[:95] == cells[:95]
    assert not any("smith" in cell for cell in masked)


def test_the_cells_of_the_result_are_parted_as_in_the_file(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("mask_personal_data", csv_file("id;e-mail;note\n1;ada@example.com;1,5\n2;bob@example.com;x\n"))
    masked = ran.files["people-masked.csv"].decode("utf-8-sig").splitlines()
    assert masked == ["id;e-mail;note", '1;a***@e***.com;"1,5"', "2;b***@e***.com;x"]
    assert ran.files["people-what-was-found.csv"].startswith(b"column;kind;")


def test_it_is_masked_in_its_columns_and_inside_of_texts(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("mask_personal_data", csv_file(PEOPLE))
    first, second, third = table(ran)
    assert first == {
        "id": "1",
        "Vorname": "A***",
        "last_name": "L***",
        "E-Mail": "a***@e***.com",
        "Tel.": "*** ** ***820",
        "IBAN": "DE** **** **** **** **30 00",
        "note": "A*** called *** ** **** 0958",
        "born on": "**.**.1990",
        "company name": "Acme",
    }
    assert second["note"] == "card **** **** **** 1111, mail x***@e***.net"
    assert third["note"] == "'=nothing here at all"
    assert report(ran) == [
        ("Vorname", "name of a person", "masked", "2"),
        ("last_name", "name of a person", "masked", "2"),
        ("E-Mail", "e-mail address", "masked", "2"),
        ("Tel.", "phone number", "masked", "2"),
        ("IBAN", "bank account (IBAN)", "masked", "1"),
        ("note", "e-mail address", "masked", "1"),
        ("note", "payment card", "masked", "1"),
        ("note", "phone number", "masked", "1"),
        ("born on", "date of birth", "masked", "1"),
        ("note", "name of a person", "masked", "1"),
    ]
    assert "Vorname: name of a person, found by its name, 95% sure." in ran.log
    assert ran.counts == {"done": 3}


def test_columns_are_hashed_dropped_or_kept_as_it_is_chosen(desk: Desk, csv_file: Csv) -> None:
    choices = {
        "kinds": {"email": "hash", "iban": "drop", "phone": "keep"},
        "columns": {"mask": ["id"], "keep": ["Vorname"]},
    }
    ran = desk.run("mask_personal_data", csv_file(PEOPLE), key=KEY, inside=False, **choices)
    first = table(ran)[0]
    assert first["id"] == "***"
    assert first["Vorname"] == "Ada"
    assert first["Tel."] == "+49 30 901820"
    assert "IBAN" not in first
    assert first["note"] == "Ada called +44 20 7946 0958", "texts are left alone if they are not asked for"
    assert ("IBAN", "bank account (IBAN)", "left out", "1") in report(ran)
    assert ("id", "chosen by you", "masked", "3") in report(ran)
    other = csv_file("who,mail\n7,ADA@example.com\n", "other.csv")
    again = desk.run("mask_personal_data", other, key=KEY, kinds={"email": "hash"})
    assert table(again, "other-masked.csv")[0]["mail"] == first["E-Mail"], "the same person, in each file"
    assert len(first["E-Mail"]) == 16


LOCAL = "id,note\n1,Call her at 0171 2345678 please\n2,{}\n3,since 01.02.2026\n"
NOT_LOOKED_FOR = (
    "Phone numbers written without a country, like 0171…, were not looked for, and there may be some in: note. "
    "Choose the “Country of phone numbers”, and run it again."
)


def test_numbers_without_a_country_are_of_the_country_of_the_others(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("mask_personal_data", csv_file(LOCAL.format("or +49 30 901820")))
    assert [row["note"] for row in table(ran)] == [
        "Call her at **** ****678 please",
        "or *** ** ***820",
        "since 01.02.2026",
    ]
    assert ran.job.state == "completed"
    assert ran.log[0] == "Phone numbers without a country were read as those of DE, as all others are."


@pytest.mark.parametrize("other", ["hello", "+49 30 901820 or +44 20 7946 0958"])
def test_numbers_that_could_not_be_looked_for_are_said_to_be_left(desk: Desk, csv_file: Csv, other: str) -> None:
    ran = desk.run("mask_personal_data", csv_file(LOCAL.format(other)))
    assert table(ran)[0]["note"] == "Call her at 0171 2345678 please"
    assert (ran.job.state, ran.job.problem) == ("needs_attention", NOT_LOOKED_FOR)
    assert NOT_LOOKED_FOR in ran.log


@pytest.mark.parametrize(
    "choices",
    [{"inside": False}, {"kinds": {"phone": "keep"}}, {"columns": {"drop": ["note"]}}, {"country": "FR"}],
)
def test_numbers_that_nobody_wants_looked_for_are_not_spoken_of(
    desk: Desk, csv_file: Csv, choices: dict[str, Any]
) -> None:
    ran = desk.run("mask_personal_data", csv_file(LOCAL.format("hello")), **choices)
    assert ran.job.state == "completed"


def test_to_only_find_makes_the_report_alone(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("mask_personal_data", csv_file(PEOPLE), what="find")
    assert list(ran.files) == ["people-what-was-found.csv"]
    assert {line[2:] for line in report(ran)} == {("kept", "0")}
    assert ran.counts == {"done": 3}


def test_a_sample_judges_the_columns_and_every_cell_is_searched(
    desk: Desk, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.job_types.mask_personal_data.SAMPLE_ROWS", 2)
    ran = desk.run("mask_personal_data", csv_file("a,b\n1,x\n2,y\n3,see z@example.org\n"), look_at="sample")
    assert table(ran)[2]["b"] == "see z***@e***.org"
    assert ran.log == ["No personal data was found."]
    assert report(ran) == [("b", "e-mail address", "masked", "1")]


def test_nothing_personal_leaves_the_table_as_it_is(desk: Desk, csv_file: Csv) -> None:
    text = "sku,price,made\n007,1.50,2026-01-31\n008,2.50,2026-02-01\n"
    ran = desk.run("mask_personal_data", csv_file(text), protect=False)
    assert ran.files["people-masked.csv"].decode() == text
    assert report(ran) == []


def test_the_other_formats(desk: Desk, csv_file: Csv, tmp_path: Path) -> None:
    ran = desk.run("mask_personal_data", csv_file(PEOPLE), format="xlsx")
    sheet = load_workbook(io.BytesIO(ran.files["people-masked.xlsx"])).active
    assert sheet["D2"].value == "a***@e***.com"
    made = tmp_path / "made.parquet"
    made.write_bytes(desk.run("mask_personal_data", csv_file(PEOPLE), format="parquet").files["people-masked.parquet"])
    with duckdb.connect() as connection:
        assert connection.read_parquet(str(made)).fetchall()[0][3] == "a***@e***.com"


BAD: list[tuple[Mapping[str, Any], str, str]] = [
    ({"kinds": {"email": "hash"}}, "key", "Hashing needs a key"),
    ({"columns": {"hash": ["id"]}}, "key", "Hashing needs a key"),
    ({"columns": {"hash": ["id"]}, "key": "short"}, "key", "fewer than 12"),
    ({"columns": {"mask": ["id"], "keep": ["id"]}}, "columns", "chosen for two things"),
    ({"columns": {"mask": ["nobody"]}}, "columns.mask", "nobody"),
    ({"country": "XX"}, "country", "is no country"),
    ({"country": "D" * 61}, "country", "more than 60"),
    ({"threshold": 0}, "threshold", "at least 1"),
    ({"threshold": 101}, "threshold", "at most 100"),
    ({"kinds": {"email": "burn"}}, "kinds.email", "mask"),
    ({"format": "pdf"}, "format", "csv"),
    ({"what": "guess"}, "what", "treat"),
]


@pytest.mark.parametrize(("params", "field", "words"), BAD)
def test_what_does_not_fit_is_refused_beside_its_field(
    desk: Desk, csv_file: Csv, params: Mapping[str, Any], field: str, words: str
) -> None:
    with pytest.raises(BadInput) as refused:
        desk.submit("mask_personal_data", csv_file(PEOPLE), **params)
    said = {name: problem for name, problem in refused.value.problems.items() if name.startswith(field)}
    assert words in " ".join(said.values()), refused.value.problems


def test_a_table_of_which_nothing_would_be_left_is_refused(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("mask_personal_data", csv_file("email\na@example.com\n"), kinds={"email": "drop"})
    assert ran.job.state == "failed"
    assert ran.job.problem == "Every column would be left out. Mask or keep at least one of them."
    assert ran.files == {}


def test_a_cell_too_long_for_excel_rejects_its_row_without_showing_it(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("mask_personal_data", csv_file(f"id,note\n1,{'x' * 32_768}\n2,y\n"), format="xlsx")
    assert ran.counts == {"done": 1, "rejected": 1}
    assert [(found, reason) for _, _, _, found, reason in ran.problems] == [
        (None, "a cell is longer than the 32,767 characters that Excel keeps")
    ]


CANARIES = ("canary.one@example.com", "Canarina", "+49 30 7777123", "DE89370400440532013000", "4111111111111111")
FEATHERS = [canary.encode() for canary in (*CANARIES, "Wellensittich", "Kanarienvogel")]
CAGE = "first name,email,phone,account,note,code\n" + "".join(
    f'{CANARIES[1]},{CANARIES[0]},{CANARIES[2]},{CANARIES[3]},"card {CANARIES[4]} of {CANARIES[1]}",{number}\n'
    for number in range(50)
)
BROKEN = "Wellensittich,broken\nWellensittich,w@example.com,,,,1,surplus\n"
BAD_BYTES = b"Kanarienvogel\x00,k@example.com,,,,1\n"


def left_behind(desk: Desk, caplog: pytest.LogCaptureFixture) -> list[bytes]:
    """The canaries that are found anywhere but in the file that was handed in."""
    folder = desk.data_path.parent
    kept = [path for path in folder.rglob("*") if path.is_file() and "uploads" not in path.parts]
    everything = b"".join(path.read_bytes() for path in kept) + caplog.text.encode()
    assert len(kept) > 1
    return [feather for feather in FEATHERS if feather in everything]


@pytest.mark.parametrize("what", ["treat", "find"])
def test_no_value_is_in_a_log_a_problem_a_result_or_the_database(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    caplog.set_level(logging.DEBUG)
    file = tmp_path / "people.csv"
    file.write_bytes(CAGE.encode() + BROKEN.encode() + BAD_BYTES)
    ran = desk.run("mask_personal_data", file, what=what, columns={"hash": ["code"]}, key=KEY)
    assert ran.job.done == 50
    assert ran.job.rejected == 3
    assert left_behind(desk, caplog) == []


def test_no_value_is_in_an_error_that_nobody_foresaw(
    desk: Desk, csv_file: Csv, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(_: Plan, cells: list[str], **_more: object) -> list[str]:
        raise ValueError(f"cannot treat {cells}")

    monkeypatch.setattr(Plan, "row", stumble)
    ran = desk.run("mask_personal_data", csv_file(CAGE))
    assert ran.job.problem == "The job’s own code made an error (ValueError) at row 1 or soon after it."
    assert left_behind(desk, caplog) == []


@pytest.mark.parametrize("format_", ["csv", "xlsx", "parquet"])
def test_after_a_crash_the_result_is_the_same_byte_for_byte(
    desk: Desk, csv_file: Csv, monkeypatch: pytest.MonkeyPatch, format_: str
) -> None:
    monkeypatch.setattr("webapp.jobs.table.COMMIT_SECONDS", 0)
    monkeypatch.setattr("webapp.services.personal.work.ROWS_AT_ONCE", 10)
    file = csv_file(CAGE)
    choices = {"format": format_, "kinds": {"email": "hash"}, "key": KEY}
    whole = desk.submit("mask_personal_data", file, **choices)
    run_claim(desk.claim())
    broken_off = desk.submit("mask_personal_data", file, **choices)
    with desk.database.write() as session:  # workbooks say when they were made
        session.get_one(Job, broken_off).queued_at = session.get_one(Job, whole).queued_at
    desk.run_and_crash(monkeypatch, 3, before_ledger=True)
    run_claim(desk.claim())
    assert desk.result(broken_off).files == desk.result(whole).files
    assert desk.result(broken_off).counts == {"done": 50}
