"""Jobs that are undone by functions that write nothing into the data database."""

import time
from pathlib import Path

from webapp.authoring import Context, Row, Undo, job


def take_back(undo: Undo, ctx: Context) -> None:
    """Take everything back, unless it is called off before."""
    rows = int(undo.params["rows"])
    undo.rows(rows)
    for row in range(1, rows + 1):
        (Path(undo.params["folder"]) / "begun").touch()
        if undo.params["slow"]:
            time.sleep(0.01)
        if ctx.cancelled:
            return
        with (Path(undo.params["folder"]) / "undone").open("a") as file:
            file.write(f"{row}\n")
    undo.leave(rows, "This one stays.")


@job(title="Undoable", undo=take_back)
def undoable(row: Row, *, folder: str, rows: int = 3, slow: bool = False) -> None:  # noqa: ARG001 (they are for its undo)
    """Does what its name says to each row."""
    if row["do"]:
        raise KeyError("no")
