"""A clock that jumps is told from one that goes on, however slowly the database answers."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from webapp.engines.jumps import Jumps
from webapp.settings import Settings
from webapp.store.database import Database

LEASE_S = 8.0


class Time:
    """Both clocks, as a test sets them; an answer takes `slow` seconds after the clock was read."""

    def __init__(self) -> None:
        self.monotonic, self.clock, self.slow = 100.0, 1_000_000.0, 0.0

    def goes_on(self, seconds: float) -> None:
        self.monotonic += seconds
        self.clock += seconds

    def read(self, _: object) -> datetime:
        shown = datetime.fromtimestamp(self.clock, UTC)
        self.goes_on(self.slow)
        return shown


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Time:
    moment = Time()
    monkeypatch.setattr("webapp.engines.jumps.clock", moment.read)
    monkeypatch.setattr(time, "monotonic", lambda: moment.monotonic)
    return moment


@pytest.fixture
def jumps(tmp_path: Path) -> Jumps:
    return Jumps(Database(Settings(data=tmp_path).database), LEASE_S)


def test_after_a_jump_ahead_leases_are_in_doubt_for_as_long_as_one_holds(moment: Time, jumps: Jumps) -> None:
    assert not jumps.are_leases_in_doubt()
    moment.clock += 3600
    assert jumps.are_leases_in_doubt()
    moment.goes_on(LEASE_S - 1)
    assert jumps.are_leases_in_doubt()
    moment.goes_on(1)
    assert not jumps.are_leases_in_doubt()


def test_a_clock_that_is_set_back_puts_none_in_doubt(moment: Time, jumps: Jumps) -> None:
    jumps.are_leases_in_doubt()
    moment.clock -= 3600
    assert not jumps.are_leases_in_doubt()


def test_neither_does_a_slow_answer_or_a_long_pause(moment: Time, jumps: Jumps) -> None:
    for slow in (0.0, 5.0, 0.0, 5.0, 5.0, 0.0):
        moment.slow = slow
        assert not jumps.are_leases_in_doubt()
        moment.goes_on(60)
