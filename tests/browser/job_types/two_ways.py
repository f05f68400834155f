"""The same patience in two ways: a function that blocks and one that awaits; both go on until a file is there."""

import asyncio
from pathlib import Path
from typing import Annotated

from pydantic import Field

from webapp.authoring import Context, job

Gate = Annotated[str, Field(title="Go on once this file is there")]
MUCH = 60_000_000  # one call that lets no other thread of its process have a turn for a second or two


@job(title="Work out the table", icon="table")
def work_out(ctx: Context, *, gate: Gate) -> None:
    """Work without a pause, as a program does that knows of no other."""
    while not Path(gate).exists():
        ctx.check_cancelled()
        sum(range(MUCH))
    ctx.log("worked out by a function that blocks")


@job(title="Listen for answers", icon="mail")
async def listen(ctx: Context, *, gate: Gate) -> None:
    """Wait for something else, as a program does that talks to others."""
    while not await asyncio.to_thread(Path(gate).exists):
        ctx.check_cancelled()
        await asyncio.sleep(0.05)
    ctx.log("heard by a function that awaits")
