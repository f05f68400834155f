"""Row jobs whose rows have keys."""

import os
import signal
import time

from pydantic import BaseModel

from webapp.authoring import Context, Row, Undo, job


class Order(BaseModel):
    """A row with a key."""

    order: str
    do: str = ""


@job(title="Ship orders", row_key="order", estimate=lambda rows: (rows / 10, rows / 5))
def ship(row: Order, ctx: Context, *, table: str = "shipped") -> None:
    """Put each order into the data database, then do what it says."""
    ctx.data.insert(table, {"id": int(row.order)})
    if row.do == "error":
        raise ValueError(row.do)


def both(row: Row) -> tuple[str, str]:
    """Two cells."""
    return row["a"], row["b"]


@job(title="Ship by two columns", row_key=both)
def ship_pairs(row: Row, ctx: Context) -> None:
    """Put each row into the data database."""
    ctx.data.insert("pairs", {"id": int(row["n"])})


def breaks(row: Order) -> str:
    """A key that can't be told of row 2."""
    if row.order == "2":
        raise ValueError(row.order)
    return row.order


@job(title="Ship with a broken key", row_key=breaks)
def ship_broken(row: Order, ctx: Context) -> None:
    """Put each order into the data database."""
    ctx.data.insert("shipped", {"id": int(row.order)})


@job(title="Notify of orders", row_key="order")
def notify(row: Order, ctx: Context) -> None:
    """Send each order once; nobody knows whether those to `break` arrived."""
    with ctx.send_once():
        ctx.data.insert("sent", {"id": int(row.order)})
        if row.do == "break":
            raise ConnectionResetError


def keep(undo: Undo, ctx: Context) -> None:  # noqa: ARG001 (it is called so)
    """Take back every order but the last."""
    undo.rows(2)
    if undo.params["leave"]:
        undo.leave(2, "It stays.")


@job(title="Ship and take back", row_key="order", undo=keep)
def ship_back(row: Order, ctx: Context, *, leave: bool = False) -> None:  # noqa: ARG001 (it is for its undo)
    """Put each order into the data database."""
    ctx.data.insert("shipped", {"id": int(row.order)})


class Part(BaseModel):
    """A row whose key is no key of the table."""

    order: str
    part: int


@job(title="Ship parts", row_key="order")
def ship_parts(row: Part, ctx: Context, *, desk: bool = False) -> None:
    """Put each part into a table that takes it once: of the data database, or of the desk's own."""
    if desk:
        ctx.db.execute("INSERT INTO part (id) VALUES (:id)", {"id": row.part})
    else:
        ctx.data.insert("parts", {"id": row.part}, key="id")


@job(title="List orders", row_key="order", restart=True)
def list_orders(row: Order, ctx: Context) -> None:
    """Do what each order says, in the first attempt only; it starts over after a crash."""
    if ctx.job.attempt > 1:
        return
    if row.do == "error":
        raise ValueError(row.do)
    if row.do == "wait":
        time.sleep(0.5)  # what was before is written down at the next row
    if row.do == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
