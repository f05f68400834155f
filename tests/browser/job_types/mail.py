"""Jobs that take their time, as those that talk to a slow service do; one of them gives up."""

import time
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from webapp.authoring import Context, Table, job

SERVICE_SECONDS = 0.01


class Letter(BaseModel):
    """Somebody to write to."""

    id: int
    name: str


@job(title="Write letters", icon="mail")
def write_letters(row: Letter) -> None:
    """One letter for each row."""
    time.sleep(SERVICE_SECONDS)
    if row.id < 0:
        raise ValueError(f"nobody lives at {row.id}")


@job(title="Send a reminder", icon="clock")
def send_reminder(
    ctx: Context,
    *,
    to: Annotated[str, Field(title="To", max_length=40)],
    times: Annotated[int, Field(title="How often", ge=1, le=1000)] = 3,
    tone: Annotated[Literal["kind", "firm"], Field(title="Tone")] = "kind",
) -> None:
    """Remind somebody, again and again.

    Each reminder is written into the log.
    """
    for time_ in range(times):
        ctx.progress(time_, times, f"reminding {to}")
        ctx.log(f"{tone} reminder {time_ + 1} to {to}")
        time.sleep(SERVICE_SECONDS)


@job(title="Count the stock", icon="archive")
def count_stock(rows: Table, ctx: Context) -> None:
    """Compare a list with what is in the shelves."""
    for batch in rows.batches(100):
        ctx.log(f"{len(batch.rows)} rows compared")
        if batch.rows[0] > 100:
            raise ValueError("shelf 12 is closed")
