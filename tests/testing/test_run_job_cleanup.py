"""What a job has to clean up, on the desk that a test has for it."""

from typing import Annotated

import pytest

from webapp.authoring import AuthoringError, ComeBackLater, Context, Depends, JobFacts, Row, job
from webapp.testing import run_job

ROWS = [{"name": "ann"}]


class Broom:
    def __init__(self, *, broken: int = 0) -> None:
        self.swept: list[int] = []
        self._broken = broken

    def sweep(self, attempt: int) -> None:
        if self._broken:
            self._broken -= 1
            raise OSError("the broom is broken")
        self.swept.append(attempt)


def no_broom() -> Broom:
    raise AssertionError("the real broom was taken")


def no_till() -> list[str]:
    raise AssertionError("the real till was opened")


def sweep(facts: JobFacts, tool: Annotated[Broom, Depends(no_broom)]) -> None:
    tool.sweep(facts.attempt)


@job(cleanup=sweep)
def sell(row: Row, ctx: Context, tool: Annotated[list[str], Depends(no_till)]) -> None:
    """Sell something, at the second try."""
    if ctx.job.attempt == 1:
        raise ComeBackLater("Closed.", 60)
    tool.append(row["name"])


@job(cleanup=sweep)
def sell_once(ctx: Context, tool: Annotated[list[str], Depends(no_till)]) -> None:
    """Sell something without a file."""
    tool.append(f"try {ctx.job.attempt}")


def test_it_gets_what_stands_in_for_its_services() -> None:
    broom, till = Broom(), list[str]()
    ran = run_job(sell, rows=ROWS, overrides={no_broom: lambda: broom, no_till: lambda: till})
    assert (ran.state, till, broom.swept) == ("completed", ["ann"], [1, 2])


def test_so_it_does_after_a_job_without_a_table() -> None:
    broom, till = Broom(), list[str]()
    ran = run_job(sell_once, overrides={no_broom: lambda: broom, no_till: lambda: till})
    assert (ran.state, till, broom.swept) == ("completed", ["try 1"], [1])


def test_what_fails_is_tried_again_at_once_and_told() -> None:
    broom, till = Broom(broken=1), list[str]()
    ran = run_job(sell, rows=ROWS, overrides={no_broom: lambda: broom, no_till: lambda: till})
    assert (ran.state, till, broom.swept) == ("completed", ["ann"], [1, 2])
    assert [line.partition(".")[0] for line in ran.log] == ["Cleaning up after try 1 did not work"]


def test_an_override_of_neither_is_refused() -> None:
    with pytest.raises(AuthoringError, match=r"it uses no_till .*, no_broom"):
        run_job(sell, rows=ROWS, overrides={Broom: Broom})
