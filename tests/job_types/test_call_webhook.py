"""Call a web address for each row: what is sent, what each answer makes of the row, and who is waited for."""

import base64
import csv
import hashlib
import hmac
import io
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.job_types.desk import Desk, Ran
from tests.receiver import Heard, Receiver, Reply
from webapp.authoring import ParamsError, Rejected, Row
from webapp.jobs.batch import Batch
from webapp.jobs.claims import release
from webapp.jobs.ledger import Ledger
from webapp.jobs.run import run_claim
from webapp.kit import now
from webapp.store.tables import Job, State

Csv = Callable[..., Path]
PEOPLE = 'id,name,age\n7,Ada,36\n8,"Zoë ""Z""",\n'


@pytest.fixture
def desk_settings(receiver: Receiver) -> dict[str, Any]:
    return {"allowed_hosts": (receiver.place,)}


@pytest.fixture
def people(csv_file: Csv) -> Path:
    return csv_file(PEOPLE)


def call(desk: Desk, receiver: Receiver, file: Path, path: str = "/{id}", **params: Any) -> Ran:
    return desk.run("call_webhook", file, url=receiver.url + path, per_second=1000, **params)


def go_on(desk: Desk, ran: Ran) -> Ran:
    """The job's time has come."""
    with desk.database.write() as session:
        session.get_one(Job, ran.job.id).run_at = None
    run_claim(desk.claim())
    return desk.result(ran.job.id)


def waits(ran: Ran, least: float, most: float) -> None:
    assert ran.job.state is State.scheduled
    assert ran.job.run_at is not None
    assert least - 5 < (ran.job.run_at - now()).total_seconds() <= most


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
    ran = go_on(desk, call(desk, receiver, people))
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


# what the answer is, with a key and without: done, failed, unknown, or waits to be sent again
MEANING: dict[int, tuple[str, str]] = {
    200: ("done", "done"),
    201: ("done", "done"),
    204: ("done", "done"),
    301: ("failed", "unknown"),
    302: ("failed", "unknown"),
    303: ("done", "unknown"),
    307: ("failed", "failed"),  # it leads to another host
    400: ("failed", "failed"),
    401: ("failed", "failed"),
    404: ("failed", "failed"),
    408: ("again", "unknown"),
    409: ("again", "failed"),
    410: ("failed", "failed"),
    422: ("failed", "failed"),
    425: ("again", "again"),
    429: ("again", "again"),
    500: ("again", "unknown"),
    502: ("again", "unknown"),
    503: ("again", "unknown"),
    504: ("again", "unknown"),
}


@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize("status", MEANING)
def test_what_an_answer_makes_of_the_row(
    desk: Desk,
    receiver: Receiver,
    csv_file: Csv,
    status: int,
    keyed: bool,  # noqa: FBT001
) -> None:
    body = b"" if status == 204 else "No such\r\nperson \u20ac".encode()
    receiver.reply = lambda _: Reply(status, body, {"Location": "http://other.example/"} if 300 < status < 400 else {})
    ran = call(desk, receiver, csv_file("id\n1\n"), key=keyed)
    meaning = MEANING[status][0 if keyed else 1]
    if meaning == "again":
        waits(ran, 5, 15)
        receiver.reply = lambda _: Reply()
        ran = go_on(desk, ran)
        assert ran.counts == {"done": 1}
        assert len(receiver.heard) == 2
        return
    assert ran.counts == {meaning: 1}
    assert ran.job.state is (State.completed if meaning == "done" else ran.job.state)
    if meaning != "done":
        reason = ran.problems[0][4] or ""
        assert str(status) in reason
        assert "“No such person €”" in reason
    assert len(receiver.heard) == 1


def test_long_answers_are_cut(desk: Desk, receiver: Receiver, csv_file: Csv) -> None:
    receiver.reply = lambda _: Reply(400, b"no " * 500_000)
    reason = call(desk, receiver, csv_file("id\n1\n")).problems[0][4] or ""
    assert len(reason) < 300


@pytest.mark.parametrize(("status", "asked"), [(429, "3600"), (503, "3600"), (429, "date")])
def test_a_receiver_that_wants_to_be_left_alone_is(
    desk: Desk, receiver: Receiver, people: Path, status: int, asked: str
) -> None:
    after = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True) if asked == "date" else asked
    receiver.reply = lambda _: Reply(status, headers={"Retry-After": after})
    ran = call(desk, receiver, people)
    waits(ran, 3600, 3600)
    assert (ran.counts, ran.job.waiting) == ({}, 2)
    assert "left alone" in (ran.job.problem or "")
    receiver.reply = lambda _: Reply()
    assert go_on(desk, ran).counts == {"done": 2}


def test_a_receiver_that_is_away_is_waited_for_and_no_row_fails(desk: Desk, csv_file: Csv, tmp_path: Path) -> None:
    """Each time it is tried by one row only; when it is back, every row arrives once."""
    with Receiver() as gone:
        port, place, url = gone.port, gone.place, gone.url
    desk = Desk(tmp_path / "other", allowed_hosts=(place,))
    ran = desk.run("call_webhook", csv_file("id\n" + "1\n" * 40), url=url + "/{id}", per_second=1000)
    for _ in range(5):
        waits(ran, 30, 60)
        assert (ran.job.waiting, ran.counts, ran.problems) == (40, {}, [])
        assert "does not answer" in (ran.job.problem or "")
        ran = go_on(desk, ran)
    with Receiver(port=port) as back:
        ran = go_on(desk, ran)
        assert (ran.job.state, ran.counts) == (State.completed, {"done": 40})
        assert len(back.heard) == 40
    desk.close()


def test_a_receiver_that_makes_nothing_but_errors_is_left_alone_for_a_while(
    desk: Desk, receiver: Receiver, csv_file: Csv
) -> None:
    receiver.reply = lambda _: Reply(500, b"out of order")
    ran = call(desk, receiver, csv_file("id\n" + "1\n" * 40))
    waits(ran, 30, 60)
    assert len(receiver.heard) == 5
    assert "5 calls in a row came to nothing" in (ran.job.problem or "")
    receiver.reply = lambda _: Reply()
    ran = go_on(desk, go_on(desk, ran))  # the other rows, then those that were tried
    assert (ran.job.state, ran.counts) == (State.completed, {"done": 40})


@pytest.mark.parametrize(("keyed", "outcome"), [(True, "done"), (False, "unknown")])
def test_no_answer_is_unknown_unless_it_may_be_sent_again(
    desk: Desk,
    receiver: Receiver,
    csv_file: Csv,
    keyed: bool,  # noqa: FBT001
    outcome: str,
) -> None:
    replies = iter([Reply(hang_up=True)])
    receiver.reply = lambda _: next(replies, Reply())
    ran = call(desk, receiver, csv_file("id\n1\n2\n"), key=keyed)
    assert ran.counts == ({"done": 2} if outcome == "done" else {"done": 1, "unknown": 1})
    if outcome == "unknown":
        assert ran.job.state is State.needs_attention
        assert "hung up" in (ran.problems[0][4] or "")
        assert [heard.path for heard in receiver.heard] == ["/1", "/2"]


@pytest.mark.parametrize("keyed", [True, False])
def test_an_answer_that_comes_too_late_is_none(
    desk: Desk,
    receiver: Receiver,
    csv_file: Csv,
    keyed: bool,  # noqa: FBT001
) -> None:
    def late(_heard: Heard) -> Reply:
        time.sleep(1.5)
        return Reply()

    receiver.reply = late
    ran = call(desk, receiver, csv_file("id\n1\n"), key=keyed, seconds=1)
    if not keyed:
        assert ran.counts == {"unknown": 1}
        assert "did not answer in time" in (ran.problems[0][4] or "")
        return
    waits(ran, 5, 15)
    receiver.reply = lambda _: Reply()
    assert go_on(desk, ran).counts == {"done": 1}
    assert len({heard.headers["idempotency-key"] for heard in receiver.heard}) == 1


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


def test_what_was_answered_is_in_a_file(desk: Desk, receiver: Receiver, csv_file: Csv) -> None:
    receiver.reply = lambda heard: Reply(404 if heard.path == "/2" else 200, b"=1+1")
    ran = call(desk, receiver, csv_file("id\n1\n2\n"))
    rows = list(csv.reader(io.StringIO(ran.files["answers.csv"].decode("utf-8-sig"))))
    assert [(row, status, words) for row, _, status, words in rows] == [
        ("row", "status", "answer"),
        ("1", "200", "'=1+1"),
        ("2", "404", "'=1+1"),
    ]


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


class Killed(BaseException):
    """Stands for kill -9: nothing of ours catches it."""


def kill_at(monkeypatch: pytest.MonkeyPatch, desk: Desk, commit: int, *, before_ledger: bool) -> None:
    """Work on the waiting job as one that dies at its n-th commit, before or after the ledger has it."""
    commits, real, work = count(1), Ledger.commit, desk.claim()

    def die(ledger: Ledger, batch: Batch, **more: Any) -> None:
        last = next(commits) == commit
        if not (last and before_ledger):
            real(ledger, batch, **more)
        if last:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "commit", die)
        with pytest.raises(Killed):
            run_claim(work)
    release(desk.database, work.claim, lost=True)


@pytest.mark.parametrize("commit", [1, 2])
@pytest.mark.parametrize("before_ledger", [True, False])
@pytest.mark.parametrize("keyed", [True, False])
def test_after_a_crash_a_row_has_one_effect_or_is_unknown(  # noqa: PLR0913, PLR0917 (fixtures)
    desk: Desk,
    receiver: Receiver,
    csv_file: Csv,
    monkeypatch: pytest.MonkeyPatch,
    commit: int,
    before_ledger: bool,  # noqa: FBT001
    keyed: bool,  # noqa: FBT001
) -> None:
    """Killed before and after the first row's intent is written down, and before and after its outcome is."""
    file = csv_file("id\n1\n2\n3\n")
    job_id = desk.submit("call_webhook", file, url=receiver.url + "/{id}", per_second=1000, key=keyed)
    kill_at(monkeypatch, desk, commit, before_ledger=before_ledger)
    run_claim(desk.claim())
    ran = desk.result(job_id)
    sent = [heard.path for heard in receiver.heard]
    if keyed:
        assert (ran.job.state, ran.counts) == (State.completed, {"done": 3})
        assert len({heard.headers["idempotency-key"] for heard in receiver.heard}) == 3
        assert set(sent) == {"/1", "/2", "/3"}
        return
    assert len(sent) == len(set(sent)), "nothing is sent twice"
    in_doubt = {(1, True): [], (1, False): [1], (2, True): [1], (2, False): [2]}[commit, before_ledger]
    assert [row for row, outcome, *_ in ran.problems if outcome == "unknown"] == in_doubt
    assert ran.counts.get("done", 0) == 3 - len(in_doubt)
