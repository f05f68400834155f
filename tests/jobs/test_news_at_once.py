"""Many addresses are told at once, each of them one thing after the other, and a slow one holds up nobody else."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlmodel import select

from tests.jobs.bench import Bench
from tests.receiver import Heard, Receiver, Reply
from webapp.jobs.news.deliver import Outgoing, Senders
from webapp.settings import Settings
from webapp.store.tables import Channel, Delivery, Fate, NewsChoice

pytestmark = pytest.mark.both_databases
SECRET = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0"


class Slow:
    """Answers at once, but not where the address says `slow`: there it waits to be let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.seconds = 20.0
        self.waiting: list[str] = []
        self.most = 0

    def __call__(self, heard: Heard) -> Reply:
        if "slow" in heard.path:
            self.waiting.append(heard.path)
            self.most = max(self.most, len(self.waiting))
            self.go.wait(self.seconds)
            self.waiting.remove(heard.path)
        return Reply()


@pytest.fixture
def slow() -> Iterator[Slow]:
    slow = Slow()
    yield slow
    slow.go.set()


@pytest.fixture
def receiver(slow: Slow) -> Iterator[Receiver]:
    with Receiver(slow) as receiver:
        yield receiver


@pytest.fixture
def outgoing(bench: Bench, receiver: Receiver) -> Outgoing:
    settings = Settings(data=bench.settings.data, allowed_hosts=receiver.place)
    return Outgoing(settings, bench.database, bench.shop.secrets)


def add(bench: Bench, receiver: Receiver, name: str, count: int) -> None:
    """So much to be told to somebody, who is called like their address."""
    address = f"{receiver.url}/{name}"
    user = bench.person(name)
    with bench.database.write() as session:
        if session.get(NewsChoice, user.id) is None:
            secret = bench.shop.secrets.lock({"secret": SECRET})
            session.add(NewsChoice(user_id=user.id, webhook=address, secret=secret))
        for number in range(count):
            delivery = Delivery(
                user_id=user.id, channel=Channel.webhook, address=address, event="well", title="", text=""
            )
            delivery.title = f"{name} {number}"
            session.add(delivery)


@contextmanager
def senders(outgoing: Outgoing) -> Iterator[Senders]:
    """With threads of their own, until the block ends."""
    stop = threading.Event()
    with ThreadPoolExecutor(16) as pool:
        yield Senders(outgoing, stop, pool.submit)
        stop.set()


def wait_until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.01)


def told(bench: Bench, name: str) -> int:
    """How much somebody was told."""
    with bench.database.read() as session:
        found = session.exec(select(Delivery).where(Delivery.fate == Fate.done))
        return sum(each.title.startswith(name) for each in found)


def test_an_address_that_does_not_answer_holds_up_nobody_and_is_called_once_at_a_time(
    bench: Bench, outgoing: Outgoing, receiver: Receiver, slow: Slow
) -> None:
    add(bench, receiver, "slow", 60)
    add(bench, receiver, "quick", 30)
    with senders(outgoing) as desk:
        desk.look()
        wait_until(lambda: told(bench, "quick") == 30)
        for _ in range(3):
            desk.look()
        time.sleep(0.1)
        assert (slow.most, told(bench, "slow")) == (1, 0)
        slow.go.set()
    assert {each.path for each in receiver.heard} == {"/slow", "/quick"}


def test_many_slow_addresses_leave_places_to_the_others(
    bench: Bench, outgoing: Outgoing, receiver: Receiver, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.jobs.news.deliver.SLOW_SECONDS", 1.0)
    monkeypatch.setattr("webapp.jobs.news.deliver.PLACES", 4)
    monkeypatch.setattr("webapp.jobs.news.deliver.FOR_SLOW", 2)
    slow.seconds = 1.1
    names = [f"slow-{number}" for number in range(6)]
    with senders(outgoing) as desk:
        for name in names:
            add(bench, receiver, name, 1)
        desk.look()
        wait_until(lambda: told(bench, "slow") == len(names))
        slow.seconds, slow.most = 20.0, 0
        for name in names:
            add(bench, receiver, name, 2)
        desk.look()
        wait_until(lambda: slow.most == 2)
        add(bench, receiver, "quick", 30)
        desk.look()
        wait_until(lambda: told(bench, "quick") == 30)
        assert slow.most == 2
        slow.go.set()
        wait_until(lambda: told(bench, "slow") == 3 * len(names))


def test_of_several_desks_at_once_one_sends_each(bench: Bench, outgoing: Outgoing, receiver: Receiver) -> None:
    for name in ("one", "two", "three"):
        add(bench, receiver, name, 5)
    with senders(outgoing) as one, senders(outgoing) as other:
        for each in (one, other, one, other):
            each.look()
        wait_until(lambda: sum(told(bench, name) for name in ("one", "two", "three")) == 15)
    keys = [heard.headers["idempotency-key"] for heard in receiver.heard]
    assert len(keys) == len(set(keys)) == 15
