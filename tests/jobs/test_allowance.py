"""So many times an hour, by all together."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlmodel import select

from tests.jobs.bench import Bench
from webapp.authoring import ComeBackLater
from webapp.jobs import allowance
from webapp.kit import now
from webapp.store.tables import Allowance

pytestmark = pytest.mark.both_databases


def test_there_are_so_many_and_no_more(bench: Bench) -> None:
    assert [allowance.take(bench.database, "mail", 3) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert 0 < allowance.take(bench.database, "mail", 3) <= 3600
    assert allowance.take(bench.database, "other", 3) == 0.0


def test_many_are_taken_at_once_or_none(bench: Bench) -> None:
    assert allowance.take(bench.database, "mail", 10, 8) == 0.0
    assert allowance.take(bench.database, "mail", 10, 3) > 0
    assert allowance.take(bench.database, "mail", 10, 2) == 0.0
    assert allowance.take(bench.database, "new", 10, 11) > 0


def test_those_who_ask_at_once_get_no_more_together(bench: Bench) -> None:
    with ThreadPoolExecutor(6) as pool:
        waits = list(pool.map(lambda _: allowance.take(bench.database, "mail", 25), range(40)))
    assert waits.count(0.0) == 25


class Slow(dict[tuple[str, allowance.Span], int]):
    """Leaves time for others between looking and changing."""

    def get(self, key: tuple[str, allowance.Span], default: int | None = None) -> int | None:  # type: ignore[override]
        found = super().get(key, default)
        time.sleep(0.002)
        return found


@pytest.mark.parametrize("most", [3, 200])
def test_the_lanes_of_one_attempt_use_no_more_than_it_has_taken(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    allowed = allowance.Allowed(bench.database)
    monkeypatch.setattr(allowed, "_left", Slow())

    def use_some(_lane: int) -> int:
        used = 0
        with suppress(ComeBackLater):
            for used in range(120):  # noqa: B007 (how often it went well)
                allowed.use("call", most, "Enough for now.", "hour")
        return used

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(use_some, range(4))) == most


def test_an_hour_is_forgotten_after_two_days(bench: Bench) -> None:
    with bench.database.write() as session:
        session.add(Allowance(name="mail", hour=now() - timedelta(hours=50), used=7))
        session.add(Allowance(name="mail", hour=now() - timedelta(hours=2), used=7))
    assert allowance.take(bench.database, "mail", 5) == 0.0
    with bench.database.read() as session:
        assert sorted(session.exec(select(Allowance.used)).all()) == [1, 7]
