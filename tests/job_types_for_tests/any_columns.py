"""A row job over any table."""

from webapp.authoring import Context, Rejected, Row, job


@job(title="Keep any rows")
def keep_any_rows(row: Row, ctx: Context, *, table: str = "any_rows") -> None:
    """Put each row into the data database with the columns it has."""
    if row.get("stop") == "yes":
        raise Rejected("is to stop here", column="stop")
    ctx.data.insert(table, row)
