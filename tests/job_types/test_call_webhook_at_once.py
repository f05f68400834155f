"""Call a web address for several rows at the same time; and what was answered, whatever ends an attempt."""

import csv
import io
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.job_types.desk import Desk, Ran
from tests.receiver import Heard, Receiver, Reply
from webapp.jobs.claims import release
from webapp.jobs.run import run_claim
from webapp.services.webhooks.answers import Answers
from webapp.services.webhooks.sender import Sender
from webapp.store.tables import State

Csv = Callable[..., Path]


class KilledError(BaseException):
    """Stands for kill -9: nothing of ours catches it."""


@pytest.fixture
def desk_settings(receiver: Receiver) -> dict[str, Any]:
    return {"allowed_hosts": (receiver.place,)}


def table(rows: int) -> str:
    return "id\n" + "".join(f"{row}\n" for row in range(1, rows + 1))


def answered(ran: Ran) -> list[tuple[str, str]]:
    """The rows and statuses of the file of answers."""
    rows = list(csv.reader(io.StringIO(ran.files["answers.csv"].decode("utf-8-sig"))))
    assert rows[0] == ["row", "time", "status", "answer"]
    return [(row, status) for row, _, status, _ in rows[1:]]


def slow(seconds: float) -> tuple[Callable[[Heard], Reply], list[int]]:
    """A receiver that takes its time, and how many calls it had at the same time, each time."""
    lock, now, seen = threading.Lock(), [0], []

    def reply(_: Heard) -> Reply:
        with lock:
            now[0] += 1
            seen.append(now[0])
        time.sleep(seconds)
        with lock:
            now[0] -= 1
        return Reply()

    return reply, seen


def test_so_many_calls_are_on_their_way_at_the_same_time(desk: Desk, receiver: Receiver, csv_file: Csv) -> None:
    receiver.reply, seen = slow(0.1)
    began = time.monotonic()
    ran = desk.run("call_webhook", csv_file(table(40)), url=receiver.url + "/{id}", per_second=1000, at_once=8)
    assert ran.counts == {"done": 40}
    assert max(seen) == 8
    assert time.monotonic() - began < 3, "one after the other they would take four seconds"
    assert Counter(heard.path for heard in receiver.heard) == Counter(f"/{row}" for row in range(1, 41))
    assert sorted(answered(ran), key=lambda line: int(line[0])) == [(str(row), "200") for row in range(1, 41)]


def test_without_keys_they_go_one_after_the_other(desk: Desk, receiver: Receiver, csv_file: Csv) -> None:
    receiver.reply, seen = slow(0.01)
    more = {"per_second": 1000, "at_once": 8, "key": False}
    assert desk.run("call_webhook", csv_file(table(10)), url=receiver.url, **more).counts == {"done": 10}
    assert max(seen) == 1


def test_the_pace_is_that_of_all_together(desk: Desk, receiver: Receiver, csv_file: Csv) -> None:
    began = time.monotonic()
    desk.run("call_webhook", csv_file(table(11)), url=receiver.url, per_second=20, at_once=8)
    assert time.monotonic() - began >= 0.5


def test_a_receiver_that_wants_to_be_left_alone_is(desk: Desk, receiver: Receiver, csv_file: Csv) -> None:
    receiver.reply = lambda heard: Reply(429, headers={"Retry-After": "60"}) if heard.path == "/3" else Reply()
    job_id = desk.submit("call_webhook", csv_file(table(20)), url=receiver.url + "/{id}", per_second=1000, at_once=4)
    run_claim(desk.claim())
    ran = desk.result(job_id)
    assert (ran.job.state, ran.job.done) == (State.scheduled, 2)
    assert "wants to be left alone" in (ran.job.problem or "")
    receiver.reply = lambda _: Reply()
    assert desk.run_on(job_id).counts == {"done": 20}
    keys = {(heard.path, heard.headers["idempotency-key"]) for heard in receiver.heard}
    assert len(keys) == 20, "a row that is sent again has the key that it had"


def test_a_receiver_that_is_broken_is_left_alone(desk: Desk, receiver: Receiver, csv_file: Csv) -> None:
    receiver.reply = lambda _: Reply(500)
    job_id = desk.submit("call_webhook", csv_file(table(100)), url=receiver.url + "/{id}", per_second=1000, at_once=8)
    run_claim(desk.claim())
    ran = desk.result(job_id)
    assert ran.job.state is State.scheduled
    assert "calls in a row came to nothing" in (ran.job.problem or "")
    assert len(receiver.heard) <= 8


def test_what_was_answered_before_a_kill_is_in_the_file(desk: Desk, receiver: Receiver, csv_file: Csv) -> None:
    job_id = desk.submit("call_webhook", csv_file(table(6)), url=receiver.url + "/{id}", per_second=1000)
    work = desk.claim()

    def dies(sender: Sender, per_second: float) -> None:
        if sender._ctx.row_number == 4:
            raise KilledError
        real(sender, per_second)

    real = Sender.wait_turn
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sender, "wait_turn", dies)
        patch.setattr(Answers, "_show_last", lambda _: None)
        with pytest.raises(KilledError):
            run_claim(work)
    assert answered(desk.result(job_id)) == [("1", "200")], "it is shown from the first answer on"
    (kept,) = (desk.shop.settings.data / "scratch").rglob("answers.csv")
    with kept.open("ab") as file:
        file.write(b"4,half a li")
    release(desk.database, work.claim, lost=True)
    run_claim(desk.claim())
    assert [row for row, _ in answered(desk.result(job_id))] == ["1", "2", "3", "3", "4", "5", "6"], (
        "the third was sent again, with its key: it was not accounted for"
    )
