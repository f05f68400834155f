"""Call a web address for each row: what is sent, where to, and what is refused before."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.job_types.calls import call
from tests.job_types.desk import Desk
from tests.receiver import Receiver, Reply
from webapp.authoring import ParamsError, Rejected, Row
from webapp.store.tables import State

Csv = Callable[..., Path]
PEOPLE = 'id,name,age\n7,Ada,36\n8,"Zoë ""Z""",\n'


@pytest.fixture
def desk_settings(receiver: Receiver) -> dict[str, Any]:
    return {"allowed_hosts": (receiver.place,)}


@pytest.fixture
def people(csv_file: Csv) -> Path:
    return csv_file(PEOPLE)


def test_all_columns_are_sent_as_texts_unless_something_else_is_said(
    desk: Desk, receiver: Receiver, people: Path
) -> None:
    ran = call(desk, receiver, people, path="/people")
    assert (ran.job.state, ran.counts) == (State.completed, {"done": 2})
    assert [json.loads(heard.body) for heard in receiver.heard] == [
        {"id": "7", "name": "Ada", "age": "36"},
        {"id": "8", "name": 'Zoë "Z"', "age": ""},
    ]
    assert {(heard.method, heard.headers["content-type"]) for heard in receiver.heard} == {("POST", "application/json")}


def test_cells_go_where_they_were_put(desk: Desk, receiver: Receiver, people: Path) -> None:
    call(
        desk,
        receiver,
        people,
        path="/people/{id}?n={name}",
        method="PUT",
        headers={"X-Row": "no. {id}"},
        body='{"who": {"name": "{name}", "age": "{age}", "both": ["{id}-{age}", true, 1.5]}}',
        numbers=["age"],
    )
    assert [heard.path for heard in receiver.heard] == ["/people/7?n=Ada", "/people/8?n=Zo%C3%AB%20%22Z%22"]
    assert [heard.headers["x-row"] for heard in receiver.heard] == ["no. 7", "no. 8"]
    assert [json.loads(heard.body)["who"] for heard in receiver.heard] == [
        {"name": "Ada", "age": 36, "both": ["7-36", True, 1.5]},
        {"name": 'Zoë "Z"', "age": None, "both": ["8-", True, 1.5]},
    ]


def test_nobody_who_fills_in_the_file_chooses_where_it_goes(desk: Desk, receiver: Receiver, csv_file: Csv) -> None:
    cells = ["a/../../admin", "?x=1", "#top", "@evil.example", "a b", "..", ".", "", "%2e%2e", '","admin":true,"x":"']
    file = csv_file("id,n\n" + "".join(f'"{cell.replace(chr(34), chr(34) * 2)}",1\n' for cell in cells))
    ran = call(desk, receiver, file, path="/people/{id}/end", body='{"id": "{id}"}')
    assert [(row, outcome, column) for row, outcome, column, _, _ in ran.problems] == [
        (6, "rejected", "id"),
        (7, "rejected", "id"),
        (8, "rejected", "id"),
    ]
    assert all(heard.path.startswith("/people/") and heard.path.count("/") == 3 for heard in receiver.heard)
    assert all(list(json.loads(heard.body)) == ["id"] for heard in receiver.heard)
    assert [json.loads(heard.body)["id"] for heard in receiver.heard] == [*cells[:5], *cells[8:]]


@pytest.mark.parametrize("cell", ["a\r\nX-Admin: yes", "a\nb", "Zoë", "\x01"])
def test_a_cell_that_no_header_can_hold_rejects_its_row_alone(
    desk: Desk, receiver: Receiver, csv_file: Csv, cell: str
) -> None:
    ran = call(desk, receiver, csv_file(f'id,note\n1,"{cell}"\n2,fine\n'), headers={"X-Note": "{note}"})
    assert ran.counts == {"done": 1, "rejected": 1}
    assert ran.problems[0][:3] == (1, "rejected", "note")
    assert [heard.path for heard in receiver.heard] == ["/2"]
    assert "x-admin" not in receiver.heard[0].headers


def test_a_word_among_numbers_rejects_its_row(desk: Desk, receiver: Receiver, csv_file: Csv) -> None:
    body = '{"n": "{n}"}'
    cells = ["1.5", "many", "007", "1,5", "NaN", "-2e3", "12345678901234567890"]
    file = csv_file("id,n\n" + "".join(f'1,"{cell}"\n' for cell in cells))
    ran = call(desk, receiver, file, body=body, numbers=["n"])
    assert [row for row, *_ in ran.problems] == [2, 3, 4, 5]
    assert [json.loads(heard.body)["n"] for heard in receiver.heard] == [1.5, -2000.0, 12345678901234567890]


def test_a_number_arrives_in_the_characters_of_its_cell(desk: Desk, receiver: Receiver, csv_file: Csv) -> None:
    cells = ["12345678901234567.89", "1.50", "-0", "1E5", "1e999", "9" * 5000, "0." + "1" * 99, "1"]
    file = csv_file("id,n\n" + "".join(f'1,"{cell}"\n' for cell in cells))
    ran = call(desk, receiver, file, body='{"n": "{n}", "v": [0.10, 98765432109876543.21, {}]}', numbers=["n"])
    assert [(row, outcome, column) for row, outcome, column, _, _ in ran.problems] == [
        (5, "rejected", "n"),
        (6, "rejected", "n"),
        (7, "rejected", "n"),
    ]
    assert [heard.body.decode() for heard in receiver.heard] == [
        f'{{"n": {cell}, "v": [0.10, 98765432109876543.21, {{}}]}}' for cell in [*cells[:4], cells[7]]
    ]


def test_each_row_has_a_key_of_its_own_that_stays(desk: Desk, receiver: Receiver, people: Path) -> None:
    tries = iter([503, 200, 200])
    receiver.reply = lambda _: Reply(next(tries))
    ran = desk.run_on(call(desk, receiver, people).job.id, most=1)
    assert (ran.job.state, ran.counts) == (State.completed, {"done": 2})
    keys = {heard.path: set[str]() for heard in receiver.heard}
    for heard in receiver.heard:
        keys[heard.path].add(heard.headers["idempotency-key"])
    assert [len(each) for each in keys.values()] == [1, 1]
    assert keys["/7"] != keys["/8"]


@pytest.mark.parametrize("secret", ["swordfish", f"whsec_{base64.b64encode(b'swordfish').decode()}"])
def test_the_receiver_can_tell_that_it_was_us(desk: Desk, receiver: Receiver, people: Path, secret: str) -> None:
    """Checked as a receiver does it, by https://www.standardwebhooks.com, not by the code that signs."""
    call(desk, receiver, people, signing_secret=secret)
    for heard in receiver.heard:
        sent = heard.headers
        assert abs(int(sent["webhook-timestamp"]) - time.time()) < 60
        text = f"{sent['webhook-id']}.{sent['webhook-timestamp']}.{heard.body.decode()}".encode()
        wanted = base64.b64encode(hmac.new(b"swordfish", text, hashlib.sha256).digest()).decode()
        assert sent["webhook-signature"] == f"v1,{wanted}"
        assert sent["webhook-id"] == sent["idempotency-key"]


def test_the_secret_header_is_sent_and_kept_nowhere(desk: Desk, receiver: Receiver, people: Path) -> None:
    ran = call(desk, receiver, people, auth_header="X-Api-Key", auth="swordfish", signing_secret="swordfish")
    assert {heard.headers["x-api-key"] for heard in receiver.heard} == {"swordfish"}
    assert "swordfish" not in f"{ran.job.params} {ran.log} {ran.files}"
    assert b"swordfish" not in (desk.data_path.parent / "batchdesk.sqlite3").read_bytes()


def test_what_a_row_will_come_to_is_shown_without_its_secret(desk: Desk) -> None:
    job_type = desk.shop.registry.get("call_webhook")
    body = '{"n": "{n}", "more": [{"v": 1.50}, [], true, "é"]}'
    entered = {"url": "https://crm.example/{id}", "auth": "swordfish", "body": body, "numbers": ["n"]}
    given = job_type.validate(entered, ["id", "n"]).__dict__
    assert job_type.preview is not None
    sight = job_type.preview(row=Row({"id": "a b", "n": "5.00"}), given=given, settings=desk.shop.settings)
    assert dict(sight.facts) == {
        "Call": "POST https://crm.example/a%20b",
        "content-type": "application/json",
        "Authorization": "the secret, which is not shown",
    }
    shown = json.dumps({"n": 5.125, "more": [{"v": 1.625}, [], True, "é"]}, indent=2, ensure_ascii=False)
    assert sight.text == shown.replace("5.125", "5.00").replace("1.625", "1.50")
    with pytest.raises(Rejected):
        job_type.preview(row=Row({"id": "", "n": "5"}), given=given, settings=desk.shop.settings)


def test_no_more_are_sent_in_a_second_than_was_said(desk: Desk, receiver: Receiver, csv_file: Csv) -> None:
    begun = time.monotonic()
    desk.run("call_webhook", csv_file("id\n" + "1\n" * 11), url=receiver.url, per_second=20)
    assert time.monotonic() - begun >= 0.5


def test_a_place_inside_of_the_network_fails_the_job_before_anything_is_sent(desk: Desk, people: Path) -> None:
    ran = desk.run("call_webhook", people, url="http://127.0.0.1:1/{id}")
    assert ran.job.state is State.failed
    assert "BATCHDESK_ALLOWED_HOSTS" in (ran.job.problem or "")


def test_a_redirect_into_the_network_is_not_followed(desk: Desk, receiver: Receiver, people: Path) -> None:
    receiver.reply = lambda _: Reply(302, headers={"Location": "http://169.254.169.254/"})
    ran = call(desk, receiver, people, method="GET")
    assert ran.job.state is State.failed
    assert len(receiver.heard) == 1


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "no address": ({"url": "crm.example"}, "url", "must begin with https://"),
    "another scheme": ({"url": "file:///etc/passwd"}, "url", "must begin with https://"),
    "a host from the file": ({"url": "https://{id}/x"}, "url", "must name the host itself"),
    "half a host from the file": ({"url": "https://crm.{id}.example/"}, "url", "must name the host itself"),
    "a port from the file": ({"url": "https://crm.example:{id}/"}, "url", "must name the host itself"),
    "a user from the file": ({"url": "https://{id}@crm.example/"}, "url", "must name the host itself"),
    "a password in it": ({"url": "https://ada:x@crm.example/"}, "url", "does not belong into the address"),
    "an open brace": ({"url": "https://crm.example/{id"}, "url", "is never closed"),
    "an unknown column": ({"url": "https://crm.example/{nmae}"}, "url", "Did you mean {name}?"),
    "a secret for all to see": ({"headers": {"Authorization": "x"}}, "headers", "secret header"),
    "a header of the desk": ({"headers": {"Content-Length": "1"}}, "headers", "sets itself"),
    "two headers in one": ({"headers": {"X": "a\nb"}}, "headers", "cannot hold"),
    "no name of a header": ({"headers": {"X Y": "a"}}, "headers", "cannot be the name"),
    "an unknown column in a header": ({"headers": {"X": "{nope}"}}, "headers", "is not a column"),
    "no JSON": ({"body": "{id}"}, "body", "this is not JSON"),
    "an unknown column in it": ({"body": '["{nope}"]'}, "body", "is not a column"),
    "no number of JSON": ({"body": '{"a": NaN}'}, "body", "too large a number"),
    "a number too large": ({"body": '{"a": 1e999}'}, "body", "too large a number"),
    "a number too long": ({"body": "9" * 5000}, "body", "too large a number"),
    "too deep": ({"body": "[" * 50_000}, "body", ""),
    "a body to GET": ({"method": "GET", "body": "{}"}, "body", "a GET has no body"),
    "no column": ({"numbers": ["nope"]}, "numbers", "not a column"),
    "a secret with a line break": ({"auth": "a\nb"}, "auth", "cannot hold"),
    "no name for the secret": ({"auth_header": "", "auth": "x"}, "auth_header", ""),
    "no calls": ({"per_second": 0}, "per_second", "more than 0"),
    "too long": ({"seconds": 301}, "seconds", "at most 300"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_entries_are_refused_beside_their_fields(desk: Desk, name: str) -> None:
    params, field, words = BAD[name]
    job_type = desk.shop.registry.get("call_webhook")
    with pytest.raises(ParamsError) as refused:
        job_type.validate({"url": "https://crm.example/", **params}, ["id", "name"])
    assert list(refused.value.problems) == [field]
    assert words.lower() in refused.value.problems[field].lower()
