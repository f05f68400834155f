"""Call a web address for each row: what each answer makes of the row, and who is waited for."""

import csv
import io
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.job_types.calls import call, waits
from tests.job_types.desk import Desk
from tests.receiver import Heard, Receiver, Reply
from webapp.store.tables import State

Csv = Callable[..., Path]
PEOPLE = 'id,name,age\n7,Ada,36\n8,"Zoë ""Z""",\n'


@pytest.fixture
def desk_settings(receiver: Receiver) -> dict[str, Any]:
    return {"allowed_hosts": (receiver.place,)}


@pytest.fixture
def people(csv_file: Csv) -> Path:
    return csv_file(PEOPLE)


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
        ran = desk.run_on(ran.job.id, most=1)
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
    waits(ran, 3540, 3600)  # a slow machine may take a minute
    assert (ran.counts, ran.job.waiting) == ({}, 2)
    assert "left alone" in (ran.job.problem or "")
    receiver.reply = lambda _: Reply()
    assert desk.run_on(ran.job.id, most=1).counts == {"done": 2}


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
        ran = desk.run_on(ran.job.id, most=1)
    with Receiver(port=port) as back:
        ran = desk.run_on(ran.job.id, most=1)
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
    ran = desk.run_on(ran.job.id, most=2)  # the other rows, then those that were tried
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
    assert desk.run_on(ran.job.id, most=1).counts == {"done": 1}
    assert len({heard.headers["idempotency-key"] for heard in receiver.heard}) == 1


def test_what_was_answered_is_in_a_file(desk: Desk, receiver: Receiver, csv_file: Csv) -> None:
    receiver.reply = lambda heard: Reply(404 if heard.path == "/2" else 200, b"=1+1")
    ran = call(desk, receiver, csv_file("id\n1\n2\n"))
    rows = list(csv.reader(io.StringIO(ran.files["answers.csv"].decode("utf-8-sig"))))
    assert [(row, status, words) for row, _, status, words in rows] == [
        ("row", "status", "answer"),
        ("1", "200", "'=1+1"),
        ("2", "404", "'=1+1"),
    ]
