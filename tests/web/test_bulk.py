"""The same asked of many jobs of the list: what is offered, what is asked first, and what is said after."""

import re
from typing import Any

import pytest
from fastapi import FastAPI

from tests.web.conftest import PASSWORD, Browser
from webapp.accounts import add_user
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.tables import Job, Role, State, User

ALL = {"action": "cancel", "which": "all"}


@pytest.fixture
def jobs(database: Database, ann: User) -> list[Job]:
    """Two jobs of Ann's that wait, one that has ended, and one that waits of Bob's."""
    bob = add_user(database, "Bob", Role.operator, PASSWORD)
    common: dict[str, Any] = {"job_type": "load_table", "queued_at": now()}
    made = [
        Job(number=1, owner_id=ann.id, state=State.queued, **common),
        Job(number=2, owner_id=ann.id, state=State.completed, **common),
        Job(number=3, owner_id=ann.id, state=State.queued, **common),
        Job(number=4, owner_id=bob.id, state=State.queued, **common),
    ]
    with database.write() as session:
        session.add_all(made)
    return made


def state(database: Database, job: Job) -> State:
    with database.read() as session:
        return session.get_one(Job, job.id).state


def hidden(page: str) -> dict[str, str]:
    """What the form of the question sends."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


@pytest.mark.usefixtures("jobs")
def test_only_what_can_be_done_is_offered(ann_browser: Browser) -> None:
    page = ann_browser.get("/jobs").text
    assert "Apply to all 3 that match" in page
    assert re.findall(r'<option value="([\w:-]+)">', page.partition('id="bulk"')[2]) == [
        "cancel",
        "priority:10",
        "priority:0",
        "priority:-10",
    ]
    assert 'id="bulk"' not in ann_browser.get("/jobs?tab=completed").text


@pytest.mark.usefixtures("jobs")
def test_a_viewer_ticks_nothing(app: FastAPI, database: Database) -> None:
    add_user(database, "Vic", Role.viewer, PASSWORD)
    viewer = Browser(app)
    viewer.sign_in("Vic")
    assert 'name="ids"' not in viewer.get("/jobs").text


def test_the_question_has_the_number_and_the_answer_too(
    ann_browser: Browser, database: Database, jobs: list[Job]
) -> None:
    question = ann_browser.get("/jobs/bulk", params=ALL).text
    assert "Cancel 2 jobs?" in question
    assert "With 1 other job that matches this can’t be done." in question
    answer = ann_browser.post("/jobs/bulk", data=hidden(question))
    assert answer.status_code == 303
    said = ann_browser.get(answer.headers["location"]).text
    assert "2 jobs cancelled" in said
    assert [state(database, job) for job in jobs] == [
        State.cancelled,
        State.completed,
        State.cancelled,
        State.queued,
    ]


def test_more_jobs_than_were_asked_about_are_asked_about_anew(ann_browser: Browser, jobs: list[Job]) -> None:
    form = hidden(ann_browser.get("/jobs/bulk", params=ALL).text) | {"count": "1"}
    again = ann_browser.post("/jobs/bulk", data=form)
    assert again.status_code == 409
    assert "By now 2 jobs match, not 1" in again.text
    assert hidden(again.text)["count"] == "2"
    assert jobs


def test_those_ticked_that_can_not_be_are_named(ann_browser: Browser, jobs: list[Job]) -> None:
    ids = [str(job.id) for job in jobs]
    question = ann_browser.get("/jobs/bulk", params={"action": "cancel", "ids": ids}).text
    assert "Cancel 2 jobs?" in question
    answer = ann_browser.post("/jobs/bulk", data={"action": "cancel", "ids": ids, "count": "2"})
    said = ann_browser.get(answer.headers["location"]).text
    assert "2 jobs cancelled" in said
    assert "2 jobs could not be" in said
    assert "This job has ended already" in said
    assert "There is no such job, or it is not yours." in said


@pytest.mark.usefixtures("jobs")
def test_nobody_reads_what_came_of_it_but_who_asked(ann_browser: Browser, app: FastAPI) -> None:
    form = hidden(ann_browser.get("/jobs/bulk", params=ALL).text)
    address = ann_browser.post("/jobs/bulk", data=form).headers["location"]
    bob = Browser(app)
    bob.sign_in("Bob")
    for method, path in (("GET", address), ("POST", f"{address}/rest"), ("GET", f"/jobs/bulk/{10**30}")):
        assert bob.request(method, path, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 404


@pytest.mark.usefixtures("jobs")
def test_nothing_ticked_and_nothing_to_do_are_said(ann_browser: Browser) -> None:
    assert "No job is ticked" in ann_browser.get("/jobs/bulk", params={"action": "cancel"}).text
    assert "No job is ticked" in ann_browser.post("/jobs/bulk", data={"action": "cancel", "count": "0"}).text
    assert "There is nothing to do" in ann_browser.get("/jobs/bulk", params=ALL | {"action": "discard"}).text


@pytest.mark.usefixtures("jobs")
@pytest.mark.parametrize("params", [{"action": "explode"}, {}, {"action": "priority:7"}])
def test_an_action_that_there_is_not_is_nowhere(ann_browser: Browser, params: dict[str, str]) -> None:
    assert ann_browser.get("/jobs/bulk", params=params).status_code == 404
