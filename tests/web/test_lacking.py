"""What a job would need and the desk does not have: said beside the field, before anything is queued."""

from pathlib import Path
from uuid import UUID

import pytest
from httpx import Response
from sqlmodel import select

from tests.web.api.conftest import Client
from tests.web.conftest import Browser
from webapp.accounts import create_token
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Job, State, User

SAID = "This desk has no mail server. Ask an administrator to set BATCHDESK_MAIL_SERVER"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, disk_reserve=0, workers=0)


def test_a_report_is_not_to_be_mailed_by_a_desk_without_a_mail_server(ann_browser: Browser, database: Database) -> None:
    address = report(ann_browser, mail_to="")
    assert address.status_code == 303, address.text
    refused = report(ann_browser, mail_to="ada@example.com")
    assert refused.status_code == 422
    assert f'mail_to-error" role="alert">{SAID}, or leave this empty.' in refused.text
    assert "ada@example.com</textarea>" in refused.text, "nothing that was typed is lost"
    with database.read() as session:
        assert len(session.exec(select(Job)).all()) == 1


def test_programs_are_told_too(browser: Browser, ann: User, database: Database) -> None:
    client = Client(browser, create_token(database, ann.name))
    answer = client.submit("report", {"mail_to": ["ada@example.com"]}, {})
    assert answer.status_code == 422
    (problem,) = answer.json()["problems"]
    assert (problem["field"], problem["message"]) == ("mail_to", f"{SAID}, or leave this empty.")


def test_mails_are_not_begun_by_a_desk_without_a_mail_server(ann_browser: Browser, database: Database) -> None:
    form = {"job_type": (None, "send_email"), "file": ("people.csv", b"email\nada@example.com\n")}
    address = ann_browser.post("/jobs", files=form).headers["location"]
    letter = {"params.to": "email", "params.subject": "Hello", "params.text": "Hello."}
    refused = ann_browser.post(f"{address}/start", data=letter)
    assert refused.status_code == 422
    assert SAID in refused.text
    shown = ann_browser.post(f"{address}/preview", data={**letter, "look_row": "1"})
    assert shown.status_code == 200, "what it would be can be looked at"
    with database.read() as session:
        assert session.get_one(Job, UUID(address.rpartition("/")[2])).state in {State.checking, State.ready}


def report(browser: Browser, mail_to: str) -> Response:
    """Ask for a report by the form."""
    return browser.post("/jobs", data={"job_type": "report", "params.mail_to": mail_to})
