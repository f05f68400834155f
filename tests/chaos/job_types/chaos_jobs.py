"""Jobs whose every effect can be counted at its far end: who did it is in the row itself."""

import http.client
import json
import os
import smtplib
from email.message import EmailMessage

from pydantic import BaseModel

from webapp.authoring import Context, NotSent, Rejected, Skipped, Table, job

from . import crash_points

TABLE = "chaos_data"
PLAIN_TABLE = "chaos_plain"
INTO_DESK = "INSERT INTO chaos_own (tag, id) VALUES (:tag, :id)"


class Line(BaseModel):
    """A row of a chaos file: its number, its file's tag, and what happens over it."""

    id: int
    tag: str
    do: str = ""


def judge(row: Line) -> None:
    """What the file wants of the row."""
    if row.do == "reject":
        raise Rejected("it says so", column="do")
    if row.do == "skip":
        raise Skipped("it says so")
    if row.do == "fail":
        raise LookupError("it says so")


def post(path: str, row: Line, key: str = "") -> None:
    """Hand a row to a receiver; it has had its effect before the answer comes."""
    crash_points.reached("before sending")
    receiver = http.client.HTTPConnection("127.0.0.1", int(os.environ["CHAOS_HTTP_PORT"]), timeout=60)
    receiver.request("POST", path, json.dumps({"tag": row.tag, "id": row.id}), {"Idempotency-Key": key})
    status = receiver.getresponse().status
    receiver.close()
    if status != 200:
        raise ConnectionError(f"the receiver answers {status}")
    crash_points.reached("after sending")


def mail(row: Line) -> None:
    """Send a mail about a row."""
    crash_points.reached("before sending")
    message = EmailMessage()
    message["From"], message["To"] = "desk@desk.example", f"row-{row.id}@desk.example"
    message["Subject"] = json.dumps({"tag": row.tag, "id": row.id})
    with smtplib.SMTP("127.0.0.1", int(os.environ["CHAOS_SMTP_PORT"]), timeout=60) as server:
        server.send_message(message)
    crash_points.reached("after sending")


@job(title="Rows into the data database")
def chaos_data(row: Line, ctx: Context) -> None:
    """Write first and judge then: what a refused row has written must not stay."""
    ctx.data.insert(TABLE, {"tag": row.tag, "id": row.id})
    judge(row)


@job(title="Rows into the desk's own database")
def chaos_own(row: Line, ctx: Context) -> None:
    """The same, into a table that the desk's ledger lies beside."""
    ctx.db.execute(INTO_DESK, {"tag": row.tag, "id": row.id})
    judge(row)


@job(title="Rows to a receiver that does a thing once for each key")
def chaos_keyed(row: Line, ctx: Context) -> None:
    """It may be sent again and again."""
    judge(row)
    post("/keyed", row, ctx.idempotency_key())


@job(title="Rows to a receiver that does whatever it is sent")
def chaos_hook(row: Line, ctx: Context) -> None:
    """It must not be sent again."""
    if row.do in {"reject", "skip"}:
        judge(row)
    with ctx.send_once():
        if row.do == "fail":
            raise NotSent("it says so")
        post("/hook", row)


@job(title="Rows as mails")
def chaos_mail(row: Line, ctx: Context) -> None:
    """Nor must a mail."""
    judge(row)
    with ctx.send_once():
        mail(row)


@job(title="A table into the data database")
def chaos_table(table: Table, ctx: Context, *, size: int = 3) -> None:
    """The same for a table that is read in batches."""
    for batch in table.batches(size):
        for number, cells in zip(batch.rows, batch.cells, strict=True):
            ctx.data.insert(TABLE, {"tag": cells[1], "id": int(cells[0])}, row_number=number)


@job(title="No file")
def chaos_plain(ctx: Context, *, tag: str, count: int) -> None:
    """Many writes, all or none."""
    for number in range(1, count + 1):
        ctx.data.insert(PLAIN_TABLE, {"tag": tag, "id": number})
        ctx.progress(number, count)
