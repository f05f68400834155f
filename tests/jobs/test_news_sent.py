"""What is sent out: to a real receiver and a real mail server, each thing by one of several at once."""

import json
import threading
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from tests.jobs.bench import Bench, items
from tests.mail_server import DROP, LOSE, MailSink
from tests.receiver import Receiver, Reply
from webapp.jobs.halt import go_on, stand_still
from webapp.jobs.housekeeping import forget_old_news
from webapp.jobs.news import outbox
from webapp.jobs.news.choices import Event, Way
from webapp.jobs.news.deliver import GONE, Outgoing, Senders
from webapp.kit import now
from webapp.services.webhooks.signing import signature_headers
from webapp.settings import Settings
from webapp.store.tables import Allowance, Delivery, Fate, NewsChoice

pytestmark = pytest.mark.both_databases
SECRET = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0"


@pytest.fixture
def outgoing(bench: Bench, sink: MailSink, receiver: Receiver) -> Outgoing:
    """What a desk sends out by; Ada wants both."""
    where = {"mail_server": sink.address, "mail_from": "desk@example.org", "allowed_hosts": receiver.place}
    settings = Settings(data=bench.settings.data, base_url="https://desk.example", **where)
    choice = NewsChoice(user_id=bench.user.id, ways={Event.well: [Way.mail, Way.webhook]})
    choice.mail, choice.webhook = "ada@example.com", f"{receiver.url}/news"
    choice.secret = bench.shop.secrets.lock({"secret": SECRET})
    with bench.database.write() as session:
        session.add(choice)
    return Outgoing(settings, bench.database, bench.shop.secrets)


def send(outgoing: Outgoing) -> int:
    """Send what is due, one after the other; how much was found."""
    todo: deque[Callable[[], object]] = deque()

    def later(call: Callable[..., object], *given: object) -> None:
        todo.append(partial(call, *given))

    found = Senders(outgoing, threading.Event(), later).look()
    while todo:
        todo.popleft()()
    return found


def make_due(bench: Bench) -> None:
    with bench.database.write() as session:
        session.execute(update(Delivery).values(due_at=now() - timedelta(seconds=1)))


def all_of(bench: Bench) -> dict[str, Delivery]:
    """By their channels."""
    with bench.database.read() as session:
        found = {each.channel.value: each for each in session.exec(select(Delivery))}
        session.expunge_all()
    return found


def test_a_mail_and_a_signed_call_say_the_sum_and_lead_to_the_job(
    bench: Bench, outgoing: Outgoing, sink: MailSink, receiver: Receiver
) -> None:
    job = bench.run("keep_rows", items(5))
    assert send(outgoing) == 2
    (mail,) = sink.taken
    assert (mail.recipients, mail.message["Subject"]) == (("ada@example.com",), "Job 1, items.csv: All 5 rows done.")
    assert f"https://desk.example/jobs/{job.id}" in mail.message.get_content()
    (heard,) = receiver.heard
    told = json.loads(heard.body)
    assert (told["title"], told["event"], told["job"]["done"]) == ("Job 1, items.csv: All 5 rows done.", "well", 5)
    assert told["url"] == f"https://desk.example/jobs/{job.id}"
    delivery = all_of(bench)["webhook"]
    assert heard.headers["idempotency-key"] == told["id"] == str(delivery.id)
    expected = signature_headers(SECRET, told["id"], int(heard.headers["webhook-timestamp"]), heard.body)
    assert heard.headers["webhook-signature"] == expected["webhook-signature"]
    assert [each.fate for each in all_of(bench).values()] == [Fate.done, Fate.done]
    assert delivery.said == "The receiver answered 200 OK."
    assert send(outgoing) == 0


def test_a_call_that_fails_is_tried_again_with_the_same_key_and_body(
    bench: Bench, outgoing: Outgoing, receiver: Receiver
) -> None:
    replies = iter([Reply(500), Reply(hang_up=True), Reply(429), Reply(204)])
    receiver.reply = lambda _: next(replies)
    bench.run("keep_rows", items(5))
    for _ in range(4):
        send(outgoing)
        make_due(bench)
    assert len(receiver.heard) == 4
    assert len({(heard.headers["idempotency-key"], heard.body) for heard in receiver.heard}) == 1
    assert (all_of(bench)["webhook"].fate, all_of(bench)["webhook"].tries) == (Fate.done, 4)


def test_it_waits_longer_each_time_and_gives_up_in_the_end(
    bench: Bench, outgoing: Outgoing, receiver: Receiver
) -> None:
    receiver.reply = lambda _: Reply(503)
    bench.run("keep_rows", items(5))
    waits = []
    for _ in range(outbox.TRIES.attempts + 1):
        send(outgoing)
        waits.append((all_of(bench)["webhook"].due_at - now()).total_seconds())
        make_due(bench)
    assert (2 < waits[0] <= 5.5, waits[5] > 70) == (True, True)
    failed = all_of(bench)["webhook"]
    assert (failed.fate, len(receiver.heard)) == (Fate.failed, outbox.TRIES.attempts)
    assert (failed.said or "").endswith("503 Service Unavailable. It was tried 12 times.")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://127.0.0.1:1/x", "127.0.0.1"),
        ("http://169.254.169.254/latest", "169.254.169.254"),
        ("http://localhost/x", "localhost"),
        ("ftp://example.com/x", "http"),
    ],
)
def test_addresses_in_the_own_network_are_not_called(bench: Bench, outgoing: Outgoing, address: str, said: str) -> None:
    with bench.database.write() as session:
        session.execute(update(NewsChoice).values(webhook=address))
    bench.run("keep_rows", items(5))
    send(outgoing)
    refused = all_of(bench)["webhook"]
    assert (refused.fate, said in (refused.said or "")) == (Fate.failed, True), refused.said


@pytest.mark.parametrize("status", [400, 401, 404, 410, 301])
def test_a_receiver_that_refuses_is_not_called_again(
    bench: Bench, outgoing: Outgoing, receiver: Receiver, status: int
) -> None:
    receiver.reply = lambda _: Reply(status, b"no such hook", {"Location": "http://127.0.0.1:1/"})
    bench.run("keep_rows", items(5))
    send(outgoing)
    refused = all_of(bench)["webhook"]
    assert (refused.fate, str(status) in (refused.said or "")) == (Fate.failed, True)


def test_an_address_that_was_changed_hears_nothing_signed_with_the_new_secret(
    bench: Bench, outgoing: Outgoing, receiver: Receiver, sink: MailSink
) -> None:
    bench.run("keep_rows", items(5))
    with bench.database.write() as session:
        session.execute(update(NewsChoice).values(webhook="https://other.example/", mail=None))
    send(outgoing)
    assert (receiver.heard, sink.taken) == ([], [])
    assert {each.said for each in all_of(bench).values()} == {GONE}


def test_a_mail_server_that_is_away_or_busy_is_tried_again(bench: Bench, outgoing: Outgoing, sink: MailSink) -> None:
    troubles = {1: "450 4.2.0 later", 2: DROP}
    sink.trouble = lambda verb, number: troubles.get(number) if verb == "RCPT" else None
    bench.run("keep_rows", items(5))
    for _ in range(3):
        send(outgoing)
        make_due(bench)
    assert len(sink.taken) == 1
    assert all_of(bench)["mail"].fate is Fate.done


def test_a_mail_of_which_nobody_knows_is_not_sent_again(bench: Bench, outgoing: Outgoing, sink: MailSink) -> None:
    sink.trouble = lambda verb, _: LOSE if verb == "." else None
    bench.run("keep_rows", items(5))
    for _ in range(2):
        send(outgoing)
        make_due(bench)
    assert (len(sink.taken), all_of(bench)["mail"].fate) == (1, Fate.unknown)


@pytest.mark.parametrize(
    ("values", "said"),
    [({"mail_server": None}, "no mail server"), ({"mail_server": "smtp+plain://127.0.0.1:1"}, "can’t be reached")],
)
def test_without_a_mail_server_it_says_so(bench: Bench, outgoing: Outgoing, values: dict[str, Any], said: str) -> None:
    other = Outgoing(outgoing.settings.model_copy(update=values), outgoing.database, outgoing.secrets)
    bench.run("keep_rows", items(5))
    send(other)
    assert said in (all_of(bench)["mail"].said or "")


def test_mails_wait_for_the_next_hour_if_this_one_is_used_up(bench: Bench, outgoing: Outgoing, sink: MailSink) -> None:
    full = Outgoing(outgoing.settings.model_copy(update={"mails_per_hour": 1}), outgoing.database, outgoing.secrets)
    for _ in range(3):
        bench.run("keep_rows", items(5))
    send(full)
    assert len(sink.taken) == 1
    with bench.database.read() as session:
        tries = session.exec(select(Delivery.tries).where(Delivery.channel == "mail", Delivery.fate == Fate.waiting))
        assert tries.all() == [0, 0]


def test_waiting_for_the_hour_uses_up_nothing_of_the_day(bench: Bench, outgoing: Outgoing) -> None:
    few = outgoing.settings.model_copy(update={"mails_per_hour": 1, "mails_per_day": 50})
    for _ in range(3):
        bench.run("keep_rows", items(5))
    for _ in range(4):
        send(Outgoing(few, outgoing.database, outgoing.secrets))
        make_due(bench)
    with bench.database.read() as session:
        assert [each.used for each in session.exec(select(Allowance)) if each.name.endswith("day")] == [1]


def dead_in(bench: Bench, fate: Fate, channel: str) -> None:
    """A process died that held this, and its time is over."""
    long_ago = {"fate": fate, "holder": UUID(int=7), "due_at": now() - timedelta(seconds=1)}
    with bench.database.write() as session:
        session.execute(update(Delivery).where(col(Delivery.channel) == channel).values(**long_ago))


def test_what_a_dead_process_held_goes_on_unless_it_may_have_been_sent(
    bench: Bench, outgoing: Outgoing, sink: MailSink, receiver: Receiver
) -> None:
    bench.run("keep_rows", items(5))
    dead_in(bench, Fate.sending, "mail")
    dead_in(bench, Fate.taken, "webhook")
    send(outgoing)
    assert (len(sink.taken), len(receiver.heard)) == (0, 1)
    assert all_of(bench)["mail"].said == outbox.BROKE_OFF
    bench.run("keep_rows", items(5))
    with bench.database.write() as session:
        session.execute(update(Delivery).where(col(Delivery.ended_at).is_(None)).values(fate=Fate.taken))
    send(outgoing)
    assert (len(sink.taken), len(receiver.heard)) == (1, 2)


@pytest.mark.usefixtures("outgoing")
def test_who_comes_back_late_writes_nothing_and_sends_no_mail(bench: Bench) -> None:
    bench.run("keep_rows", items(5))
    late = outbox.take(bench.database, all_of(bench)["mail"].id)
    assert late is not None
    dead_in(bench, Fate.taken, "mail")
    assert outbox.take(bench.database, late.id) is not None
    with pytest.raises(outbox.NotHeldError):
        outbox.end(bench.database, late, Fate.done, "Sent.")
    with pytest.raises(outbox.NotHeldError), outbox.sending(bench.database, late):
        pytest.fail("it would be sent twice")


def test_a_desk_that_stands_still_sends_nothing_and_a_restored_one_no_mail_of_before(
    bench: Bench, outgoing: Outgoing, sink: MailSink, receiver: Receiver
) -> None:
    bench.run("keep_rows", items(5))
    with bench.database.write() as session:
        stand_still(session, "Restored.", now())
    held = all_of(bench)["webhook"].id
    assert (send(outgoing), outbox.take(bench.database, held)) == (0, None)
    go_on(bench.database, None)
    send(outgoing)
    assert (len(sink.taken), len(receiver.heard)) == (0, 1), "what has a key may be sent twice"
    assert all_of(bench)["mail"].said == outbox.RESTORED


def test_deliveries_are_forgotten_a_month_after_their_end(bench: Bench, outgoing: Outgoing) -> None:
    bench.run("keep_rows", items(5))
    send(outgoing)
    with bench.database.write() as session:
        old = update(Delivery).where(col(Delivery.channel) == "mail")
        session.execute(old.values(ended_at=now() - outbox.KEPT - timedelta(hours=1)))
    forget_old_news(bench.database)
    assert list(all_of(bench)) == ["webhook"]


def test_a_key_that_was_lost_is_said(bench: Bench, outgoing: Outgoing, receiver: Receiver) -> None:
    bench.run("keep_rows", items(5))
    with bench.database.write() as session:
        session.execute(update(NewsChoice).values(secret="nonsense"))
    send(outgoing)
    assert receiver.heard == []
    assert "Make a new one" in (all_of(bench)["webhook"].said or "")
