"""An operator takes personal data out of a table, and nothing of it stays on the desk but in the file itself."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.people import reload_until, sign_in
from tests.browser.test_story import JOB, choose, table_in
from tests.running import RunningDesk

PEOPLE = [
    ["first name", "last name", "e-mail", "phone", "remark", "amount"],
    *(
        [
            "Canarina",
            f"Zeisig{number:03}",
            f"zeisig{number}@example.com",
            f"+49 30 7777{number:03}",
            remark,
            f"{number}.50",
        ]
        for number, remark in enumerate(
            ["Canarina asks to be called at +44 20 7946 0958", "", "paid by 4111 1111 1111 1111"] * 20
        )
    ),
]
FEATHERS = [
    b"Canarina",
    b"Zeisig001",
    b"zeisig1@example.com",
    b"+49 30 7777001",
    b"+44 20 7946 0958",
    b"4111 1111 1111 1111",
]
HINTS = ["Password forms should have"]
"""What Chromium would like of a form with a key: it takes it for a password."""


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Sixty people, and a record that is broken."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([*PEOPLE, ["Canarina", "broken"]])
    file = tmp_path / "people.csv"
    file.write_text(text.getvalue(), "utf-8")
    return file


def left_on(desk: RunningDesk) -> list[bytes]:
    """What of the people is found in any file of the desk, the one that was handed in aside."""
    files = [path for path in desk.data.rglob("*") if path.is_file() and "uploads" not in path.parts]
    everything = b"".join(path.read_bytes() for path in files)
    return [feather for feather in FEATHERS if feather in everything]


def start(page: Page) -> None:
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".headline")).to_have_text("60 of 61 rows done. 1 needs you.")


@pytest.mark.parametrize("javascript", [True, False])
def test_an_operator_masks_a_table_of_people(
    own_desk: RunningDesk, open_page: OpenPage, people: Path, *, javascript: bool
) -> None:
    page = open_page(at=own_desk, javascript=javascript, expects=HINTS)
    sign_in(page, "Olga")
    choose(page, "Mask personal data", people)
    if not javascript:
        page.get_by_role("button", name="Continue").click()
    page.wait_for_url(JOB)
    if not javascript:
        reload_until(page, page.get_by_text("Checking 61 rows").is_hidden)
    expect(page.locator("#live")).to_contain_text("60 of 61 rows can be read. 1 can’t.")
    expect(page.get_by_role("region", name="The first rows of the file")).to_contain_text("xxxxxx9@xxxxxxx.xxx")
    start(page)
    rows = table_in(page, "people-masked.csv")
    assert rows[0]["first name"] == "C***"
    assert rows[1]["e-mail"] == "z***@e***.com"
    assert rows[0]["remark"] == "C*** asks to be called at *** ** **** 0958"
    assert rows[1]["amount"] == "1.50"
    report = table_in(page, "people-what-was-found.csv")
    assert [line["kind"] for line in report if line["column"] == "e-mail"] == ["e-mail address"]
    assert left_on(own_desk) == []


def test_hashing_without_a_key_is_refused_beside_its_field(
    own_desk: RunningDesk, open_page: OpenPage, people: Path
) -> None:
    page = open_page(at=own_desk, expects=["status of 422", *HINTS])
    sign_in(page, "Olga")
    choose(page, "Mask personal data", people)
    page.wait_for_url(JOB)
    page.get_by_label("E-mail addresses").select_option(label="Hash it with the key")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("One thing needs changing")
    expect(page.get_by_text("Hashing needs a key").last).to_be_visible()
    page.get_by_label("Key to hash with").fill("seven small boats")
    start(page)
    assert all(re.fullmatch("[a-z2-7]{16}", row["e-mail"]) for row in table_in(page, "people-masked.csv"))


def test_what_is_found_can_be_looked_at_first(own_desk: RunningDesk, open_page: OpenPage, people: Path) -> None:
    page = open_page(at=own_desk, expects=HINTS)
    sign_in(page, "Olga")
    choose(page, "Mask personal data", people)
    page.wait_for_url(JOB)
    page.get_by_label("What to do").select_option(label="Only find it")
    expect(page.get_by_label("Key to hash with")).to_be_hidden()
    start(page)
    expect(page.get_by_role("link", name="people-masked.csv")).to_have_count(0)
    report = table_in(page, "people-what-was-found.csv")
    assert {line["treatment"] for line in report} == {"kept"}
