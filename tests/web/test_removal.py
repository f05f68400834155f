"""What an ended job holds is removed, or kept for ever, by administrators; its page says when and why it is gone."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.web.conftest import PASSWORD, Browser
from webapp.accounts import add_user, create_token
from webapp.store.database import Database
from webapp.store.tables import Job, LedgerEntry, Outcome, Role, State
from webapp.web.desk import Desk

FILE = b"id,name\n1,Ada\n2,canary-cell\n"
CELL = "canary-cell"


@pytest.fixture
def address(ann_browser: Browser, database: Database) -> str:
    """The page of a job of Ann's that has ended, with one row that went wrong."""
    answer = ann_browser.post("/jobs", data={"job_type": "load_table"}, files={"file": ("people.csv", FILE)})
    address = str(answer.headers["location"])
    with database.write() as session:
        job = session.get_one(Job, UUID(address.rpartition("/")[2]))
        values = {"attempt": 1, "received": 2, "done": 1, "failed": 1, "counted": True}
        for name, value in {**values, "state": State.completed_with_errors, "finished_at": datetime.now(UTC)}.items():
            setattr(job, name, value)
        wrong = LedgerEntry(job_id=job.id, attempt=1, outcome=Outcome.failed, first_row=2, last_row=2, line=3)
        wrong.column = "name"
        wrong.reason, wrong.found, wrong.offset, wrong.length = f"{CELL} is nobody", CELL, 14, 13
        session.add(wrong)
        session.add(LedgerEntry(job_id=job.id, attempt=1, outcome=Outcome.done, first_row=1, last_row=1))
    return address


def test_an_administrator_is_asked_and_then_all_of_it_is_gone_and_the_page_says_so(
    ann_browser: Browser, ada_browser: Browser, address: str
) -> None:
    page = ada_browser.get(address).text
    assert f'href="{address}/removal"' in page
    assert CELL in page
    assert "Yes, remove it" in ada_browser.get(f"{address}/removal").text
    assert CELL in ada_browser.get(address).text, "asking changes nothing"
    assert ada_browser.post(f"{address}/removal").headers["location"] == address
    for who in (ada_browser, ann_browser):
        page = who.get(address).text
        assert "Its file is not here any more" in page
        assert "Ada had it removed. Its sums stay." in page
        assert "&lt;time" not in page
        assert "people.csv" in page
        assert CELL not in page
        for offered in ("run-again", "retry-rows", "failed-rows", "/upload", "/removal", "send-back", "Repeat this"):
            assert offered not in page, offered
    for path in ("problems", "receipt", "log", "mended", "skipped", "unknown"):
        answer = ann_browser.get(f"{address}/{path}")
        assert answer.status_code < 500, path
        assert CELL not in answer.text
    problems = ann_browser.get(f"{address}/problems").text
    assert "What this job held was removed" in problems
    assert ("failed-rows" in problems, ">empty<" in problems) == (False, False)
    for path in ("upload", "failed-rows.csv", "failed-rows.xlsx"):
        answer = ann_browser.get(f"{address}/{path}")
        assert (answer.status_code, "The files of this job were removed." in answer.text) == (404, True), path
    answer = ann_browser.post(f"{address}/run-again")
    assert (answer.status_code, "What this job held was removed" in answer.text) == (409, True)
    assert ann_browser.get(f"{address}/for-developer.zip").status_code == 200, "what it came to stays"


def test_an_operator_is_offered_nothing_of_it(ann_browser: Browser, address: str) -> None:
    page = ann_browser.get(address).text
    assert "Keep for ever" not in page
    assert "/removal" not in page
    assert ann_browser.post(f"{address}/removal").status_code == 403


def test_what_is_kept_for_ever_is_not_removed(ada_browser: Browser, address: str) -> None:
    assert f'action="{address}/keep"' in ada_browser.get(address).text
    ada_browser.post(f"{address}/keep")
    page = ada_browser.get(address).text
    assert "What this job holds is kept for ever." in page
    assert f"{address}/removal" not in page
    assert "Let go of it first" in ada_browser.post(f"{address}/removal").text
    ada_browser.post(f"{address}/let-go")
    assert "Keep for ever" in ada_browser.get(address).text


def test_an_administrators_program_does_the_same(
    browser: Browser, database: Database, desk: Desk, address: str
) -> None:
    add_user(database, "Root", Role.admin, PASSWORD)
    headers = {"Authorization": f"Bearer {create_token(database, 'Root')}", "Sec-Fetch-Site": None, "Origin": None}
    job = f"/api/v1{address}"
    kept = browser.request("PUT", f"{job}/keep", headers=headers, json={"keep": True})
    assert (kept.status_code, kept.json()["keep"]) == (200, True)
    assert browser.request("DELETE", f"{job}/held", headers=headers).status_code == 409
    browser.request("PUT", f"{job}/keep", headers=headers, json={"keep": False})
    removed = browser.request("DELETE", f"{job}/held", headers=headers).json()
    assert (removed["removal"], removed["rows"]["done"], removed["reading"]) == ("Root had it removed.", 1, None)
    assert "run-again" not in removed["actions"]
    assert list((desk.settings.data / "uploads").iterdir()) == []
