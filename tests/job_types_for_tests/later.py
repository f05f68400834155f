"""Jobs that ask to be left alone for a while. Files in `folder` say what they did, and what to do."""

from pathlib import Path

from webapp.authoring import ComeBackLater, Context, NotSent, Retry, Row, Table, job


class BusyError(ConnectionError):
    """Somebody does not want to be asked again so soon."""

    def __init__(self, retry_after: float | None) -> None:
        super().__init__("busy")
        self.retry_after = retry_after


def _say(folder: str, what: str) -> None:
    with (Path(folder) / "said").open("a") as file:
        file.write(what + "\n")


def _once(folder: str, name: str) -> bool:
    mark = Path(folder) / name
    there = mark.exists()
    mark.touch()
    return not there


@job(title="Call rows")
def call_rows(row: Row, ctx: Context, *, folder: str) -> None:
    """Say each row; one whose `do` says so makes the job wait, at its first call."""
    how = row["do"] if row["do"] and _once(folder, row["id"]) else ""
    if how == "early":
        raise ComeBackLater("The line is busy.", 120)
    if how == "key":
        ctx.idempotency_key()
        raise ComeBackLater("The line is busy.", 120)
    with ctx.send_once():
        if how == "within":
            raise ComeBackLater("The line is busy.", 120)
        if how == "not sent":
            raise NotSent("refused")
        _say(folder, row["id"])
    if how == "after":
        raise ComeBackLater("The line is busy.", 120)


@job(title="Call tables")
def call_tables(table: Table, *, folder: str) -> None:
    """The same, batch by batch."""
    for batch in table.batches(2):
        if any(cells[1] for cells in batch.cells) and _once(folder, "waited"):
            raise ComeBackLater("The line is busy.", 120)
        for cells in batch.cells:
            _say(folder, cells[0])


@job(title="Call once", retry=Retry(attempts=3, on=(BusyError,), first_seconds=1))
def call_once(*, seconds: float | None) -> None:
    """Finds nobody who listens."""
    raise BusyError(seconds)


@job(title="Call busy people", retry=Retry(attempts=3, on=(BusyError,), first_seconds=1))
def call_busy(row: Row, *, folder: str) -> None:
    """Each row that says for how long is refused at its first call."""
    if row["do"] and _once(folder, row["id"]):
        raise BusyError(float(row["do"]))
