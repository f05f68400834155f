"""Jobs that are paused, tried again and asked about; what they have done can be counted from outside of the desk."""

import time
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field

from webapp.authoring import Context, job

SERVICE_SECONDS = 0.02


class Parcel(BaseModel):
    """Something to be sent; `trouble` is what happens over it at the first try."""

    id: int
    trouble: str = ""


@job(title="Pack parcels", icon="archive")
def pack_parcels(
    row: Parcel, ctx: Context, *, hurry: Annotated[str, Field(title="Hurry once this file is there")]
) -> None:
    """One row after the other into the data database, slowly until somebody wants it otherwise."""
    ctx.data.insert("packed", {"job": ctx.job.number, "id": row.id})
    if not Path(hurry).exists():
        time.sleep(SERVICE_SECONDS)


@job(title="Weigh parcels", icon="table")
def weigh_parcels(row: Parcel, ctx: Context) -> None:
    """Each into the data database; those in trouble fail at the first try."""
    if row.trouble and ctx.job.attempt == 1:
        raise ValueError(f"the scales show nothing for parcel {row.id}")
    ctx.data.insert("weighed", {"job": ctx.job.number, "id": row.id})


@job(title="Send parcels", icon="mail")
def send_parcels(row: Parcel, ctx: Context, *, outbox: Annotated[str, Field(title="File to write into")]) -> None:
    """Each into a file outside of the desk; of those in trouble nobody knows afterwards whether they are in it."""
    with ctx.send_once():
        with Path(outbox).open("a") as file:
            file.write(f"{row.id}\n")
        if row.trouble and ctx.job.attempt == 1:
            raise ConnectionError("the line is dead")
