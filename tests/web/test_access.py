"""Every route says who may call it, and keeps to it. The routes are the application's own: a new one is covered."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from inspect import iscoroutinefunction

import pytest
from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts
from sqlalchemy import text, update
from sqlmodel import select
from starlette.routing import Mount

from tests.web.conftest import PASSWORD, Browser
from webapp.accounts import add_user, create_token
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.tables import (
    Activity,
    InboxEntry,
    Job,
    Message,
    ResultFile,
    Role,
    Schedule,
    State,
    Upload,
    User,
    UserSession,
)
from webapp.web.access import KINDS, declared

NOBODYS = "00000000-0000-7000-8000-000000000000"
HIGHER = {"operator", "admin"}
ENDLESS = {"/jobs/stream", "/inbox/watch"}  # these go on for as long as one looks


def routes(app: FastAPI) -> Iterator[RouteContext]:
    """All but the folder of static files, which holds nothing to keep from anybody."""
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, Mount):
            assert route.path == "/static"
        else:
            yield route


def calls(app: FastAPI, *kinds: str) -> list[tuple[str, str]]:
    """Method and address of every route that is open to these."""
    found = [
        (method, re.sub(r"{[^}]+}", NOBODYS, route.path or ""))
        for route in routes(app)
        if declared(route) & set(kinds)
        for method in route.methods or ()
    ]
    assert found, kinds
    return found


def test_every_route_declares_who_may_call_it(app: FastAPI) -> None:
    silent = [route.path for route in routes(app) if not declared(route)]
    assert silent == []


def test_no_route_declares_two(app: FastAPI) -> None:
    assert [route.path for route in routes(app) if len(declared(route)) > 1] == []


def test_the_api_takes_tokens_and_pages_take_sessions(app: FastAPI) -> None:
    for route in routes(app):
        is_api = (route.path or "").startswith("/api/")
        assert all(kind.startswith("api_") == is_api for kind in declared(route)), route.path


def test_a_route_that_says_nothing_is_found() -> None:
    app = FastAPI(openapi_url=None)
    app.add_api_route("/open", lambda: None)
    assert [declared(route) for route in routes(app)] == [set()]


def test_who_may_call_is_looked_up_in_a_thread() -> None:
    assert not any(iscoroutinefunction(kind) for kind in KINDS)


def test_a_stranger_is_sent_to_sign_in_or_refused(app: FastAPI, browser: Browser) -> None:
    for method, path in calls(app, "viewer", "operator", "admin"):
        answer = browser.request(method, path)
        if method == "GET":
            assert answer.status_code == 303, (method, path)
            assert answer.headers["location"].startswith("/sign-in?next=/"), (method, path)
        else:
            assert answer.status_code in {303, 401} if method == "HEAD" else answer.status_code == 401, (method, path)


@pytest.mark.parametrize(
    "headers", [{"HX-Request": "true"}, {"Accept": "text/event-stream"}, {"Sec-Fetch-Dest": "empty"}]
)
def test_a_fragment_or_stream_is_refused_not_redirected(
    app: FastAPI, browser: Browser, headers: dict[str, str]
) -> None:
    for method, path in calls(app, "viewer", "operator", "admin"):
        assert browser.request(method, path, headers=headers).status_code == 401, (method, path)


def test_a_fragment_of_a_page_whose_session_ended_leads_the_page_to_the_sign_in(browser: Browser) -> None:
    assert browser.get("/account", headers={"HX-Request": "true"}).headers["hx-refresh"] == "true"
    assert "hx-refresh" not in browser.post("/account/tokens", headers={"HX-Request": "true"}).headers


def test_a_viewer_is_refused_where_jobs_are_run(app: FastAPI, browser: Browser, database: Database) -> None:
    add_user(database, "Vera", Role.viewer, PASSWORD)
    browser.sign_in("Vera")
    for method, path in calls(app, "operator"):
        assert browser.request(method, path).status_code == 403, (method, path)


def test_a_role_that_changes_counts_with_the_next_request(
    app: FastAPI, ann_browser: Browser, ann: User, database: Database
) -> None:
    method, path = calls(app, "operator")[0]
    assert ann_browser.request(method, path).status_code != 403
    with database.write() as session:
        session.add(ann)
        ann.role = Role.viewer
    assert ann_browser.request(method, path).status_code == 403


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer made-up", "Basic QW5uOng=", "token"])
def test_a_program_without_a_good_token_is_refused(app: FastAPI, ann_browser: Browser, given: str | None) -> None:
    for method, path in calls(app, "api_viewer", "api_operator"):
        answer = ann_browser.request(method, path, headers={"Authorization": given, "Accept": "*/*"})
        assert answer.status_code == 401, (method, path, "a cookie must not count here")
        assert answer.headers["www-authenticate"] == 'Bearer realm="batchdesk"'
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_viewers_token_runs_no_jobs(app: FastAPI, browser: Browser, database: Database) -> None:
    add_user(database, "Vera", Role.viewer, PASSWORD)
    token = {"Authorization": f"Bearer {create_token(database, 'Vera')}"}
    for method, path in calls(app, "api_operator"):
        assert browser.request(method, path, headers=token).status_code == 403, (method, path)
    for method, path in calls(app, "api_viewer"):
        assert browser.request(method, path, headers=token).status_code not in {401, 403}, (method, path)


def test_an_operator_is_refused_where_administrators_look_after_the_desk(app: FastAPI, ann_browser: Browser) -> None:
    for method, path in calls(app, "admin"):
        assert ann_browser.request(method, path).status_code == 403, (method, path)


def test_an_operators_token_is_no_administrators(app: FastAPI, browser: Browser, ann: User, database: Database) -> None:
    token = {"Authorization": f"Bearer {create_token(database, ann.name)}"}
    for method, path in calls(app, "api_admin"):
        assert browser.request(method, path).status_code == 401, (method, path)
        assert browser.request(method, path, headers=token).status_code == 403, (method, path)


@pytest.fixture
def anns_ids(database: Database, ann: User) -> dict[str, str]:
    """What is Ann's, by the names that addresses use.

    A job that has ended, its upload, its result, a schedule, a message, and what came of something that was asked of
    many jobs.
    """
    upload = Upload(owner_id=ann.id, name="contacts.csv", size=3, sha256="0" * 64)
    job = Job(number=1, owner_id=ann.id, job_type="clean_csv", state=State.completed, upload_id=upload.id)
    job.request = {"client": "203.0.113.7", "user_agent": "", "request_id": ""}
    result = ResultFile(job_id=job.id, name="contacts-clean.csv", bytes=3, sha256="0" * 64)
    schedule = Schedule(owner_id=ann.id, name="contacts every day", job_type="clean_csv", cron="0 7 * * *")
    outcome = Activity(id=8_640_213_579, user_id=ann.id, action="bulk", detail={"asked": "contacts"})
    message = Message(job_id=job.id, title="contacts.csv: done.", text="Nothing is left to do.", link="/jobs")
    entry = InboxEntry(message_id=message.id, user_id=ann.id)
    with database.write() as session:
        for row in (upload, job, result, schedule, outcome, message, entry):
            session.add(row)
            session.flush()
    ids = {"job_id": job.id, "upload_id": upload.id, "file_id": result.id, "schedule_id": schedule.id}
    named = {"outcome_id": str(outcome.id), "entry_id": str(entry.id)}
    return {name: str(each) for name, each in ids.items()} | named


def owned(app: FastAPI, ids: dict[str, str]) -> list[tuple[str, str]]:
    """Method and address of every route that names something that belongs to somebody; not administrators' own."""
    found = []
    for route in routes(app):
        if declared(route) & {"admin", "api_admin"}:
            continue
        named = set(re.findall(r"{(\w+_id)(?::\w+)?}", route.path or ""))
        assert named <= ids.keys(), f"{route.path}: say here whose it is"
        path = re.sub(r"{(\w+_id)(?::\w+)?}", lambda name: ids[name[1]], route.path or "")
        found += [(method, path) for method in route.methods or () if named]
    return found


def test_what_belongs_to_somebody_is_not_there_for_others(
    app: FastAPI, browser: Browser, database: Database, anns_ids: dict[str, str]
) -> None:
    add_user(database, "Bob", Role.operator, PASSWORD)
    browser.sign_in("Bob")
    token = {"Authorization": f"Bearer {create_token(database, 'Bob')}", "Tus-Resumable": "1.0.0"}
    before = dump(database, "job", "upload", "file", "schedule", "activity", "inbox")
    assert len(owned(app, anns_ids)) > 10
    for method, path in owned(app, anns_ids):
        answer = browser.request(method, path, headers=token)
        made_up = re.sub("|".join(anns_ids.values()), NOBODYS, path)
        assert answer.status_code == browser.request(method, made_up, headers=token).status_code, (method, path)
        assert answer.status_code in {404, 415, 422}, (method, path)  # what can be no form is refused unseen
        assert "contacts" not in answer.text
    assert dump(database, "job", "upload", "file", "schedule", "activity", "inbox") == before


def test_a_row_number_beyond_any_file_is_refused(
    ann_browser: Browser, database: Database, anns_ids: dict[str, str]
) -> None:
    token = {"Authorization": f"Bearer {create_token(database, 'Ann')}"}
    for path in ("/jobs", "/api/v1/jobs"):
        address = f"{path}/{anns_ids['job_id']}/problems?after="
        assert ann_browser.get(f"{address}{2**62}", headers=token).status_code == 200
        for after in (2**62 + 1, "9" * 20):
            assert ann_browser.get(f"{address}{after}", headers=token).status_code == 422, (path, after)


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(
    ann_browser: Browser, database: Database, anns_ids: dict[str, str]
) -> None:
    long_ago = now() - timedelta(hours=11)
    with database.write() as session:
        session.exec(update(UserSession).values(seen_at=long_ago))

    def seen() -> datetime:
        with database.read() as session:
            return session.exec(select(UserSession.seen_at)).one()

    for path in ("/jobs/list", "/jobs/recent", f"/jobs/{anns_ids['job_id']}/stream"):
        assert ann_browser.get(path, headers={"HX-Request": "true"}).status_code == 200
        assert seen() == long_ago, path
    ann_browser.get("/jobs")
    assert seen() > long_ago


def test_its_owner_and_administrators_see_it(
    app: FastAPI, ann_browser: Browser, database: Database, anns_ids: dict[str, str]
) -> None:
    add_user(database, "Ada", Role.admin, PASSWORD)
    ada = Browser(app)
    ada.sign_in("Ada")
    for who in (ann_browser, ada):
        assert who.get(f"/jobs/{anns_ids['job_id']}").status_code == 200


def test_looking_at_any_page_changes_nothing(app: FastAPI, ann_browser: Browser, database: Database) -> None:
    before = dump(database)
    for method, path in calls(app, *KINDS.values()):
        if method in {"GET", "HEAD", "OPTIONS"} and path not in ENDLESS:
            ann_browser.request(method, path)
    assert dump(database) == before


def dump(database: Database, *only: str) -> list[Sequence[object]]:
    """What the tables hold; all of them, unless some are named."""
    with database.engine.connect() as connection:
        tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        return [connection.execute(text(f'SELECT * FROM "{table}"')).all() for table in only or tables]
