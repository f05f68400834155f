"""A job with files beside the one with the rows."""

from webapp.authoring import Context, OtherFile, job


@job(title="Read what is beside")
def read_beside(ctx: Context, *, beside: OtherFile, more: OtherFile | None = None) -> None:
    """Say what is in a file."""
    for file in filter(None, (beside, more)):
        ctx.log(f"{file.name}, {file.size}: {file.path.read_text()}")
