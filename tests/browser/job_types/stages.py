"""A job of three steps that waits at the second until a file is there, or is killed there."""

import os
import signal
import time
from pathlib import Path
from typing import Annotated

from pydantic import Field

from webapp.authoring import Context, job


@job(title="Close the month", icon="calendar")
def close_month(
    ctx: Context,
    *,
    gate: Annotated[str, Field(title="Go on once this file is there")],
    trouble: Annotated[bool, Field(title="Break off")] = False,
) -> None:
    """Read the bookings, add them up and write the report."""
    with ctx.step("Read the bookings"):
        ctx.progress(1, 3)
    with ctx.step("Add them up"):
        if trouble:
            os.kill(os.getpid(), signal.SIGKILL)
        while not Path(gate).exists():
            ctx.check_cancelled()
            time.sleep(0.02)
    with ctx.step("Write the report"), ctx.open_result("report.txt") as file:
        file.write(b"All is well.\n")
