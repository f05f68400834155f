"""Guessing is slowed down; nobody is locked out."""

import threading

import pytest

from tests.accounts.conftest import HOME
from webapp import accounts
from webapp.accounts import Throttle, throttle
from webapp.accounts.throttle import ACCOUNT, PAIR, SOURCE
from webapp.errors import TooMany
from webapp.store.database import Database


class Clock:
    """Seconds that pass when we say so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def tries(limit: Throttle, account: str, source: str, most: int = 5000) -> int:
    for count in range(most):
        try:
            limit.take(account, source)
        except TooMany:
            return count
    return most


def test_guessing_one_account_from_one_place_stops_soon_and_goes_on_after_the_wait() -> None:
    clock = Clock()
    limit = Throttle(clock)
    assert tries(limit, "Ann", HOME) == PAIR.tries
    with pytest.raises(TooMany) as refused:
        limit.take("Ann", HOME)
    clock.seconds += refused.value.wait_s
    limit.take("Ann", HOME)


def test_guessing_many_accounts_from_one_place_stops() -> None:
    limit = Throttle(Clock())
    assert sum(tries(limit, f"user {n}", HOME, 1) for n in range(1000)) == SOURCE.tries


def test_guessing_one_account_from_many_places_stops() -> None:
    limit = Throttle(Clock())
    assert sum(tries(limit, "Ann", f"198.51.{n // 250}.{n % 250}", 1) for n in range(1000)) == ACCOUNT.tries


def test_an_attack_does_not_keep_the_owner_out() -> None:
    limit = Throttle(Clock())
    limit.take("Ann", HOME)
    limit.give_back("Ann", HOME)
    for n in range(1000):
        tries(limit, "Ann", f"198.51.{n // 250}.{n % 250}", 1)
    limit.take("ann", HOME)


def test_tries_that_name_no_account_count_for_their_source_alone() -> None:
    limit = Throttle(Clock())
    for _ in range(SOURCE.tries):
        limit.take_from(HOME)
    with pytest.raises(TooMany, match="Wait 6 seconds"):
        limit.take_from(HOME)
    limit.take_from("198.51.100.7")


def test_right_passwords_do_not_count() -> None:
    limit = Throttle(Clock())
    for _ in range(200):
        limit.take("Ann", HOME)
        limit.give_back("Ann", HOME)


def test_a_whole_ipv6_network_counts_as_one_place() -> None:
    limit = Throttle(Clock())
    assert sum(tries(limit, "Ann", f"2001:db8:1:2::{n:x}", 1) for n in range(100)) == PAIR.tries


def test_a_hundred_tries_at_once_count_as_a_hundred() -> None:
    limit, passed = Throttle(Clock()), []
    together = threading.Barrier(50)

    def guess() -> None:
        together.wait()
        passed.append(tries(limit, "Ann", HOME, 1))

    threads = [threading.Thread(target=guess) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(passed) == PAIR.tries


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "REMEMBERED", 50)
    limit = Throttle(Clock())
    for n in range(500):
        limit.take(f"user {n}", f"198.51.{n // 250}.{n % 250}")
        limit.give_back(f"user {n}", f"198.51.{n // 250}.{n % 250}")
    assert len(limit._buckets) <= 50
    assert len(limit._known) <= 50


def test_wrong_passwords_are_throttled(database: Database) -> None:
    limit = Throttle(Clock())
    for _ in range(PAIR.tries):
        assert accounts.authenticate(database, limit, "Ann", "wrong password", HOME) is None
    with pytest.raises(TooMany, match="Wait 21 seconds"):
        accounts.authenticate(database, limit, "Ann", "wrong password", HOME)
