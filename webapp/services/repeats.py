"""Which rows of a file repeat an earlier one in a column: `repeats: RepeatsService` in a row job's function."""

from typing import Annotated

from webapp.authoring import Context, Depends
from webapp.services.first_seen import FirstSeen


class Repeats:
    """Knows of each text of a column the first row that has it, wherever the job goes on and however often.

    The file is read for it once, when somebody asks first. Spaces around a text and capitals make no difference.
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._columns: dict[str, FirstSeen] = {}

    def first(self, column: str, text: str, row: int) -> int | None:
        """The row before this one that has the text first; None if this one is it, or the text is blank."""
        key = _key(text)
        if column not in self._columns:
            self._columns[column] = self._read(column)
        first = self._columns[column].seen(key, row) if key else None
        return first if first is not None and first < row else None

    def _read(self, column: str) -> FirstSeen:
        seen = FirstSeen()
        for row, text in self._ctx.cells(column):
            if key := _key(text):
                seen.seen(key, row)
        return seen


def open_repeats(ctx: Context) -> Repeats:
    """Those of the job's file."""
    return Repeats(ctx)


RepeatsService = Annotated[Repeats, Depends(open_repeats)]


def _key(text: str) -> str:
    return text.strip().casefold()
