"""What the kinds of workbooks have in common."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

ABOUT = "About the columns"
"""The sheet of our own templates that explains the others: never a table to be read unasked."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook, or a file in an archive. `hidden` sheets can be chosen, and are never taken unasked."""

    name: str
    hidden: bool = False


class Workbook(Protocol):
    """A workbook of one kind.

    Each method may raise `DamagedFileError`, `LockedFileError` or `TooMuchInsideError`.
    """

    def sheets(self) -> list[Sheet]:
        """The sheets that have cells, charts aside, in the workbook's order."""

    def likeliest(self) -> str | None:
        """The first sheet with something in it, a visible one if there is one."""

    def write(self, sheet: str, target: Path) -> None:
        """Write a sheet as text, see `write_lines`."""
