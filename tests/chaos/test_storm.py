"""Short storms: a desk at work is killed again and again. `make chaos` is the long one."""

from pathlib import Path

import pytest

from tests.chaos.storm import Storm

SEED = 4


@pytest.mark.parametrize(("database", "seconds"), [("sqlite", 25), ("postgresql", 12)])
def test_a_desk_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing(
    database: str, seconds: int, tmp_path: Path
) -> None:
    report = Storm(tmp_path, SEED, database).run(seconds)
    told = "\n".join(report.lines())
    assert report.done.total() > 1, told
    assert report.verdict.well > 1, told
    assert report.verdict.findings == [], f"CHAOS_SEED={SEED}\n{told}"
