"""What programs do with a job that was accepted."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.web.api.conftest import ROWS, Client
from webapp.jobs.activity import HAND_IN, activities
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.tables import Job, LedgerEntry, Outcome, State


def ask(client: Client, job: dict[str, Any], what: str, body: object = None, method: str = "POST") -> httpx.Response:
    """Ask something of a job."""
    content = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} if content else {}
    return client.request(method, f"/jobs/{job['id']}/{what}", content=content, headers=headers)


def hand_in(client: Client, **fields: str) -> httpx.Response:
    """Hand in a job with further fields."""
    parts: dict[str, Any] = {name: (None, value.encode()) for name, value in fields.items()}
    parts |= {"job_type": (None, b"load_table"), "params": (None, b'{"table": "people"}')}
    return client.request("POST", "/jobs", files={**parts, "file": ("people.csv", ROWS)})


def put(database: Database, job: dict[str, Any], **columns: Any) -> None:
    """Change a job as if it had been worked on."""
    with database.write() as session:
        found = session.get_one(Job, UUID(job["id"]))
        for name, value in columns.items():
            setattr(found, name, value)
        session.add(found)


def test_a_job_is_paused_goes_on_and_is_called_off(client: Client) -> None:
    job = client.submit().json()
    assert job["actions"] == ["pause", "cancellation", "priority"]
    for what, state, actions in (
        ("pause", "paused", ["resume", "cancellation", "priority"]),
        ("pause", "paused", ["resume", "cancellation", "priority"]),
        ("resume", "queued", ["pause", "cancellation", "priority"]),
        ("cancellation", "cancelled", ["run-again"]),
    ):
        answer = ask(client, job, what)
        assert (answer.status_code, answer.json()["state"], answer.json()["actions"]) == (202, state, actions)
    refused = ask(client, job, "resume")
    assert (refused.status_code, refused.json()["detail"]) == (409, "This job is not paused: it can't go on.")


def test_a_job_waits_for_its_time_until_somebody_has_it_run_now(client: Client) -> None:
    moment = (datetime.now(UTC) + timedelta(hours=3)).replace(microsecond=0)
    job = hand_in(client, run_at=moment.isoformat(), priority="-7").json()
    assert (job["state"], job["priority"], job["queue"]) == ("scheduled", -7, "default")
    assert datetime.fromisoformat(job["run_at"]) == moment
    assert job["actions"] == ["run-now", "pause", "cancellation", "priority", "time"]
    later = moment + timedelta(days=2)
    assert ask(client, job, "time", {"run_at": later.isoformat()}, "PUT").json()["run_at"] == later.isoformat().replace(
        "+00:00", "Z"
    )
    assert ask(client, job, "run-now").json()["state"] == "queued"


@pytest.mark.parametrize(
    "run_at", [None, "soon", "2026-01-01T10:00:00", "2020-01-01T10:00:00Z", "9999-12-31T23:59:59Z"]
)
def test_a_time_that_can_not_be_is_refused(client: Client, run_at: str | None) -> None:
    job = hand_in(client, run_at=(now() + timedelta(hours=3)).isoformat()).json()
    assert ask(client, job, "time", {"run_at": run_at}, "PUT").status_code == 422
    assert client.get(f"/jobs/{job['id']}").json()["run_at"] == job["run_at"]


@pytest.mark.parametrize("state", sorted(set(State) - {State.scheduled}))
def test_only_a_job_that_waits_for_its_time_gets_another(client: Client, database: Database, state: State) -> None:
    job = hand_in(client, run_at=(now() + timedelta(hours=3)).isoformat()).json()
    put(database, job, state=state)
    assert ask(client, job, "time", {"run_at": (now() + timedelta(hours=5)).isoformat()}, "PUT").status_code == 409


def test_a_job_may_pause_after_its_first_rows(client: Client, database: Database) -> None:
    job = hand_in(client, first_rows="1").json()
    with database.read() as session:
        assert session.get_one(Job, UUID(job["id"])).pause_after == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("priority", "101"),
        ("priority", "high"),
        ("first_rows", "0"),
        ("first_rows", "9" * 30),
        ("run_at", "2026-01-01T10:00:00"),
        ("run_at", "9999-12-31T23:59:59-12:00"),
        ("run_at", "soon"),
        ("pause_after", "10"),
    ],
)
def test_a_start_that_can_not_be_is_refused_by_its_name(client: Client, name: str, value: str) -> None:
    answer = hand_in(client, **{name: value})
    assert (answer.status_code, [problem["field"] for problem in answer.json()["problems"]]) == (422, [name])


def test_the_priority_of_a_job_that_waits_is_changed(client: Client) -> None:
    job = client.submit().json()
    assert ask(client, job, "priority", {"priority": 100}, "PUT").json()["priority"] == 100
    for wrong in ({"priority": 101}, {"priority": "1"}, {"priority": None}, {}, {"priority": 1, "state": "failed"}):
        assert ask(client, job, "priority", wrong, "PUT").status_code == 422, wrong
    ask(client, job, "cancellation")
    assert ask(client, job, "priority", {"priority": 1}, "PUT").status_code == 409


def test_a_worker_may_be_broken_off_after_five_minutes(client: Client, database: Database) -> None:
    job = client.submit().json()
    put(database, job, state=State.pausing, attempt=1, asked_at=now() - timedelta(minutes=1))
    assert ask(client, job, "force").status_code == 409
    put(database, job, asked_at=now() - timedelta(minutes=6))
    assert "force" in client.get(f"/jobs/{job['id']}").json()["actions"]
    assert ask(client, job, "force").status_code == 202


def test_what_was_not_reached_or_failed_is_tried_again(client: Client, database: Database) -> None:
    job = client.submit().json()
    put(database, job, state=State.failed, attempt=1)
    assert ask(client, job, "retry").json()["state"] == "queued"
    put(database, job, state=State.completed_with_errors, received=2, counted=True, done=1, failed=1)
    with database.write() as session:
        for row, outcome in ((1, Outcome.done), (2, Outcome.failed)):
            entry = LedgerEntry(job_id=UUID(job["id"]), attempt=1, outcome=outcome, first_row=row, last_row=row)
            entry.line, entry.offset, entry.length = row + 1, 8, 6
            session.add(entry)
    assert client.get(f"/jobs/{job['id']}").json()["actions"] == ["retry-rows", "unknown", "run-again", "undo"]
    answer = ask(client, job, "retry-rows").json()
    assert (answer["state"], answer["rows"]["failed"], answer["rows"]["waiting"]) == ("queued", 0, 1)


def test_a_job_is_undone_and_nothing_of_it_is_done_again_then(client: Client, database: Database) -> None:
    job = client.submit().json()
    put(database, job, state=State.cancelled, attempt=1, received=2, counted=True, done=1, skipped=1)
    assert client.get(f"/jobs/{job['id']}").json()["actions"] == ["retry", "run-again", "undo"]
    undone = ask(client, job, "undo")
    assert (undone.status_code, undone.json()["undo_of"]) == (202, job["id"])
    assert undone.headers["location"] == f"/api/v1/jobs/{undone.json()['id']}"
    assert client.get(f"/jobs/{job['id']}").json()["undone_by"] == undone.json()["id"]
    assert client.get(f"/jobs/{job['id']}").json()["actions"] == ["run-again"]
    refused = ask(client, job, "retry")
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "This job was undone, or is being undone, so nothing of it can be done again. Run it again instead.",
    )
    put(database, job, state=State.completed_with_errors, failed=1, skipped=0)
    assert ask(client, job, "retry-rows").status_code == 409
    put(database, job, state=State.needs_attention, failed=0, unknown=1)
    assert ask(client, job, "unknown", {"decision": "send_again"}).status_code == 409


def test_a_program_decides_about_unknown_rows(client: Client, database: Database) -> None:
    job = client.submit().json()
    put(database, job, state=State.needs_attention, attempt=1, received=2, counted=True, unknown=2)
    with database.write() as session:
        for row in (1, 2):
            entry = LedgerEntry(job_id=UUID(job["id"]), attempt=1, outcome=Outcome.unknown, first_row=row, last_row=row)
            entry.offset, entry.length = 8, 6
            session.add(entry)
    for wrong in (
        {},
        {"decision": "maybe"},
        {"decision": "sent", "rows": []},
        {"decision": "sent", "rows": [0]},
        {"decision": "sent", "rows": [2**63]},
        {"decision": "sent", "row": 1},
    ):
        assert ask(client, job, "unknown", wrong).status_code == 422, wrong
    assert ask(client, job, "unknown", {"decision": "sent", "rows": [7]}).status_code == 409
    answer = ask(client, job, "unknown", {"decision": "sent", "rows": [1]}).json()
    assert (answer["state"], answer["rows"]["done"], answer["rows"]["unknown"]) == ("needs_attention", 1, 1)
    answer = ask(client, job, "unknown", {"decision": "not_sent", "rows": None}).json()
    assert (answer["state"], answer["rows"]["failed"], answer["rows"]["unknown"]) == ("completed_with_errors", 1, 0)


def test_a_program_says_that_somebody_has_seen_to_it(client: Client, database: Database) -> None:
    job = client.submit().json()
    told: dict[str, Any] = {"problem": "One mail was refused.", "doubt": "One mail was refused."}
    put(database, job, state=State.needs_attention, attempt=1, received=2, counted=True, done=2, **told)
    assert "unknown" in client.get(f"/jobs/{job['id']}").json()["actions"]
    answer = ask(client, job, "unknown", {"decision": "seen"}).json()
    assert (answer["state"], answer["problem"]) == ("completed", None)
    assert ask(client, job, "unknown", {"decision": "seen"}).status_code == 409
    assert "unknown" in answer["actions"]
    answer = ask(client, job, "unknown", {"decision": "unseen"}).json()
    assert (answer["state"], answer["problem"]) == ("needs_attention", "One mail was refused.")
    assert ask(client, job, "unknown", {"decision": "unseen"}).status_code == 409


def test_a_job_is_run_again_and_started_with_what_it_was_filled_in_with(client: Client) -> None:
    job = client.submit().json()
    ask(client, job, "cancellation")
    answer = ask(client, job, "run-again")
    again = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"/api/v1/jobs/{again['id']}")
    assert (again["again_of"], again["state"], again["params"]) == (job["id"], "checking", job["params"])
    wrong = ask(client, again, "start", {"params": {"table": "1 No!"}})
    assert (wrong.status_code, wrong.json()["problems"][0]["field"]) == (422, "table")
    assert ask(client, again, "start", {"now": True}).status_code == 422
    started = ask(client, again, "start", {"params": {"table": "others"}, "priority": 3}).json()
    assert (started["state"], started["params"]["table"], started["priority"]) == ("queued", "others", 3)


def test_running_again_twice_with_one_key_makes_one_job(client: Client, database: Database) -> None:
    first, other = client.submit().json(), client.submit().json()
    key = {"Idempotency-Key": "monday"}
    made = [client.request("POST", f"/jobs/{first['id']}/run-again", headers=key).json()["id"] for _ in range(2)]
    assert made[0] == made[1]
    with database.read() as session:
        assert [each.action for each in activities(session, UUID(first["id"]), but=(HAND_IN,))] == ["run_again"]
    refused = client.request("POST", f"/jobs/{other['id']}/run-again", headers=key)
    assert (refused.status_code, "was used for another request" in refused.text) == (422, True)
    assert ask(client, first, "run-again").json()["id"] not in made, "without a key each is a new one"


def test_rows_that_failed_are_tried_again_by_their_numbers(client: Client, database: Database) -> None:
    job = client.submit().json()
    put(database, job, state=State.completed_with_errors, attempt=1, received=3, failed=2, done=1, counted=True)
    with database.write() as session:
        for row in (1, 2):
            entry = LedgerEntry(job_id=UUID(job["id"]), attempt=1, outcome=Outcome.failed, first_row=row, last_row=row)
            entry.line, entry.offset, entry.length = row + 1, row, 1
            session.add(entry)
    wrongs: tuple[object, ...] = ({"row": 1}, {"rows": []}, {"rows": ["one"]}, [1])
    for wrong in wrongs:
        assert ask(client, job, "retry-rows", wrong).status_code == 422, wrong
    refused = ask(client, job, "retry-rows", {"rows": [1, 3]})
    assert (refused.status_code, "Not all of these rows have failed" in refused.text) == (409, True)
    answer = ask(client, job, "retry-rows", {"rows": [2]}).json()
    assert (answer["state"], answer["rows"]["failed"], answer["rows"]["waiting"]) == ("queued", 1, 1)
    assert ask(client, job, "retry-rows", {"rows": [2]}).status_code == 202, "twice is once"


def test_what_was_not_done_is_not_answered_as_if_it_were(client: Client) -> None:
    job = client.submit().json()
    for what in ("retry-rows", "retry"):
        assert ask(client, job, what).status_code == 409, what
    assert ask(client, job, "pause", {"rows": [1]}).status_code == 422


def test_a_job_with_a_secret_is_started_once(client: Client) -> None:
    secret = {"url": "https://example.org/a.csv", "auth": "hush", "auth_header": "X-Key"}
    handed_in = client.submit("fetch_url", secret, {})
    assert handed_in.status_code == 202, handed_in.text
    ask(client, handed_in.json(), "cancellation")
    again = ask(client, handed_in.json(), "run-again").json()
    for _ in range(2):
        answer = ask(client, again, "start", {"params": secret})
        assert (answer.status_code, "hush" in answer.text) == (202, False), answer.text
    for other in ({"auth": "psst"}, {"auth": None}):
        assert ask(client, again, "start", {"params": secret | other}).status_code == 409, other


def test_a_job_is_started_once_and_keeps_its_priority(client: Client) -> None:
    first = client.submit().json()
    ask(client, first, "cancellation")
    job = ask(client, first, "run-again").json()
    assert {"start", "cancellation", "priority"} <= set(job["actions"])
    ask(client, job, "priority", {"priority": 9}, "PUT")
    assert ask(client, job, "start", {}).json()["priority"] == 9
    assert ask(client, job, "start", {}).status_code == 202
    assert ask(client, job, "start", {"params": job["params"], "priority": 9}).status_code == 202
    for other in ({"priority": 1}, {"params": {"table": "others"}}, {"first_rows": 1}):
        refused = ask(client, job, "start", other)
        assert (refused.status_code, "started before" in refused.text) == (409, True), other


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-01-01T10:00:00Z", "This time is over. Send one that is to come, or none to start at once."),
        ("9999-12-31T23:59:59Z", "This is more than a year away. Choose a day within the next year."),
    ],
)
def test_a_time_that_can_not_be_is_said_in_one_sentence(client: Client, moment: str, said: str) -> None:
    answer = hand_in(client, run_at=moment)
    assert [problem["message"] for problem in answer.json()["problems"]] == [said]
