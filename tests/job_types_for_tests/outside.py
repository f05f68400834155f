"""Row jobs that act elsewhere: where nobody can ask, in the desk's own database, and where it works the second time."""

import os
from pathlib import Path

from pydantic import BaseModel

from webapp.authoring import Context, Failed, JobError, NotSent, Rejected, Retry, Table, Unsure, job


class Letter(BaseModel):
    """A row: its number again, and what happens when it is sent."""

    id: int
    do: str = ""


class Breakdown(BaseException):
    """The process is gone, as far as one that lives can play it."""


WITHIN = {
    "breakdown": Breakdown("as if killed"),
    "cut off": ConnectionResetError("the line went dead"),
    "unsure": Unsure("The postman said nothing."),
}
"""What happens while a letter is in the air."""


@job(title="Send letters")
def send_letters(row: Letter, ctx: Context, *, box: str, careless: bool = False) -> None:
    """Write each row into a letter box that nobody can look into; what it says happens before, within or after."""
    if careless:
        ctx.data.insert("kept", {"id": row.id})
    if row.do == "reject before":
        raise Rejected("is not wanted here")
    with ctx.send_once():
        if row.do == "not sent":
            raise NotSent("The letter box is shut.")
        drop(box, row.id)
        if row.do in WITHIN:
            raise WITHIN[row.do]
        if row.do == "wait":
            while True:
                ctx.check_cancelled()
    if row.do == "reject after":
        raise Rejected("is not wanted here")
    if row.do == "give up after":
        raise JobError("The till is closed.")


@job(title="Keep slowly")
def keep_slowly(row: Letter, ctx: Context) -> None:
    """Keep each row on both sides of a wait."""
    ctx.data.insert("kept", {"id": row.id})
    ctx.wait(0.01)
    ctx.data.insert("kept_after", {"id": row.id})


@job(title="Send slowly")
def send_slowly(row: Letter, ctx: Context, *, box: str) -> None:
    """Each row once, with a wait before it; one is killed in its wait."""
    first = {cell: number for number, cell in reversed(list(ctx.cells("id")))}
    ctx.wait(0.01)
    if row.do == "breakdown" and ctx.job.attempt == 1:
        raise Breakdown("as if killed")
    with ctx.send_once():
        drop(box, f"{row.id} {ctx.row_number} {first[str(row.id)]}")


@job(title="Post with a key")
def post_rows(row: Letter, ctx: Context, *, box: str) -> None:
    """Write the row's key into the box, so that whoever empties it takes each once."""
    drop(box, f"{row.id} {ctx.idempotency_key()} {ctx.idempotency_key('receipt')}")
    if row.do == "always" or (row.do == "breakdown" and ctx.job.attempt == 1):
        raise Breakdown("as if killed")


@job(title="Count stock")
def count_stock(row: Letter, ctx: Context, *, both: bool = False) -> None:
    """Keep each row in a table of the desk's own database, which takes each number once."""
    ctx.db.execute("INSERT INTO stock (id) VALUES (:id)", {"id": row.id})
    if row.do == "twice":
        ctx.db.execute("INSERT INTO stock (id) VALUES (:id)", {"id": row.id})
    if row.do == "reject":
        raise Rejected("is not wanted here")
    if both:
        ctx.data.insert("kept", {"id": row.id})


@job(title="Try again", retry=Retry(attempts=3, on=(ConnectionError,), first_seconds=0.02, longest_seconds=0.02))
def try_again(row: Letter, ctx: Context) -> None:
    """Rows that work in the second or third attempt only, or never."""
    ctx.data.insert("kept", {"id": row.id})
    if row.do.isdecimal() and ctx.job.attempt < int(row.do):
        raise ConnectionError("nobody answers")
    if row.do == "error":
        raise KeyError("nothing")


@job(title="Fail in words")
def fail_in_words(row: Letter) -> None:
    """Each row says how it fails."""
    if row.do:
        raise Failed(row.do, column="do")


@job(title="Fail as a whole in words")
def fail_whole_in_words() -> None:
    """The same without rows."""
    raise Failed("the shop is closed")


@job(title="Fail in a table")
def fail_in_table(file: Table, ctx: Context, *, size: int = 4) -> None:
    """A file job whose rows work in the attempt that they name."""
    seen: list[int] = []
    for batch in file.batches(size):
        seen += batch.rows
        for i, (number, cells) in enumerate(zip(batch.rows, batch.cells, strict=True)):
            if cells[1] and ctx.job.attempt < int(cells[1]):
                batch.fail(i, "nobody answers")
            else:
                ctx.data.insert("kept", {"id": number}, row_number=number)
    ctx.log("1 to 20" if seen == list(range(1, 21)) else ", ".join(map(str, seen)))


@job(title="Try the whole again", retry=Retry(attempts=3, on=(ConnectionError,), first_seconds=0.02))
def try_whole_again(ctx: Context, *, works_at: int) -> None:
    """A job without rows that works in a later attempt."""
    if ctx.job.attempt < works_at:
        raise ConnectionError("nobody answers")


@job(title="Write after the last row")
def file_tail(file: Table, ctx: Context) -> None:
    """Rows that work in the attempt that they name, and a line for each attempt behind them."""
    for batch in file.batches(4):
        for i, (number, cells) in enumerate(zip(batch.rows, batch.cells, strict=True)):
            if cells[1] and ctx.job.attempt < int(cells[1]):
                batch.fail(i, "nobody answers")
            else:
                ctx.data.insert("kept", {"id": number}, row_number=number)
    ctx.data.insert("kept", {"id": 1000 + ctx.job.attempt})


@job(title="Send with a key, from the beginning", restart=True)
def restart_keyed(row: Letter, ctx: Context) -> None:
    """Breaks down over a row in the first attempt, and over the first row in the second."""
    if ctx.job.attempt > 1:
        raise Breakdown("as if killed")
    ctx.idempotency_key()
    if row.do == "breakdown":
        raise Breakdown("as if killed")


@job(title="Count stock of a table")
def count_table(file: Table, ctx: Context) -> None:
    """A statement for each batch, and one behind the last."""
    for batch in file.batches(4):
        ctx.db.execute("INSERT INTO stock (id) VALUES (:id)", {"id": batch.rows[0]})
    ctx.db.execute("INSERT INTO stock (id) VALUES (100)")


@job(title="Count stock once")
def count_once(ctx: Context, *, number: int = 100) -> None:
    """A statement of a job without rows."""
    ctx.db.execute("INSERT INTO stock (id) VALUES (:id)", {"id": number})


@job(title="Never works", restart=True, retry=Retry(attempts=3, on=(ConnectionError,), first_seconds=0.02))
def never_works(row: Letter) -> None:
    """A row job that begins anew each time."""
    if row.do:
        raise ConnectionError("nobody answers")


@job(title="Say each row")
def say_rows(row: Letter, ctx: Context) -> None:
    """Keep each row, and say so."""
    ctx.data.insert("kept", {"id": row.id})
    ctx.log(f"row {row.id}")


def drop(box: str, what: object) -> None:
    """Add a line that is there even if the process dies in the next moment."""
    with Path(box).open("a", encoding="utf-8") as file:
        file.write(f"{what}\n")
        file.flush()
        os.fsync(file.fileno())
