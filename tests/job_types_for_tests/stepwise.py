"""A job of several steps."""

import os
import signal

from webapp.authoring import Cancelled, ComeBackLater, Context, JobError, job


@job(title="Go step by step")
def go_stepwise(ctx: Context, *, how: str = "") -> None:
    """Read, then reckon as `how` says, then write."""
    with ctx.step("Read the list"):
        ctx.progress(1, 3)
    with ctx.step("Reckon"):
        _reckon(ctx, how)
    with ctx.step("Write the report"), ctx.open_result("report.txt") as file:
        file.write(b"all is well")


def _reckon(ctx: Context, how: str) -> None:
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "nested":
        with ctx.step("Reckon more"):
            pass
    if how:
        raise {"error": KeyError, "refuse": JobError, "stop": Cancelled}.get(how, KeyError)(how)


@job(title="Take many steps")
def take_many_steps(ctx: Context, *, steps: int) -> None:
    """Take so many steps."""
    for step in range(steps):
        with ctx.step(f"Step {step + 1}"):
            pass


@job(title="Wait at the second step")
def wait_at_second(ctx: Context) -> None:
    """Go on at the second attempt."""
    with ctx.step(f"Try {ctx.job.attempt}"):
        if ctx.job.attempt == 1:
            raise ComeBackLater("Not yet.", 60)
