"""Undoing a job: what a function that does it is handed."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from webapp.authoring.context import Context, JobFacts


class Undo(Protocol):
    """The job that is undone, and the account of the job that undoes it.

    The function is called once, and again from its beginning after a crash. What it writes to `ctx.data` and the
    account are committed together when it has returned.
    """

    @property
    def job(self) -> JobFacts:
        """The job that is undone."""
        ...

    @property
    def params(self) -> Mapping[str, Any]:
        """Its parameters by name."""
        ...

    def rows(self, count: int) -> None:
        """How many rows there are to undo: each is done unless something else is said of it."""
        ...

    def leave(self, row: int, reason: str) -> None:
        """Count a row as failed: it stays as it is, and this is why. Rows are counted from 1."""
        ...


UndoFunction = Callable[[Undo, Context], object]
"""Undoes a job."""
