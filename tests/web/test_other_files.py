"""Files that are parameters, by page and by API: chosen once, kept while the page is looked at, taken out again."""

import json
import time
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.people import OURS, Person
from tests.mail_server import MailSink
from tests.running import Program, RunningDesk
from tests.web.test_look import LETTER

HIDDEN = '<input type="hidden" name="params.attachment" value="'


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("name,email,order,bill\nAda,ada@example.com,7,a.pdf\nBob,bob@example.com,8,b.pdf\n")
    return path


@pytest.fixture
def bills(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "bills.zip", "w") as archive:
        archive.writestr("a.pdf", b"for Ada")
    return tmp_path / "bills.zip"


def post(olga: Person, path: str, file: Path | None = None, **more: str) -> httpx.Response:
    """Send the form of a start as a browser does; with a file, if one is chosen."""
    data = {**{f"params.{name}": text for name, text in LETTER.items()}, **more}
    return post_parts(olga, path, *data.items(), file=file)


def post_parts(olga: Person, path: str, *fields: tuple[str, str], file: Path | None = None) -> httpx.Response:
    parts: list[tuple[str, Any]] = [(name, (None, text)) for name, text in fields]
    if file:
        parts.append(("params.attachment", (file.name, file.read_bytes())))
    headers = {**OURS, "Cookie": f"batchdesk={olga.cookie}"}
    return httpx.post(f"{olga.desk.url}{path}", files=parts, headers=headers, timeout=60)


def kept_in(page: str) -> str:
    """What the page sends along in place of a file."""
    return page.partition(HIDDEN)[2].partition('"')[0]


def test_a_file_chosen_once_stays_until_it_is_taken_out(olga: Person, people: Path, bills: Path) -> None:
    job = olga.hand_in("send_email", people)
    more = {"params.attachment_in": "bill", "look_row": "1"}
    seen = post(olga, f"{job}/preview", bills, **more)
    assert "<dt>Attached</dt><dd>a.pdf (7 bytes)</dd>" in seen.text
    assert "bills.zip" in seen.text
    kept = kept_in(seen.text)
    again = post(olga, f"{job}/preview", None, **{**more, "params.attachment": kept, "look_row": "2"})
    assert "Row 2: names “b.pdf”, which is not in bills.zip" in again.text
    assert kept_in(again.text) == kept
    letter = [(f"params.{name}", text) for name, text in LETTER.items()]
    taken_out = [("params.attachment", kept), ("params.attachment", "")]
    without = post_parts(olga, f"{job}/preview", *letter, *taken_out, ("look_row", "1"))
    assert kept_in(without.text) == ""
    assert "Attached" not in without.text


def test_one_file_goes_along_with_every_mail(olga: Person, people: Path, bills: Path, sink: MailSink) -> None:
    sink.taken.clear()
    job = olga.hand_in("send_email", people)
    assert post(olga, f"{job}/start", bills).status_code == 303
    deadline = time.monotonic() + 30
    while len(sink.taken) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    for mail in sink.taken:
        (part,) = mail.message.iter_attachments()
        assert (part.get_filename(), part.get_payload(decode=True)) == ("bills.zip", bills.read_bytes())
    assert len(sink.taken) == 2


def test_what_does_not_go_together_is_said_beside_the_field(olga: Person, people: Path) -> None:
    page = post(olga, f"{olga.hand_in('send_email', people)}/start", people, **{"params.attachment_in": "bill"})
    assert page.status_code == 422
    assert "This has to be a ZIP archive with all files." in page.text
    assert kept_in(page.text).endswith(" people.csv"), "it stays chosen"


def test_a_program_sends_it_as_a_part_of_its_own(
    mail_program: Program, people: Path, bills: Path, sink: MailSink
) -> None:
    sink.taken.clear()
    params = {**LETTER, "attachment_in": "bill"}
    answers = []
    for _ in range(2):
        data = {"job_type": "send_email", "params": json.dumps(params), "confirm_rows": "2"}
        files = {
            "file": (people.name, people.read_bytes()),
            "params.attachment": (bills.name, bills.read_bytes()),
        }
        answers.append(mail_program.request("POST", "/jobs", data=data, files=files, headers={"Idempotency-Key": "k1"}))
    assert [answer.status_code for answer in answers] == [202, 202], answers[0].text
    assert answers[0].json()["id"] == answers[1].json()["id"]
    job = mail_program.wait(answers[0].json()["id"])
    assert (job["rows"]["done"], job["rows"]["failed"]) == (1, 1)
    assert [mail.recipients for mail in sink.taken] == [("ada@example.com",)]
    (problem,) = mail_program.problems(job["id"])
    assert problem["reason"] == "names “b.pdf”, which is not in bills.zip"


def test_the_file_of_somebody_else_is_none(mail_desk: RunningDesk, olga: Person, people: Path, bills: Path) -> None:
    job = olga.hand_in("send_email", people)
    kept = kept_in(post(olga, f"{job}/preview", bills).text)
    mail_desk.add_user("Eve")
    eve = Person(mail_desk, "Eve")
    page = post(eve, f"{eve.hand_in('send_email', people)}/preview", None, **{"params.attachment": kept})
    assert page.status_code == 422
    assert "is not on the desk any more. Choose the file again." in page.text
