"""Call a web address for each row, without a key: nothing is sent twice, and nothing failed that may have been done."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.job_types.desk import Desk
from tests.receiver import Receiver, Reply
from webapp.kit import now
from webapp.services.webhooks.verdict import seconds_to_wait
from webapp.store.tables import State

A_DAY = 86_400.0


@pytest.fixture
def desk_settings(receiver: Receiver) -> dict[str, Any]:
    return {"allowed_hosts": (receiver.place,)}


@pytest.mark.parametrize(("keyed", "outcome"), [(True, "done"), (False, "unknown")])
def test_a_page_to_look_at_means_done_or_nobody_knows(
    desk: Desk,
    receiver: Receiver,
    csv_file: Callable[..., Path],
    keyed: bool,  # noqa: FBT001
    outcome: str,
) -> None:
    receiver.reply = lambda _: Reply(303, headers={"Location": "/thanks"})
    ran = desk.run("call_webhook", csv_file("id\n1\n"), url=receiver.url, key=keyed)
    assert ran.counts == {outcome: 1}
    assert len(receiver.heard) == 1


def test_a_receiver_to_be_left_alone_is_and_what_it_was_sent_is_unknown(
    desk: Desk, receiver: Receiver, csv_file: Callable[..., Path]
) -> None:
    receiver.reply = lambda _: Reply(503, headers={"Retry-After": "3600"})
    ran = desk.run("call_webhook", csv_file("id\n1\n2\n"), url=receiver.url + "/{id}", key=False, per_second=1000)
    assert (ran.job.state, ran.counts) == (State.scheduled, {"unknown": 1})
    assert ran.job.run_at is not None
    assert 3500 < (ran.job.run_at - now()).total_seconds() <= 3600
    receiver.reply = lambda _: Reply()
    assert desk.run_on(ran.job.id, most=1).counts == {"done": 1, "unknown": 1}
    assert [heard.path for heard in receiver.heard] == ["/1", "/2"]


def test_a_receiver_that_makes_nothing_but_errors_costs_few_rows(
    desk: Desk, receiver: Receiver, csv_file: Callable[..., Path]
) -> None:
    receiver.reply = lambda _: Reply(503)
    ran = desk.run("call_webhook", csv_file("id\n" + "1\n" * 40), url=receiver.url, key=False, per_second=1000)
    assert (ran.job.state, ran.counts) == (State.scheduled, {"unknown": 5})
    assert "5 calls in a row" in (ran.job.problem or "")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("9" * 400, A_DAY),
        ("1e9", None),
        ("Fri, 31 Dec 9999 23:59:59 -0100", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", A_DAY),
        ("Mon, 01 Jan 0001 00:00:00 +0100", 0.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("soon", None),
        (" ", None),
        ("٣", None),
    ],
)
def test_how_long_to_wait_is_some_seconds_whatever_the_receiver_says(header: str, seconds: float | None) -> None:
    assert seconds_to_wait(header) == seconds
