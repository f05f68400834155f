"""Who did what and when: on the page, as a file and for programs, each for those who may see it."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlmodel import select

from tests.web.conftest import PASSWORD, Browser
from webapp.accounts import add_user, create_token
from webapp.store.activity import record
from webapp.store.activity_list import ActivityFilter, activity_page
from webapp.store.database import Database
from webapp.store.tables import Activity, Job, ResultFile, Role, State, User
from webapp.web.desk import Desk

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NASTY = "<script>alert(1)</script>"


@pytest.fixture
def ada(app: FastAPI, database: Database) -> Browser:
    """The browser of an administrator."""
    add_user(database, "Ada", Role.admin, PASSWORD)
    browser = Browser(app, source="198.51.100.4")
    browser.sign_in("Ada")
    return browser


def job_of(database: Database, owner: User, job_type: str = "clean_csv") -> UUID:
    with database.write() as session:
        number = len(session.exec(select(Job.id)).all()) + 1
        job = Job(number=number, owner_id=owner.id, job_type=job_type, state=State.completed, file_name="people.csv")
        session.add(job)
    return job.id


def deed(database: Database, user: User | None, action: str, at: datetime, job_id: UUID | None = None) -> None:
    with database.write() as session:
        who = user.id if user else None
        session.add(Activity(user_id=who, action=action, at=at, job_id=job_id, request_id="known-request"))


def lines(page: str) -> str:
    """A page without what its filter offers."""
    return re.sub("<option.*?</option>", "", page)


def actions(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.exec(select(Activity.action).order_by("id")))


def test_signing_in_and_out_is_told_with_where_it_came_from(ada: Browser, ann_browser: Browser) -> None:
    ann_browser.post("/sign-in", data={"name": "Ann", "password": "wrong"}, headers={"User-Agent": NASTY})
    ann_browser.post("/sign-out")
    page = ada.get("/activity").text
    for words in ("Signed in", "Signed out", "Did not get in", "203.0.113.7", "198.51.100.4", "POST /sign-in"):
        assert words in page, words
    assert NASTY not in page
    assert "&lt;script&gt;" in page


def test_others_see_what_they_did_themselves_and_administrators_see_all(
    ada: Browser, ann_browser: Browser, ann: User, database: Database
) -> None:
    bob = add_user(database, "Bob", Role.operator, PASSWORD)
    deed(database, bob, "force", NOON)
    deed(database, ann, "pause", NOON)
    deed(database, None, "desk_restored", NOON)
    own, all_of_it = lines(ann_browser.get("/activity").text), lines(ada.get("/activity").text)
    assert ("Paused it" in own, "Broke off" in own, "back-up" in own, 'name="person"' in own) == (
        True,
        False,
        False,
        False,
    )
    assert ("Paused it" in all_of_it, "Broke off" in all_of_it, "back-up" in all_of_it) == (True, True, True)
    asked = lines(ann_browser.get(f"/activity?person={bob.id}").text)
    assert "Broke off" not in asked
    assert ann_browser.get("/activity/activity.csv").status_code == 403


def test_each_part_of_the_filter_counts_and_stays_in_the_address(ada: Browser, ann: User, database: Database) -> None:
    job_id = job_of(database, ann)
    deed(database, ann, "pause", NOON, job_id)
    deed(database, None, "desk_restored", NOON - timedelta(days=3))
    for query, shown in (
        (f"person={ann.id}", (True, False)),
        ("person=desk", (False, True)),
        ("type=clean_csv", (True, False)),
        ("type=no_such_type", (False, False)),
        ("action=pause", (True, False)),
        ("action=no_such_action", (False, False)),
        ("from=2026-11-20&to=2026-11-20", (True, False)),
        ("to=2026-11-17", (False, True)),
        ("request=known-request", (True, True)),
        ("request=another", (False, False)),
        ("unheard=of", (True, True)),
    ):
        page = ada.get(f"/activity?{query}")
        assert page.status_code == 200, query
        assert ("Paused it" in lines(page.text), "back-up" in lines(page.text)) == shown, query
    shown_again = ada.get("/activity?from=2026-11-20&type=clean_csv&action=pause").text
    assert 'value="2026-11-20"' in shown_again
    assert '<option value="pause" selected>' in shown_again
    assert "/activity/activity.csv?type=clean_csv&amp;action=pause&amp;from=2026-11-20" in shown_again


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("from=2026-11-21&to=2026-11-20", 422, "The last day is before the first one."),
        ("from=yesterday", 422, "This is no date."),
        ("to=2026-02-30", 422, "This is no date."),
        ("from=0001-01-01", 422, "This is no date."),
        ("to=9999-12-31", 422, "This is no date."),
        ("from=2000-01-01&to=2199-12-31", 200, ""),
        ("person=' OR 1=1 --", 422, "There is nobody like that here."),
        ("person=01a1fa4a-3c23-7233-8fa0-04bb0e7c2482", 200, "Nothing matches"),
        (f"action={'x' * 5000}", 200, "Nothing matches"),
        ("request=%00%27%22", 200, "Nothing matches"),
        ("type=%25", 200, "Nothing matches"),
        ("before=-1", 422, ""),
        (f"before={2**70}", 422, ""),
        ("before=0", 200, "Nothing"),
        ("after=many", 422, ""),
    ],
)
def test_what_the_address_says_wrongly_is_answered_in_words(ada: Browser, query: str, status: int, words: str) -> None:
    page = ada.get(f"/activity?{query}")
    assert (page.status_code, words in page.text) == (status, True), page.text


def test_pages_follow_each_other_without_gap_or_overlap(database: Database, ann: User) -> None:
    for number in range(25):
        deed(database, ann, f"act {number}", NOON)
    seen: list[str] = []
    before = None
    with database.read() as session:
        while True:
            page = activity_page(session, ActivityFilter(ann, before=before), 10)
            seen += [each.action for each in page.deeds]
            if page.older is None:
                break
            before = page.older
        back = activity_page(session, ActivityFilter(ann, after=page.deeds[0].id), 10)
    assert seen == [f"act {number}" for number in range(24, -1, -1)]
    assert [each.action for each in back.deeds] == [f"act {number}" for number in range(5, 15)][::-1]


def test_what_is_taken_away_is_written_down_once_for_each_file(
    ann_browser: Browser, ann: User, database: Database, desk: Desk
) -> None:
    job_id = job_of(database, ann)
    file = ResultFile(job_id=job_id, name="clean.csv", bytes=3, sha256="x")
    with database.write() as session:
        session.add(file)
    path = desk.files.result(job_id, file.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"a,b")
    address = f"/jobs/{job_id}/files/{file.id}"
    assert ann_browser.get(address).text == "a,b"
    assert ann_browser.get(address, headers={"Range": "bytes=1-2"}).status_code == 206
    token = {"Authorization": f"Bearer {create_token(database, 'Ann')}"}
    assert ann_browser.get(f"/api/v1{address}", headers=token).text == "a,b"
    assert ann_browser.get(f"/jobs/{job_id}/for-developer.zip").status_code == 200
    assert actions(database)[-4:] == ["download", "create_token", "download", "download"]
    page = ann_browser.get("/activity?action=download").text
    assert page.count("Downloaded the result clean.csv") == 2
    assert '<option value="download" selected>Downloaded …</option>' in page, "the filter says it as the lines do"
    assert "Downloaded all that its developer needs" in page
    assert ann_browser.get(f"/jobs/{job_id}").text.count("downloaded") >= 3, "the job's own history tells it too"


def test_the_file_holds_all_that_the_filter_shows_and_no_formula(ada: Browser, ann: User, database: Database) -> None:
    for _ in range(1203):
        deed(database, ann, "pause", NOON, None)
    with database.write() as session:
        session.add(Activity(action="pause", at=NOON, request={"user_agent": "=cmd|' /C calc'!A0", "path": "/jobs"}))
    answer = ada.get("/activity/activity.csv?action=pause")
    assert answer.headers["content-disposition"].startswith('attachment; filename="activity.csv"')
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 1 + 1204
    assert rows[0][:4] == ["time", "person", "action", "what"]
    assert rows[1][1:4] == ["The desk", "pause", "paused it"]
    assert rows[1][10].startswith("'=cmd")
    assert actions(database)[-1] == "download_activity"
    assert ada.get("/activity/activity.csv?from=2026-11-21&to=2026-11-20").status_code == 422


def test_programs_get_the_same(ada: Browser, ann: User, database: Database) -> None:
    job_id = job_of(database, ann)
    for _ in range(3):
        deed(database, ann, "pause", NOON, job_id)
    mine, all_of_it = ({"Authorization": f"Bearer {create_token(database, name)}"} for name in ("Ann", "Ada"))
    page = ada.get("/api/v1/activity?action=pause&limit=2&from=2026-11-20", headers=all_of_it).json()
    assert [(each["who"], each["what"], each["job"], each["job_type"]) for each in page["activity"]] == [
        ("Ann", "paused it", str(job_id), "clean_csv")
    ] * 2
    rest = ada.get(page["next"], headers=all_of_it).json()
    assert (len(rest["activity"]), rest["next"]) == (1, None)
    seen = ada.get("/api/v1/activity", headers=mine).json()["activity"]
    assert {each["who"] for each in seen} == {"Ann"}
    for wrong in ("from=2026-11-21&to=2026-11-20", "from=x", "limit=0", "limit=1001", "user=Ann", "nonsense=1"):
        assert ada.get(f"/api/v1/activity?{wrong}", headers=mine).status_code == 422, wrong


def test_what_lets_somebody_in_and_cells_are_never_written_down(
    ann_browser: Browser, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    cell = "maria.secret@example.org"
    ann_browser.post(
        "/sign-in?link=letmein&tab=all&api_token=letmetoo", data={"name": cell, "password": "hunter2hunter2"}
    )
    files = {"file": ("people.csv", f"name,mail\nMaria,{cell}\n".encode())}
    made = ann_browser.post("/jobs", data={"job_type": "clean_csv"}, files=files)
    assert made.status_code == 303, made.text
    ann_browser.get(made.headers["location"] + "/upload")
    with database.read() as session:
        kept = session.exec(select(Activity)).all()
        told = " ".join(str(each.model_dump()) for each in kept) + caplog.text
    for hidden in (cell, "hunter2", "letmein", "letmetoo", PASSWORD):
        assert hidden not in told
    assert "link=…&tab=all&api_token=…" in told
    assert {"hand_in", "sign_in_failed"} <= {each.action for each in kept}


def test_the_facts_of_its_request_are_in_the_audit_trail_of_a_job(ann_browser: Browser) -> None:
    files = {"file": ("people.csv", b"name\nMaria\n")}
    headers = {"User-Agent": "Firefox 200", "X-Request-Id": "request-0001"}
    made = ann_browser.post("/jobs?from=desk", data={"job_type": "clean_csv"}, files=files, headers=headers)
    page = ann_browser.get(made.headers["location"]).text
    for fact in ("POST /jobs?from=desk", "Firefox 200", "203.0.113.7", "request-0001", "Ann"):
        assert fact in page, fact
    assert "Handed it in" in ann_browser.get("/activity?request=request-0001").text


def test_a_deed_without_a_request_says_so(ada: Browser, database: Database) -> None:
    with database.write() as session:
        record(session, None, "desk_resumed")
    assert "Let the desk go on" in ada.get("/activity").text
