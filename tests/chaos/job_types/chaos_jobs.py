"""Jobs whose every effect can be counted at its far end: who did it is in the row itself."""

from pydantic import BaseModel

from webapp.authoring import Context, Rejected, Skipped, Table, job

TABLE = "chaos_data"
PLAIN_TABLE = "chaos_plain"


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


@job(title="Rows into the data database")
def chaos_data(row: Line, ctx: Context) -> None:
    """Write first and judge then: what a refused row has written must not stay."""
    ctx.data.insert(TABLE, {"tag": row.tag, "id": row.id})
    judge(row)


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
