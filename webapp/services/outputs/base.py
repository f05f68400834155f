"""What every format of a table has in common."""

from collections.abc import Sequence
from typing import Protocol


class Output(Protocol):
    """A table being written; the header stands already."""

    longest_cell: int | None
    """How many characters a cell can have; None for no limit."""

    def write(self, rows: Sequence[Sequence[str]]) -> None:
        """Add rows, in the order of the columns.

        Raises:
            JobError: the format cannot keep so many.
        """
        ...
