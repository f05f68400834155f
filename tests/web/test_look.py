"""Before the start: a row looked at, a try with it, and the number of rows typed, by page and by API."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.people import OURS, Person
from tests.mail_server import MailSink
from tests.running import Program

LETTER = {"to": "email", "subject": "Order {order}", "text": "Dear {name},\nhere it is.", "html": "<p>Dear {name}</p>"}


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    rows = "".join(f"<b>P{number}</b>,p{number}@example.com,{number}\n" for number in range(1, 61))
    path.write_text(f"name,email,order\n{rows}broken,nobody,61\n")
    return path


def post(olga: Person, path: str, **fields: str) -> httpx.Response:
    headers = {**OURS, "Cookie": f"batchdesk={olga.cookie}"}
    return httpx.post(f"{olga.desk.url}{path}", data=fields, headers=headers, timeout=60)


def fields(**more: str) -> dict[str, str]:
    return {**{f"params.{name}": text for name, text in LETTER.items()}, **more}


def test_the_page_shows_the_mail_of_any_row_and_keeps_what_was_typed(olga: Person, people: Path) -> None:
    job = olga.hand_in("send_email", people)
    page = post(olga, f"{job}/preview", **fields(look_row="7", confirm_rows="12"))
    assert page.status_code == 200
    assert "<dt>To</dt><dd>p7@example.com</dd>" in page.text
    assert "Dear &lt;b&gt;P7&lt;/b&gt;," in page.text
    assert 'sandbox="" title="The same as HTML" srcdoc="&lt;p&gt;Dear &amp;lt;b&amp;gt;P7' in page.text
    assert 'value="Order {order}"' in page.text
    assert 'value="12"' in page.text


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("61", "Row 61: is not an e-mail address"),
        ("62", "The file has no row 62."),
        ("0", "Write the number of a row"),
        ("-1", "Write the number of a row"),
        ("x", "Write the number of a row"),
        ("9" * 20, "Write the number of a row"),
    ],
)
def test_a_row_that_comes_to_nothing_says_why(olga: Person, people: Path, row: str, sentence: str) -> None:
    page = post(olga, f"{olga.hand_in('send_email', people)}/preview", **fields(look_row=row))
    assert page.status_code == 422
    assert sentence in page.text
    assert 'value="Order {order}"' in page.text


def test_a_wrong_entry_is_said_beside_its_field(olga: Person, people: Path) -> None:
    wrong = fields(**{"params.subject": "Dear {nmae}"})
    page = post(olga, f"{olga.hand_in('send_email', people)}/preview", **wrong)
    assert page.status_code == 422
    assert "Did you mean {name}?" in page.text


def test_a_trial_goes_to_the_operator_and_to_nobody_else(olga: Person, people: Path, sink: MailSink) -> None:
    sink.taken.clear()
    job = olga.hand_in("send_email", people)
    more = {"params.unsubscribe": "https://shop.example/leave?who={email}"}
    page = post(olga, f"{job}/trial", **fields(look_row="3", look_to="olga@example.org", **more))
    assert page.status_code == 200
    assert "The mail to p3@example.com was sent to olga@example.org instead." in page.text
    (mail,) = sink.taken
    assert mail.recipients == ("olga@example.org",)
    assert mail.message["Subject"] == "Trial: Order 3"
    assert mail.message["List-Unsubscribe"] is None


@pytest.mark.parametrize("to", ["", "olga", "a@example.com, b@example.com", "a@example.com\r\nBcc: b@example.com"])
def test_a_trial_needs_one_address(olga: Person, people: Path, sink: MailSink, to: str) -> None:
    sink.taken.clear()
    page = post(olga, f"{olga.hand_in('send_email', people)}/trial", **fields(look_to=to))
    assert page.status_code == 422
    assert "Write your own e-mail address" in page.text
    assert sink.taken == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("", "This job works on 61 rows."), ("60", "The file has 61 rows, not 60."), ("all", "in digits")],
)
def test_many_rows_want_their_number_and_a_wrong_one_loses_nothing(
    olga: Person, people: Path, typed: str, sentence: str
) -> None:
    page = post(olga, f"{olga.hand_in('send_email', people)}/start", **fields(confirm_rows=typed))
    assert page.status_code == 422
    assert sentence in page.text
    assert 'value="Order {order}"' in page.text


def test_the_right_number_starts_it_and_few_rows_need_none(
    olga: Person, people: Path, tmp_path: Path, mail_program: Program
) -> None:
    assert post(olga, f"{olga.hand_in('send_email', people)}/start", **fields(confirm_rows="61")).status_code == 303
    few = tmp_path / "few.csv"
    few.write_text("name,email,order\nAda,ada@example.com,1\n")
    assert post(olga, f"{olga.hand_in('send_email', few)}/start", **fields()).status_code == 303
    assert mail_program.try_submit("send_email", few, **LETTER).status_code == 202


def prepared(mail_program: Program, people: Path) -> str:
    """A job of the program's that waits for its start: one that repeats another."""
    with people.open("rb") as content:
        data = {"job_type": "send_email", "params": program_params(), "confirm_rows": "61"}
        answer = mail_program.request("POST", "/jobs", data=data, files={"file": ("people.csv", content)})
    assert answer.status_code == 202, answer.text
    return str(mail_program.request("POST", f"/jobs/{answer.json()['id']}/run-again").json()["id"])


def program_params() -> str:
    return httpx.Request("POST", "http://x", json=LETTER).content.decode()


def test_programs_look_try_and_confirm_as_well(mail_program: Program, people: Path, sink: MailSink) -> None:
    refused = mail_program.try_submit("send_email", people, **LETTER)
    assert refused.status_code == 422
    assert "confirm_rows" in refused.text
    job = prepared(mail_program, people)
    seen = mail_program.request("POST", f"/jobs/{job}/preview", json={"row": 2, "params": LETTER}).json()
    assert seen["facts"][1:] == [["To", "p2@example.com"], ["Subject", "Order 2"]]
    assert seen["text"] == "Dear <b>P2</b>,\nhere it is."
    bad = mail_program.request("POST", f"/jobs/{job}/preview", json={"row": 99, "params": {**LETTER, "to": "x"}})
    assert "params.to" in bad.text
    bad = mail_program.request("POST", f"/jobs/{job}/preview", json={"row": 99, "params": LETTER})
    assert '"row"' in bad.text
    sink.taken.clear()
    body: dict[str, Any] = {"row": 2, "params": LETTER, "to": "me@example.org"}
    assert "instead" in mail_program.request("POST", f"/jobs/{job}/trial", json=body).json()["done"]
    assert "me@example.org" in {to for mail in sink.taken for to in mail.recipients}
    start = f"/jobs/{job}/start"
    assert mail_program.request("POST", start, json={"params": LETTER, "confirm_rows": 5}).status_code == 422
    assert mail_program.request("POST", start, json={"params": LETTER, "confirm_rows": 61}).status_code == 202


def test_a_job_without_such_parts_has_none(olga: Person, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("id\n1\n")
    job = olga.hand_in("load_table", file)
    assert post(olga, f"{job}/preview", **{"params.table": "t"}).status_code == 404
    assert post(olga, f"{job}/trial", **{"params.table": "t"}).status_code == 404
