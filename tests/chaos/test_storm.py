"""A short storm: a desk at work is killed again and again. `make chaos` is the long one."""

from pathlib import Path

from tests.chaos.storm import Storm

SEED = 4
SECONDS = 25


def test_a_desk_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    report = Storm(tmp_path, SEED).run(SECONDS)
    told = "\n".join(report.lines())
    assert report.kills > 1, told
    assert report.verdict.well > 1, told
    assert report.verdict.findings == [], f"CHAOS_SEED={SEED}\n{told}"
