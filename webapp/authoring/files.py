"""The two ways a function can receive the operator's file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """The file exactly as it was handed in."""

    path: Path
    name: str
    size: int
    sha256: str


class Batch(Protocol):
    """Some rows of a table; a row that is not named is done when the next batch is asked for."""

    @property
    def rows(self) -> Sequence[int]:
        """Row numbers: 1 is the first record after the header."""
        ...

    @property
    def lines(self) -> Sequence[int]:
        """The physical line of the file on which each row begins."""
        ...

    @property
    def cells(self) -> Sequence[list[str]]:
        """The text of each row, in the order of the table's columns."""
        ...

    def reject(self, index: int, reason: str, column: str | None = None, found: str | None = None) -> None:
        """Count the row at `index` of this batch as rejected: it does not pass."""
        ...

    def skip(self, index: int, reason: str) -> None:
        """Count the row at `index` of this batch as skipped: nothing was to be done."""
        ...

    def fail(self, index: int, reason: str, column: str | None = None, found: str | None = None) -> None:
        """Count the row at `index` of this batch as failed: it was tried and did not work."""
        ...


class Table(Protocol):
    """The checked rows of the operator's file."""

    @property
    def name(self) -> str:
        """The file's name as the operator knows it."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """The names in the header; unique and never empty."""
        ...

    def batches(self, size: int) -> Iterator[Batch]:
        """The rows in order, at most `size` at a time."""
        ...
