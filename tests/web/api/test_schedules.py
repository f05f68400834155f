"""Schedules for programs."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.web.api.conftest import ROWS, Client
from tests.web.conftest import PASSWORD, Browser
from webapp.accounts import add_user, create_token
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Role

OURS = Path(__file__).resolve().parents[2] / "browser" / "job_types"
NIGHTLY = {
    "name": "Remind Cleo",
    "job_type": "send_reminder",
    "cron": "30 2 * * *",
    "zone": "Europe/Berlin",
    "params": {"to": "Cleo"},
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, disk_reserve=0, workers=0, job_types=OURS)


def make(client: Client, once: str | None = None, file: bytes | None = None, **changes: Any) -> httpx.Response:
    """Make a schedule; what is None is not sent."""
    values = {name: value for name, value in {**NIGHTLY, **changes}.items() if value is not None}
    parts: dict[str, Any] = {
        name: (None, value if isinstance(value, str) else json.dumps(value)) for name, value in values.items()
    }
    if file is not None:
        parts["file"] = ("people.csv", file)
    return client.request("POST", "/schedules", files=parts, headers={"Idempotency-Key": once} if once else {})


def made(client: Client, **changes: Any) -> dict[str, Any]:
    answer = make(client, **changes)
    assert answer.status_code == 201, answer.text
    schedule: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/api/v1/schedules/{schedule['id']}"
    return schedule


def problems(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {each["field"]: each["message"] for each in answer.json()["problems"]}


def test_a_schedule_is_made_shown_and_listed(client: Client) -> None:
    schedule = made(client)
    assert schedule["params"] == {"to": "Cleo", "times": 3, "tone": "kind"}
    assert (schedule["cron"], schedule["zone"], schedule["missed"]) == ("30 2 * * *", "Europe/Berlin", "run_once")
    assert schedule["next_at"] is not None
    assert client.get(f"/schedules/{schedule['id']}").json() == schedule
    assert client.get("/schedules").json() == [schedule]


def test_one_that_runs_once(client: Client) -> None:
    schedule = made(client, cron=None, at="2099-01-01T07:30:00+01:00")
    assert schedule["at"] == schedule["next_at"] == "2099-01-01T06:30:00Z"
    assert schedule["cron"] is None


def test_the_same_key_is_the_same_schedule_and_not_another_one(client: Client) -> None:
    assert make(client, once="monday").json() == make(client, once="monday").json()
    assert list(problems(make(client, once="monday", name="Another"))) == ["Idempotency-Key"]
    assert len(client.get("/schedules").json()) == 1


def test_a_file_comes_with_it_or_from_an_earlier_job(client: Client) -> None:
    letters: dict[str, Any] = {"name": "Letters", "job_type": "write_letters", "params": None}
    made(client, file=ROWS, **letters)
    job = client.submit("write_letters", {}, {"file": ("people.csv", ROWS)}).json()
    made(client, job=job["id"], **letters)
    assert list(problems(make(client, **letters))) == ["file"]
    assert list(problems(make(client, job="00000000-0000-7000-8000-000000000000", **letters))) == ["job"]
    without = client.submit("send_reminder", {"to": "Cleo"}, {}).json()
    assert list(problems(make(client, job=without["id"], **letters))) == ["job"]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"colour": "red"}, {"colour"}),
        ({"owner_id": "x", "next_at": "x", "paused": "true"}, {"owner_id", "next_at", "paused"}),
        ({"name": None, "job_type": None}, {"name", "job_type"}),
        ({"name": "x" * 201}, {"name"}),
        ({"name": " ", "cron": "0 0 30 2 *", "params": {"times": 0}}, {"name", "cron", "params.to", "params.times"}),
        ({"cron": "* * * * * *"}, {"cron"}),
        ({"cron": None}, {"cron"}),
        ({"at": "2099-01-01T07:30:00Z"}, {"cron"}),
        ({"cron": None, "at": "2099-01-01T07:30:00"}, {"at"}),
        ({"cron": None, "at": "2001-01-01T07:30:00Z"}, {"at"}),
        ({"zone": "Mars/Base"}, {"zone"}),
        ({"missed": "never"}, {"missed"}),
        ({"priority": "101"}, {"priority"}),
        ({"job_type": "gone"}, {"job_type"}),
        ({"params": "no json"}, {"params"}),
        ({"params": [1]}, {"params"}),
        ({"choices": {"colour": 1}}, {"choices.colour"}),
        ({"job": "nonsense"}, {"job"}),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(client: Client, changes: dict[str, Any], fields: set[str]) -> None:
    refused = problems(make(client, **changes))
    assert set(refused) == fields
    assert all(refused.values())
    assert client.get("/schedules").json() == []


def test_some_of_it_is_changed_and_the_rest_stays(client: Client) -> None:
    schedule = made(client)
    path = f"/schedules/{schedule['id']}"
    changed = client.request("PATCH", path, json={"cron": "0 8 * * MON", "params": {"times": 9}})
    assert changed.status_code == 200, changed.text
    same = {"name", "job_type", "zone", "missed", "created_at"}
    assert {name: changed.json()[name] for name in same} == {name: schedule[name] for name in same}
    assert changed.json()["cron"] == "0 8 * * MON"
    assert changed.json()["params"] == {"to": "Cleo", "times": 9, "tone": "kind"}
    once = client.request("PATCH", path, json={"at": "2099-01-01T07:30:00Z"}).json()
    assert (once["cron"], once["next_at"]) == (None, "2099-01-01T07:30:00Z")


def test_its_file_is_that_of_another_job(client: Client) -> None:
    first, second = (
        client.submit("write_letters", {}, {"file": (name, ROWS)}).json()["id"] for name in ("a.csv", "b.csv")
    )
    schedule = made(client, job_type="write_letters", params={}, job=first)
    path = f"/schedules/{schedule['id']}"
    assert client.request("PATCH", path, json={"job": second}).status_code == 200
    assert client.request("POST", f"{path}/run-now").json()["file_name"] == "b.csv"
    assert set(problems(client.request("PATCH", path, json={"job": schedule["id"]}))) == {"job"}
    assert client.request("POST", f"{path}/run-now").json()["file_name"] == "b.csv"


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"job_type": "write_letters"}, {"job_type"}),
        ({"owner_id": "x", "id": "x"}, {"owner_id", "id"}),
        ({"name": None}, {"name"}),
        ({"priority": "high"}, {"priority"}),
        ({"params": {"times": -1, "colour": "red"}}, {"params.times", "params.colour"}),
        ({"cron": None}, {"cron"}),
    ],
)
def test_a_change_that_cannot_be_is_refused(client: Client, values: dict[str, Any], fields: set[str]) -> None:
    schedule = made(client)
    path = f"/schedules/{schedule['id']}"
    assert set(problems(client.request("PATCH", path, json=values))) == fields
    assert client.get(path).json() == schedule


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"[" * 100_000, "application/json", 400),
        (b'{"name": "' + b"x" * 5_000_000 + b'"}', "application/json", 413),
    ],
)
def test_a_body_that_is_no_object_is_refused(client: Client, content: bytes, kind: str, status: int) -> None:
    path = f"/schedules/{made(client)['id']}"
    answer = client.request("PATCH", path, content=content, headers={"Content-Type": kind})
    assert answer.status_code == status


def test_run_now_pause_resume_and_delete(client: Client) -> None:
    path = f"/schedules/{made(client)['id']}"
    ran = [client.request("POST", f"{path}/run-now", headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert [answer.status_code for answer in ran] == [202, 202]
    assert ran[0].json()["id"] == ran[1].json()["id"]
    assert ran[0].headers["location"] == f"/api/v1/jobs/{ran[0].json()['id']}"
    for act, paused in (("pause", True), ("pause", True), ("resume", False), ("resume", False)):
        assert client.request("POST", f"{path}/{act}").json()["paused"] == paused
    assert client.request("DELETE", path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.get(f"/jobs/{ran[0].json()['id']}").status_code == 200


def test_others_find_nothing_and_viewers_change_nothing(app: FastAPI, client: Client, database: Database) -> None:
    schedule = made(client)
    add_user(database, "Bob", Role.operator, PASSWORD)
    bob = Client(Browser(app), create_token(database, "Bob"))
    assert bob.get("/schedules").json() == []
    add_user(database, "Vera", Role.viewer, PASSWORD)
    vera = Client(Browser(app), create_token(database, "Vera"))
    for who, status in ((bob, 404), (vera, 403)):
        for method, act in (("PATCH", ""), ("DELETE", ""), ("POST", "/pause"), ("POST", "/run-now")):
            assert who.request(method, f"/schedules/{schedule['id']}{act}").status_code == status, (method, act)
    assert make(vera).status_code == 403
    assert client.get(f"/schedules/{schedule['id']}").json() == schedule
