"""What a job's page offers in each state, to whom; and what becomes of it when that is pressed."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from tests.web.conftest import Browser
from webapp.jobs.activity import record
from webapp.jobs.deeds import Action
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.tables import Job, LedgerEntry, Outcome, Role, State, User
from webapp.web import job as page_module
from webapp.web.action_view import resource
from webapp.web.desk import Desk
from webapp.web.job import JobTopic

FILE = b"id,name\n" + b"".join(b"%d,Name %d\n" % (row, row) for row in range(1, 51))


Put = Callable[..., str]


@pytest.fixture
def put(database: Database, ann: User) -> Put:
    """Makes a job of Ann's without rows in a state; its address."""

    def make(state: State, **columns: Any) -> str:
        job = Job(
            **{"number": 1, "owner_id": ann.id, "job_type": "load_table", "state": state, "queued_at": now(), **columns}
        )
        job.request = {"client": "", "user_agent": "", "request_id": ""}
        with database.write() as session:
            session.add(job)
        return f"/jobs/{job.id}"

    return make


@pytest.fixture
def put_rows(ann_browser: Browser, database: Database) -> Put:
    """Makes a job of Ann's with fifty rows in a state; its address."""

    def make(state: State, **columns: Any) -> str:
        answer = ann_browser.post("/jobs", data={"job_type": "load_table"}, files={"file": ("people.csv", FILE)})
        address = str(answer.headers["location"])
        change(database, address, state=state, attempt=1, received=50, counted=True, **columns)
        return address

    return make


def change(database: Database, address: str, **columns: Any) -> None:
    """Put something into the table of jobs, as if it had happened."""
    with database.write() as session:
        job = session.get_one(Job, id_of(address))
        for name, value in columns.items():
            setattr(job, name, value)
        session.add(job)


def account(database: Database, address: str, *entries: tuple[int, int, Outcome, str]) -> None:
    """First row, last row, outcome and code of what is written down about a job's rows."""
    with database.write() as session:
        for first, last, outcome, code in entries:
            entry = LedgerEntry(job_id=id_of(address), attempt=1, outcome=outcome, first_row=first, last_row=last)
            entry.code, entry.reason = code, f"because of {code}" if code else None
            session.add(entry)


def id_of(address: str) -> UUID:
    """The job's id."""
    return UUID(address.rpartition("/")[2])


def hero(browser: Browser, address: str) -> str:
    """The text of the page's upper part, without tags."""
    page = browser.get(address)
    assert page.status_code == 200, page.text
    found = re.search(r'<section class="card hero.*?</section>', page.text, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def offered(browser: Browser, address: str) -> set[str]:
    """The last part of the address of each form of the page's live part."""
    text = browser.get(address).text
    live = text[text.index('<div id="live">') : text.index('class="about card"')]
    return {path.rpartition("/")[2] for path in re.findall(r'<form[^>]+action="([^"]+)"', live)}


@pytest.mark.parametrize(
    ("state", "columns", "expected"),
    [
        (State.queued, {}, {"pause", "cancellation", "priority"}),
        (State.scheduled, {"run_at": timedelta(hours=1)}, {"run-now", "pause", "cancellation", "priority"}),
        (State.running, {"attempt": 1}, {"pause", "cancellation"}),
        (State.pausing, {"attempt": 1, "asked_at": timedelta(0)}, {"cancellation"}),
        (State.pausing, {"attempt": 1, "asked_at": timedelta(minutes=-5)}, {"cancellation", "force"}),
        (State.cancelling, {"attempt": 1, "asked_at": timedelta(0)}, set()),
        (State.cancelling, {"attempt": 1, "asked_at": timedelta(minutes=-5)}, {"force"}),
        (State.paused, {}, {"resume", "cancellation", "priority"}),
        (State.completed, {"attempt": 1}, {"run-again"}),
        (State.failed, {"attempt": 1}, {"retry", "unknown", "run-again"}),
        (State.cancelled, {}, {"run-again"}),
    ],
)
def test_only_what_can_be_done_is_offered(
    put: Put, ann_browser: Browser, state: State, columns: dict[str, Any], expected: set[str]
) -> None:
    present = now()
    times = {name: present + value for name, value in columns.items() if isinstance(value, timedelta)}
    assert offered(ann_browser, put(state, **{**columns, **times})) == expected


def test_who_may_only_look_is_offered_nothing(put: Put, browser: Browser, database: Database, ann: User) -> None:
    address = put(State.running, attempt=1)
    with database.write() as session:
        session.get_one(User, ann.id).role = Role.viewer
    browser.sign_in("Ann")
    assert offered(browser, address) == set()
    with database.write() as session:
        session.get_one(Job, id_of(address)).state = State.failed
    assert offered(browser, address) == set()


def test_streams_of_those_who_may_act_and_those_who_may_only_look_are_apart(put: Put, desk: Desk) -> None:
    job_id = id_of(put(State.running, attempt=1))
    acting, looking = JobTopic(desk, job_id, may=True), JobTopic(desk, job_id, may=False)
    assert acting.key != looking.key
    shown = [topic.render() for topic in (acting, looking)]
    assert ["/pause" in snapshot.html for snapshot in shown if snapshot] == [True, False]


def test_force_is_offered_by_itself_after_five_minutes(put: Put, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = now()
    topic = JobTopic(desk, id_of(put(State.pausing, attempt=1, asked_at=asked)), may=True)
    versions = []
    for minutes in (0, 4, 6):
        at: datetime = asked + timedelta(minutes=minutes, seconds=1)
        monkeypatch.setattr(page_module, "now", lambda at=at: at)
        versions.append(topic.version())
    assert len(set(versions)) == 3, "an open page is drawn anew though nothing about the job has changed"


@pytest.mark.parametrize("action", list(Action))
def test_what_can_not_be_done_is_refused_in_words_and_leads_back(
    put: Put, ann_browser: Browser, action: Action
) -> None:
    address = put(State.completed, attempt=1)
    answer = ann_browser.post(f"{address}/{resource(action)}", headers={"Referer": f"http://127.0.0.1:8000{address}"})
    assert answer.status_code == 409
    assert "job" in re.search(r'class="lead">([^<]+)', answer.text)[1]  # type: ignore[index]  # it has one
    assert f'href="{address}"' in answer.text
    assert ann_browser.get(f"{address}/{resource(action)}").headers["location"] == address


def test_pressing_twice_is_pressing_once(put: Put, ann_browser: Browser) -> None:
    address = put(State.queued)
    for _ in range(2):
        answer = ann_browser.post(f"{address}/pause")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{address}#actions")
    assert "Paused before it began" in hero(ann_browser, address)
    assert ann_browser.get(address).text.count("paused it") == 1


def test_the_priority_is_shown_and_changed(put: Put, ann_browser: Browser) -> None:
    address = put(State.queued, priority=37)
    assert "Priority +37" in hero(ann_browser, address)
    assert ann_browser.post(f"{address}/priority", data={"priority": "10"}).status_code == 303
    assert '<button name="priority" value="10" aria-pressed="true">' in ann_browser.get(address).text
    for wrong in ({"priority": "101"}, {"priority": "high"}, {}, {"priority": "1", "state": "failed"}):
        assert ann_browser.post(f"{address}/priority", data=wrong).status_code == 422, wrong


def test_a_job_that_is_tried_again_says_when_and_how_often(put: Put, ann_browser: Browser) -> None:
    moment = now() + timedelta(minutes=3)
    said = hero(ann_browser, put(State.scheduled, attempt=1, retries=1, run_at=moment))
    assert "Waiting for another try. Something did not work the last time." in said
    assert f"It is tried again by itself on {moment.day} {moment:%b %Y} at {moment:%H:%M} UTC (try 2 of 2)." in said


def test_a_job_that_waits_for_what_passes_by_itself_says_what_that_is(put: Put, ann_browser: Browser) -> None:
    address = put(State.scheduled, attempt=1, run_at=now() + timedelta(seconds=10), problem="The disk is full.")
    said = hero(ann_browser, address)
    assert "Waiting for another try. The disk is full." in said
    assert "(try" not in said, "it waits as often as it takes"


def test_failed_rows_may_be_tried_again_but_not_rejected_ones(put_rows: Put, ann_browser: Browser) -> None:
    failed = put_rows(State.completed_with_errors, done=47, failed=2, rejected=1)
    assert offered(ann_browser, failed) == {"retry-rows", "unknown", "run-again", "undo"}
    assert "Try the 2 failed rows again" in hero(ann_browser, failed)
    rejected = put_rows(State.completed_with_errors, done=49, rejected=1)
    assert offered(ann_browser, rejected) == {"unknown", "run-again", "undo"}


def test_the_first_rows_are_shown_with_what_became_of_them(
    put_rows: Put, ann_browser: Browser, database: Database
) -> None:
    address = put_rows(State.paused, done=9, failed=1)
    account(database, address, (1, 3, Outcome.done, ""), (4, 4, Outcome.failed, "rain"), (5, 10, Outcome.done, ""))
    said = hero(ann_browser, address)
    assert "9 of the first 10 rows done. 1 needs you." in said
    assert "Look at them, then let it go on, or cancel it." in said
    assert "3 Done 3 Name 3 4 Failed because of rain 4 Name 4 5 Done 5 Name 5" in said
    assert "Name 11" not in said


def test_of_many_first_rows_those_at_the_beginning_are_shown(
    put_rows: Put, ann_browser: Browser, database: Database
) -> None:
    address = put_rows(State.paused, done=40)
    account(database, address, (1, 40, Outcome.done, ""))
    said = hero(ann_browser, address)
    assert "The first 40 rows are done." in said
    assert "20 Done 20 Name 20" in said
    assert "Name 21" not in said


def test_a_job_that_somebody_has_paused_is_not_taken_for_one_whose_first_rows_are_done(
    put_rows: Put, ann_browser: Browser, database: Database, ann: User
) -> None:
    address = put_rows(State.paused, done=10)
    with database.write() as session:
        record(session, ann, Action.pause, id_of(address))
    assert "Paused. 10 of 50 rows done." in hero(ann_browser, address)


def test_rows_that_were_not_reached_are_counted_on_the_button(
    put_rows: Put, ann_browser: Browser, database: Database
) -> None:
    address = put_rows(State.cancelled, done=8, skipped=42)
    account(database, address, (5, 6, Outcome.skipped, "empty"), (11, 50, Outcome.skipped, "cancelled"))
    assert "Go on with the 40 rows that were not reached" in hero(ann_browser, address)


def test_rows_that_were_skipped_on_purpose_count_as_reached(
    put_rows: Put, ann_browser: Browser, database: Database
) -> None:
    address = put_rows(State.failed, done=49, skipped=1)
    account(database, address, (50, 50, Outcome.skipped, "empty"))
    assert "Go on Run again" in hero(ann_browser, address)


def test_a_job_that_repeats_another_says_so_and_that_one_says_it_too(put_rows: Put, ann_browser: Browser) -> None:
    first = put_rows(State.completed, done=50, params={"table": "people"})
    second = str(ann_browser.post(f"{first}/run-again").headers["location"])
    page = ann_browser.get(second).text
    assert f'Repeats <a href="{first}">job 1</a>' in page
    assert re.search(r'<input[^>]+name="params.table"[^>]+value="people"', page), "the form is filled in"
    assert f'<a href="{second}">ran it again as job 2</a>' in ann_browser.get(first).text


def test_unknown_rows_are_shown_as_they_were_handed_in_and_decided_about(
    put_rows: Put, ann_browser: Browser, database: Database
) -> None:
    address = put_rows(State.needs_attention, done=48, unknown=2)
    account(database, address, (7, 7, Outcome.unknown, "broke_off"), (9, 9, Outcome.unknown, "broke_off"))
    with database.write() as session:
        for entry in session.exec(select(LedgerEntry)):
            entry.line, entry.offset, entry.length = entry.first_row + 1, FILE.index(b"%d,Name" % entry.first_row), 9
            session.add(entry)
    for page in (address, f"{address}/unknown", f"{address}/problems"):
        text = ann_browser.get(page).text
        assert "For 2 rows nobody can tell whether they were sent: the desk broke off in that moment." in text
        assert "<dt>name</dt><dd>Name 7</dd>" in text, page
    answer = ann_browser.post(f"{address}/unknown", data={"decision": "sent", "row": "7", "back": "unknown"})
    assert answer.headers["location"] == f"{address}/unknown?done=sent"
    assert "Marked as sent." in ann_browser.get(answer.headers["location"]).text
    assert ann_browser.post(f"{address}/unknown", data={"decision": "sent", "row": "7"}).status_code == 409
    answer = ann_browser.post(f"{address}/unknown", data={"decision": "not_sent"})
    assert answer.headers["location"] == f"{address}?done=not_sent"
    assert "49 of 50 rows done. 1 needs you." in hero(ann_browser, address)
    assert "Nothing is unknown" in ann_browser.get(f"{address}/unknown").text


@pytest.mark.parametrize(
    "form", [{}, {"decision": "maybe"}, {"decision": "sent", "row": "0"}, {"decision": "sent", "rows": "1"}]
)
def test_a_decision_that_is_none_is_refused(put: Put, ann_browser: Browser, form: dict[str, str]) -> None:
    assert ann_browser.post(f"{put(State.needs_attention, unknown=1)}/unknown", data=form).status_code == 422


def test_lists_are_filtered_by_what_waits_and_what_is_paused(put: Put, ann_browser: Browser) -> None:
    scheduled = put(State.scheduled, number=1, run_at=now() + timedelta(hours=3, minutes=30))
    paused = put(State.paused, number=2)
    pausing = put(State.pausing, number=3, asked_at=now())
    for tab, address, words in (
        ("scheduled", scheduled, "in 3 hours"),
        ("paused", paused, "Paused"),
        ("running", pausing, "Pausing"),
    ):
        text = ann_browser.get(f"/jobs/list?tab={tab}").text
        assert re.findall(r'href="(/jobs/[0-9a-f-]{36})"', text) == [address]
        assert words in text
