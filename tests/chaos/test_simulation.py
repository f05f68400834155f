"""Some of the ten thousand histories that `make chaos SECONDS=1800` goes through."""

import pytest

from tests.chaos.simulated import simulate
from webapp.services.datatables import writer

SEEDS = range(100)


def test_every_row_is_accounted_for_under_every_seed() -> None:
    assert simulate(SEEDS) == {}, "python -m tests.chaos.simulated SEED 1 repeats a history"


def test_the_simulation_sees_what_a_worker_does_that_wakes_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "check_fence", lambda *_: None)
    assert simulate([40, 82, 127]) != {}
