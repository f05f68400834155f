"""Some of the ten thousand histories that `make chaos SECONDS=1800` goes through."""

from tests.chaos.simulated import simulate

SEEDS = range(60)


def test_every_row_is_accounted_for_under_every_seed() -> None:
    assert simulate(SEEDS) == {}, "python -m tests.chaos.simulated SEED 1 repeats a history"
