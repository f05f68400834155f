"""A job without rows that sends to several places where nobody can ask."""

from pathlib import Path

from webapp.authoring import ComeBackLater, Context, NotSent, Table, job


class Breakdown(BaseException):
    """The process is gone, as far as one that lives can play it."""


@job(title="Post letters")
def post_letters(
    ctx: Context, *, box: str, to: tuple[str, ...] = ("ada", "bob"), over: str = "", how: str = ""
) -> None:
    """Put a letter to each into a box that nobody can look into; something happens over one, in the first attempt."""
    unknown = []
    for name in to:
        became = ctx.became_of(name)
        if became == "unknown":
            unknown.append(name)
        if became is None:
            with ctx.send_once(name):
                put(ctx, box, name, how if name == over and ctx.job.attempt == 1 else "")
    if unknown:
        ctx.needs_attention(f"Nobody can tell whether the letter to {', '.join(unknown)} arrived.")


def put(ctx: Context, box: str, name: str, how: str) -> None:
    """A letter into the box, unless it is shut."""
    if how == "shut":
        raise NotSent("The box is shut.")
    if how == "closed":
        raise ComeBackLater("The post office is closed.", 0)
    with Path(box).open("a", encoding="utf-8") as file:
        file.write(f"{name}\n")
    if how == "breakdown":
        raise Breakdown("as if killed")
    if how == "twice":
        ctx.send_once(name).__enter__()


@job(title="Post a table", restart=True)
def post_table(table: Table, ctx: Context, *, box: str) -> None:
    """Read a table, then tell somebody; and break off afterwards, in the first attempt."""
    for _ in table.batches(100):
        pass
    if ctx.became_of("ada") is None:
        with ctx.send_once("ada"):
            put(ctx, box, "ada", "")
    if ctx.job.attempt == 1:
        raise Breakdown("as if killed")
    ctx.needs_attention("Look at it.")
