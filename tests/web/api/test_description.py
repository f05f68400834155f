"""The description of the API: all routes are in it, and what they answer is what it says."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from tests.web.api.conftest import ROWS, Client
from tests.web.conftest import Browser
from webapp.store.database import Database
from webapp.store.tables import Job, LedgerEntry, Outcome, State
from webapp.web.api.jobs import FIELDS

READS_ITSELF = {("post", "/api/v1/jobs"), ("post", "/api/v1/schedules"), ("patch", "/api/v1/schedules/{schedule_id}")}
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


@pytest.fixture
def told(client: Client) -> dict[str, Any]:
    """The description, as a program gets it."""
    answer = client.get("/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def operations(told: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, of_path in told["paths"].items():
        for method, operation in of_path.items():
            yield method, path, operation


def test_every_route_is_described_and_nothing_else(app: FastAPI, told: dict[str, Any]) -> None:
    there = {
        (method.lower(), re.sub(r":\w+}", "}", route.path or ""))
        for route in iter_route_contexts(app.routes)
        if (route.path or "").startswith("/api/")
        for method in route.methods or ()
    }
    assert {(method, path) for method, path, _ in operations(told)} == there


def test_each_says_what_it_does_in_a_sentence_and_has_a_name_of_its_own(told: dict[str, Any]) -> None:
    for method, path, operation in operations(told):
        assert " " in operation["summary"], (method, path)
        assert operation["description"].startswith(operation["summary"]), (method, path)
    names = [operation["operationId"] for _, _, operation in operations(told)]
    assert len(names) == len(set(names))


def test_nothing_is_open_and_each_refusal_is_described(told: dict[str, Any]) -> None:
    assert told["security"] == [{"token": []}]
    for _, path, operation in operations(told):
        assert "security" not in operation, path
        assert "application/problem+json" in operation["responses"]["default"]["content"], path
        assert "422" not in operation["responses"], path


def test_what_a_route_reads_itself_is_described_too(told: dict[str, Any]) -> None:
    for method, path in READS_ITSELF:
        assert told["paths"][path][method]["requestBody"]["content"], path


def test_the_fields_of_a_form_are_those_that_it_knows(client: Client, told: dict[str, Any]) -> None:
    for path in ("/jobs", "/schedules"):
        form = told["paths"][f"/api/v1{path}"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
        if path == "/jobs":
            assert set(form["properties"]) == FIELDS | {"file"}
        json = {name for name, each in form["properties"].items() if "contentMediaType" in each}
        parts = {name: (None, b"{}" if name in json else b"?") for name in form["properties"] if name != "file"}
        said = client.request("POST", path, files=parts).text
        assert "There is no such field here" not in said, said
        more = client.request("POST", path, files={**parts, "no_such": (None, b"?")}).text
        assert "There is no such field here" in more


def test_only_those_who_are_signed_in_read_it(browser: Browser, ann_browser: Browser) -> None:
    for path in ("/help/api", "/help/api/openapi.json"):
        assert ann_browser.get(path).status_code == 200, path
    browser.cookies.clear()
    for path in ("/help/api", "/help/api/openapi.json"):
        assert browser.get(path).status_code == 303, path
    assert browser.get("/api/v1/openapi.json").status_code == 401
    for path in ("/openapi.json", "/docs", "/redoc"):
        assert browser.get(path).status_code == 404, path


def test_the_page_has_every_request(ann_browser: Browser, told: dict[str, Any]) -> None:
    page = ann_browser.get("/help/api").text
    for method, path, operation in operations(told):
        assert f"{method.upper()} {path}</code>" in page
        assert operation["operationId"] in page
    assert "<script src" not in page.replace('<script src="/static/app.js', "")


def test_answers_are_as_described(client: Client, told: dict[str, Any], database: Database) -> None:
    job = client.submit().json()
    with database.write() as session:
        kept = session.get_one(Job, UUID(job["id"]))
        kept.state, kept.received, kept.counted, kept.done, kept.rejected = State.completed_with_errors, 2, True, 1, 1
        entry = LedgerEntry(job_id=kept.id, attempt=1, outcome=Outcome.rejected, first_row=2, last_row=2, line=3)
        entry.column, entry.found, entry.reason, entry.offset, entry.length = "id", "x", "is no number", 12, 6
        session.add_all([kept, entry])
    schedule = client.request(
        "POST",
        "/schedules",
        files={"name": (None, b"x"), "job_type": (None, b"load_table"), "cron": (None, b"0 7 * * *")}
        | {"params": (None, b'{"table": "people"}'), "file": ("people.csv", ROWS)},
    ).json()
    asked = [
        ("get", "/jobs", None),
        ("get", "/jobs/{job_id}", None),
        ("get", "/jobs/{job_id}/problems", None),
        ("get", "/jobs/{job_id}/failed-rows.csv", None),
        ("get", "/jobs/{job_id}/failed-rows.xlsx", None),
        ("post", "/jobs/{job_id}/run-again", None),
        ("post", "/jobs/{job_id}/pause", None),
        ("post", "/jobs/bulk", {"action": "cancel", "ids": [job["id"]]}),
        ("get", "/job-types", None),
        ("get", "/schedules", None),
        ("get", "/schedules/{schedule_id}", None),
        ("patch", "/schedules/{schedule_id}", {"name": "y"}),
        ("patch", "/schedules/{schedule_id}", {"cron": "no"}),
        ("post", "/schedules/{schedule_id}/pause", None),
        ("post", "/schedules/{schedule_id}/run-now", None),
        ("delete", "/schedules/{schedule_id}", None),
        ("get", "/schedules/{schedule_id}", None),
    ]
    for method, path, body in asked:
        address = path.format(job_id=job["id"], schedule_id=schedule["id"])
        more = {} if body is None else {"json": body}
        require_as_described(told, method, path, client.request(method.upper(), address, **more))


def require_as_described(told: Mapping[str, Any], method: str, path: str, answer: httpx.Response) -> None:
    """The status, the kind of content and the shape of an answer are in the description."""
    responses = told["paths"][f"/api/v1{path}"][method]["responses"]
    response = responses.get(str(answer.status_code), responses["default"])
    if answer.status_code == 204:
        assert "content" not in response
        return
    kind = answer.headers["content-type"].partition(";")[0]
    assert kind in response["content"], (method, path, answer.status_code, kind)
    if kind.endswith("json"):
        require_fits(told, response["content"][kind]["schema"], answer.json(), f"{method} {path}")


def require_fits(told: Mapping[str, Any], schema: Mapping[str, Any], value: Any, place: str) -> None:
    """A value has the shape that a schema says, as far as this reads schemas."""
    if "$ref" in schema:
        schema = told["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        kinds = [each for each in schema["anyOf"] if (each.get("type") == "null") is (value is None)]
        assert kinds, place
        if len(kinds) == 1:
            require_fits(told, kinds[0], value, place)
        return
    if "type" in schema and schema["type"] != "null":
        assert isinstance(value, TYPES[schema["type"]]), (place, schema["type"], value)
    if "enum" in schema:
        assert value in schema["enum"], (place, value)
    if isinstance(value, dict) and "properties" in schema:
        assert set(schema.get("required", ())) <= value.keys(), place
        assert value.keys() <= schema["properties"].keys(), (place, value.keys() - schema["properties"].keys())
        for name, each in value.items():
            require_fits(told, schema["properties"][name], each, f"{place}.{name}")
    if isinstance(value, list):
        for each in value:
            require_fits(told, schema.get("items", {}), each, f"{place}[]")
