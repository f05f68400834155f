"""The same asked of many jobs by a program."""

import json
from typing import Any

import httpx
import pytest

from tests.web.api.conftest import Client
from webapp.jobs.bulk import STARTED


def ask(client: Client, **body: Any) -> httpx.Response:
    """Ask something of many jobs."""
    content = json.dumps(body).encode()
    return client.request("POST", "/jobs/bulk", content=content, headers={"Content-Type": "application/json"})


def test_jobs_are_named_or_counted(client: Client) -> None:
    first, second, third = (client.submit().json() for _ in range(3))
    unsure = ask(client, action="cancel")
    assert unsure.status_code == 422
    assert "This is about 3 jobs" in unsure.text
    named = ask(client, action="cancel", ids=[first["id"]]).json()
    assert (named["done"], named["refused"], named["left"]) == (1, 0, 0)
    too_few = ask(client, action="cancel", count=1)
    assert too_few.status_code == 409
    assert "By now 2 jobs match, not 1" in too_few.text
    rest = ask(client, action="cancel", count=2, state=["queued"]).json()
    assert (rest["done"], rest["others"]) == (2, 0)
    assert rest["upto"] == rest["after"] == max(second["id"], third["id"])


def test_what_could_not_be_done_is_named_with_its_reason(client: Client) -> None:
    job = client.submit().json()
    answer = ask(client, action="discard", ids=[job["id"]]).json()
    said = {"id": job["id"], "number": job["number"], "why": STARTED}
    assert (answer["done"], answer["refused"], answer["not_done"]) == (0, 1, [said])


def test_a_priority_is_set(client: Client) -> None:
    job = client.submit().json()
    assert ask(client, action="priority", priority=7, ids=[job["id"]]).json()["done"] == 1
    assert client.request("GET", f"/jobs/{job['id']}").json()["priority"] == 7


@pytest.mark.parametrize(
    "body",
    [
        {"action": "explode", "count": 1},
        {"action": "priority", "count": 1},
        {"action": "cancel", "priority": 3, "count": 1},
        {"action": "priority", "priority": 101, "count": 1},
        {"action": "cancel", "ids": []},
        {"action": "cancel", "ids": ["7"]},
        {"action": "cancel", "ids": ["01a1f9fb-ab37-7244-a343-0dc61c24e1ca"], "state": ["queued"]},
        {"action": "cancel", "count": -1},
        {"action": "cancel", "count": 1, "state": ["weird"]},
        {"action": "cancel", "count": 1, "owner": "Ann"},
    ],
    ids=str,
)
def test_what_is_none_is_refused(client: Client, body: dict[str, Any]) -> None:
    assert ask(client, **body).status_code == 422
