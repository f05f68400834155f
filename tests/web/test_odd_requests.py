"""Requests that no page of ours would send: odd addresses, fields twice, and fields that are none of theirs."""

import json
from uuid import UUID

import pytest
from fastapi import FastAPI

from tests.web.conftest import Browser
from webapp.accounts import create_token
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.tables import Job, State, User

SECRET_PLACES = [
    *("/.git/config", "/.env", "/server-status", "/debug", "/docs", "/redoc", "/openapi.json", "/backup.zip"),
    *("/batchdesk.sqlite3", "/data/secret.key", "/static/../secret.key", "/static/..%2f..%2fetc/passwd"),
    *("/static/%2e%2e/%2e%2e/etc/passwd", "/static/..%5c..%5csecret.key", "/static/%252e%252e/secret.key"),
    *("/static/app.css%00.html", "/static//etc/passwd", "/static/css/../../webapp/app.py"),
]


@pytest.fixture
def job(database: Database, ann: User) -> Job:
    """A job of Ann's that waits."""
    job = Job(number=1, owner_id=ann.id, job_type="load_table", state=State.queued, queued_at=now())
    with database.write() as session:
        session.add(job)
    return job


def kept(database: Database, job: Job) -> Job:
    with database.read() as session:
        found = session.get_one(Job, job.id)
        session.expunge(found)
    return found


@pytest.mark.parametrize("path", SECRET_PLACES)
def test_nothing_is_served_that_is_no_page_or_static_file(ann_browser: Browser, path: str) -> None:
    assert ann_browser.get(path).status_code == 404


@pytest.mark.parametrize("more", ["/x.css", "/..;/x.js", "%2fx.png", ".css", "%00", "%252e%252e", "."])
def test_no_page_is_served_by_a_name_that_a_cache_would_keep(ann_browser: Browser, job: Job, more: str) -> None:
    answer = ann_browser.get(f"/jobs/{job.id}{more}")
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/jobs/%2e%2e/admin", "/%2e%2e/jobs", "/JOBS", "/jobs.", "/jobs%20"])
def test_a_page_has_one_address(ann_browser: Browser, path: str) -> None:
    assert ann_browser.get(path).status_code == 404


def test_fields_that_are_none_of_a_form_change_nothing(ann_browser: Browser, database: Database, job: Job) -> None:
    before = kept(database, job)
    surplus = {
        "state": "completed",
        "owner_id": str(UUID(int=1)),
        "id": str(UUID(int=2)),
        "fence": "9",
        "role": "admin",
    }
    for path, form in (
        (f"/jobs/{job.id}/priority", {"priority": "10"}),
        (f"/jobs/{job.id}/time", {"run_at": "2026-11-23T10:00", "zone": "UTC"}),
        ("/jobs/bulk", {"action": "cancel", "which": "all", "count": "1"}),
        ("/account/password", {"old": "x", "new": "y"}),
    ):
        answer = ann_browser.post(path, data={**form, **surplus})
        assert answer.status_code in {404, 422}, (path, answer.status_code)
    assert kept(database, job) == before


def test_a_field_that_is_sent_twice_counts_as_it_was_sent_last(
    ann_browser: Browser, database: Database, job: Job
) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = ann_browser.post(f"/jobs/{job.id}/priority", content=b"priority=-10&priority=10", headers=headers)
    assert (answer.status_code, kept(database, job).priority) == (303, 10)
    in_the_address = ann_browser.post(f"/jobs/{job.id}/priority?priority=-10", data={"priority": "0"})
    assert (in_the_address.status_code, kept(database, job).priority) == (303, 0)


def test_a_name_that_stands_twice_in_json_counts_as_it_stands_last(
    app: FastAPI, database: Database, ann: User, job: Job
) -> None:
    token = create_token(database, ann.name)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    path = f"/api/v1/jobs/{job.id}/priority"
    answer = Browser(app).request("PUT", path, content=b'{"priority": -5, "priority": 5}', headers=headers)
    assert (answer.status_code, answer.json()["priority"]) == (200, 5)
    for wrong in (b'[{"priority": 5}]', b'{"priority": [5]}', json.dumps({"priority": {"priority": 5}}).encode()):
        assert Browser(app).request("PUT", path, content=wrong, headers=headers).status_code == 422


@pytest.mark.parametrize("name", ["HX-Request", "HX-Boosted", "HX-Current-URL", "HX-Target", "HX-Trigger", "HX-Prompt"])
def test_no_header_of_the_answer_is_taken_from_one_of_the_request(ann_browser: Browser, job: Job, name: str) -> None:
    value = "true" if name == "HX-Request" else "https://evil.example/x"
    for path in ("/", "/jobs", "/jobs/list", f"/jobs/{job.id}"):
        answer = ann_browser.get(path, headers={name: value})
        assert answer.status_code == 200, path
        assert not [each for each in answer.headers if each.startswith("hx-")], path
        assert "evil.example" not in str(answer.headers) + answer.text, path
