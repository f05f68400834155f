"""A job of which somebody has to look at something, whatever happens afterwards."""

from pydantic import BaseModel

from webapp.authoring import Context, Retry, job


class Breakdown(BaseException):
    """The process is gone, as far as one that lives can play it."""


class Looked(BaseModel):
    """What happens over a row."""

    id: int
    do: str = ""


@job(title="Look at rows", retry=Retry(attempts=3, on=(ConnectionError,)))
def look_at_rows(row: Looked, ctx: Context) -> None:
    """Have row 1 looked at; that, and what else happens over a row, only in the first attempt."""
    if ctx.job.attempt > 1:
        return
    if row.id == 1:
        ctx.needs_attention("Look at row 1.")
    if row.do == "busy":
        raise ConnectionError
    if row.do == "breakdown":
        raise Breakdown("as if killed")
    if row.do == "unknown":
        with ctx.send_once():
            raise ValueError
