"""A job that has several rows in its hands, each sent with its key."""

import threading
import time
from pathlib import Path

from pydantic import BaseModel

from webapp.authoring import ComeBackLater, Context, JobError, Rejected, Retry, job


class Parcel(BaseModel):
    """What is sent, and what happens over it."""

    id: int
    do: str = ""


class BusyError(Exception):
    """The receiver wants it later."""


class Breakdown(BaseException):
    """The process is gone."""


BOX = threading.Lock()
TWICE = 2


def before(row: Parcel, box: str) -> None:
    """What happens before the parcel has a key, always or once it is in the box."""
    again = f"\n{row.id} " in Path(box).read_text()
    if row.do == "leave before once" and not Path(f"{box}.{row.id}").exists():
        Path(f"{box}.{row.id}").touch()
        raise ComeBackLater("The box is away.", 0)
    if row.do == "give up again" and again:
        raise JobError("The box is broken.")
    if row.do == "leave before" or (row.do in {"leave before again", "breakdown then leave before"} and again):
        raise ComeBackLater("The box is away.", 0)
    if row.do == "reject":
        raise Rejected("is not wanted", column="id")


def after(row: Parcel, box: str) -> None:
    """What happens once it is in the box; some things only once."""
    first = Path(box).read_text().count(f"\n{row.id} ") < TWICE
    if row.do in {"breakdown once", "breakdown then leave before"} and first:
        raise Breakdown("as if killed")
    if row.do == "leave once" and first:
        raise ComeBackLater("The box is full.", 0)
    if row.do == "give up" and first:
        raise JobError("The box is broken.")


@job(title="Send parcels", at_once=lambda given: given["lanes"], retry=Retry(attempts=3, on=(BusyError,)))
def send_parcels(
    row: Parcel,
    ctx: Context,
    *,
    box: str,
    lanes: int = 4,  # noqa: ARG001 (said to at_once)
    seconds: float = 0.0,
) -> None:
    """Put each parcel into a box, with its key."""
    if row.do == "look before" and ctx.cancelled:
        return
    before(row, box)
    key = ctx.idempotency_key()
    if row.do == "data":
        ctx.data.insert("parcels", {"id": row.id})
    if row.do == "once":
        with ctx.send_once():
            pass
    time.sleep(seconds)
    if row.do == "busy once" and f"tried {row.id}" not in Path(box).read_text():
        put(box, f"tried {row.id} {key} {ctx.row_number}")
        raise BusyError
    put(box, f"{row.id} {key} {ctx.row_number}")
    after(row, box)
    if row.do == "look" and ctx.cancelled:
        return
    while row.do == "wait":
        ctx.check_cancelled()
        time.sleep(0.05)


def put(box: str, line: str) -> None:
    """Write a line into the box."""
    with BOX, Path(box).open("a") as file:
        file.write(f"\n{line}")
