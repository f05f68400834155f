"""What goes wrong becomes a page with a next step, or problem+json; never a look inside."""

import errno
import json
import sqlite3
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from tests.web.conftest import HERE, Browser
from webapp import errors
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.web import errors as web_errors
from webapp.web.pages import environment
from webapp.web.security import Security

SECRET = "SELECT secret FROM /srv/secret/place"


def database_said(words: str) -> OperationalError:
    return OperationalError(SECRET, {}, sqlite3.OperationalError(words))


CASES = [
    (errors.DeskError("Say it again."), 400, "Say it again."),
    (errors.SignInRequired(), 401, "Sign in to go on."),
    (errors.NotAllowed(), 403, "Your account may not do this."),
    (errors.NotFound(), 404, "There is nothing at this address, or it is not yours to see."),
    (errors.Refused("Job 412 has ended already."), 409, "Job 412 has ended already."),
    (errors.TooLarge("At most 10 GB."), 413, "At most 10 GB."),
    (errors.BadInput({"table": "Name a table."}), 422, "Some of what you entered needs changing."),
    (errors.TooMany("Wait a little.", wait_s=7), 429, "Wait a little."),
    (errors.NoSpace(), 507, "The desk's disk is too full for this."),
    (HTTPException(400, SECRET), 400, "Go back, reload the page and try again."),
    (HTTPException(415, SECRET), 415, "Send a form (multipart/form-data) with its fields and files."),
    (HTTPException(418, SECRET), 418, "This could not be done."),
    (database_said("database is locked"), 503, "Nothing is lost. Try again in a few seconds."),
    (database_said("database or disk is full"), 507, "An administrator needs to make room"),
    (database_said("attempt to write a readonly database"), 503, "The desk can’t write to its disk."),
    (OSError(errno.EROFS, SECRET), 503, "The desk can’t write to its disk."),
    (PermissionError(errno.EACCES, SECRET), 503, "The desk can’t write to its disk."),
    (ConnectionResetError(errno.ECONNRESET, SECRET), 500, "Nothing you did caused this."),
    (database_said("no such table: secret"), 500, "Nothing you did caused this."),
    (PoolTimeoutError(SECRET), 503, "Nothing is lost. Try again in a few seconds."),
    (RuntimeError(SECRET), 500, "Nothing you did caused this."),
]


class Order(BaseModel):
    """A body with a number in it."""

    count: int


@pytest.fixture
def raising(tmp_path: Path) -> Browser:
    """An application whose addresses go wrong in every way there is."""
    app = FastAPI(openapi_url=None)
    web_errors.install(app)
    app.add_middleware(Security, settings=Settings(data=tmp_path))

    async def fail(case: int) -> None:
        raise CASES[case][0]

    async def order(_: Order) -> None:
        return

    for prefix in ("", "/api"):
        app.add_api_route(prefix + "/fail/{case}", fail, methods=["GET", "POST"])
        app.add_api_route(prefix + "/order", order, methods=["POST"])
    return Browser(app)


@pytest.mark.parametrize("case", range(len(CASES)))
def test_people_get_a_page_with_a_sentence_a_number_and_a_next_step(raising: Browser, case: int) -> None:
    _, status, sentence = CASES[case]
    answer = raising.post(f"/fail/{case}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert sentence.replace("'", "&#39;") in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert 'class="button" href="/' in answer.text
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("case", range(len(CASES)))
def test_programs_get_problem_json(raising: Browser, case: int) -> None:
    _, status, sentence = CASES[case]
    answer = raising.get(f"/api/fail/{case}")
    body = answer.json()
    assert answer.status_code == body["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert sentence in body["detail"]
    assert body["request_id"] == answer.headers["x-request-id"]
    assert set(body) <= {"type", "title", "status", "detail", "request_id", "problems"}
    assert "secret" not in answer.text


def test_every_kind_of_error_has_its_status_and_every_status_its_words() -> None:
    kinds = {errors.DeskError, *errors.DeskError.__subclasses__()}
    assert set(web_errors.STATUS) == kinds
    assert set(web_errors.STATUS.values()) <= set(web_errors.WORDS)


def test_what_is_wrong_with_which_field_is_said(raising: Browser) -> None:
    case = next(n for n, (error, *_) in enumerate(CASES) if isinstance(error, errors.BadInput))
    assert "Name a table." in raising.get(f"/fail/{case}").text
    problems = raising.get(f"/api/fail/{case}").json()["problems"]
    assert problems == [{"field": "table", "message": "Name a table."}]


def test_a_body_of_the_wrong_shape_is_explained(raising: Browser) -> None:
    answer = raising.post("/api/order", json={})
    assert (answer.status_code, answer.json()["problems"]) == (422, [{"field": "count", "message": "This is missing."}])
    assert raising.post("/api/order", json={"count": "many"}).json()["problems"][0]["field"] == "count"
    assert raising.post("/order", json={}).status_code == 422


def test_an_address_of_the_wrong_shape_leads_nowhere(raising: Browser) -> None:
    assert raising.get("/fail/abc").status_code == 404
    assert raising.get("/nothing").status_code == 404
    assert raising.get("/api/nothing").json()["title"] == "Nothing here"


def test_a_method_that_is_not_there_names_those_that_are(raising: Browser) -> None:
    answer = raising.get("/api/order")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(("kind", "wait"), [(errors.TooMany, "7"), (OperationalError, "5"), (PoolTimeoutError, "5")])
def test_when_to_try_again_is_said(raising: Browser, kind: type[Exception], wait: str) -> None:
    case = next(n for n, (error, *_) in enumerate(CASES) if isinstance(error, kind))
    assert raising.get(f"/fail/{case}").headers["retry-after"] == wait
    assert raising.get(f"/api/fail/{case}").headers["retry-after"] == wait


def test_a_fragment_gets_the_sentence_without_the_frame(raising: Browser) -> None:
    page, part = raising.get("/fail/4"), raising.get("/fail/4", headers={"HX-Request": "true"})
    assert "<html" in page.text
    assert "<html" not in part.text
    assert "Job 412 has ended already." in part.text
    assert page.headers["vary"] == part.headers["vary"] == "HX-Request"


def test_a_script_that_wants_json_gets_it(raising: Browser) -> None:
    answer = raising.post("/fail/5", headers={"Accept": "application/json"})
    assert json.loads(answer.text)["detail"] == "At most 10 GB."


def test_the_next_step_leads_back_to_the_form_but_nowhere_else(raising: Browser) -> None:
    def step(referer: str | None) -> str:
        page = raising.post("/fail/4", headers={"Referer": referer}).text
        return page.partition('class="button" href="')[2].partition('"')[0]

    assert step(f"{HERE}/jobs/new?type=clean_csv") == "/jobs/new?type=clean_csv"
    assert step(f"{HERE}//evil.example/x") == "/evil.example/x"
    assert step("https://evil.example/jobs") == "/"
    assert step("javascript:alert(1)") == "/"
    assert step(None) == "/"


def test_a_message_is_shown_as_text(tmp_path: Path) -> None:
    app = FastAPI(openapi_url=None)
    web_errors.install(app)
    app.add_middleware(Security, settings=Settings(data=tmp_path))

    async def fail() -> None:
        raise errors.BadInput({"<b>name</b>": "<script>alert(1)</script>"}, "<img src=x onerror=alert(1)>")

    app.add_api_route("/", fail)
    page = Browser(app).get("/").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<b>name" not in page


def test_the_log_tells_no_values_of_a_statement_that_failed(
    tmp_path: Path, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    app, cell = FastAPI(openapi_url=None), f"{'ann'}@secret.example"  # not as it stands in the trace's own lines
    app.add_middleware(Security, settings=Settings(data=tmp_path))

    def fail() -> None:
        with database.write() as session:
            session.connection().execute(text("INSERT INTO nowhere VALUES (:cell)"), {"cell": cell})

    app.add_api_route("/", fail)
    assert Browser(app).get("/").status_code == 500
    assert "INSERT INTO nowhere" in caplog.text
    assert cell not in caplog.text


def test_a_broken_error_page_still_says_what_happened(raising: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_errors, "render", lambda *_, **__: environment().from_string("{{ gone }}").render())
    answer = raising.get("/fail/4")
    assert (answer.status_code, answer.text) == (409, "Something has changed. Job 412 has ended already.")
    assert answer.headers["content-security-policy"]
