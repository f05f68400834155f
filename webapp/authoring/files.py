"""The ways a function can receive the operator's file."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


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


class Item(Protocol):
    """One of several files; it is done when the next one is asked for, unless something else is said."""

    @property
    def row(self) -> int:
        """Its number: 1 is the first file."""
        ...

    @property
    def name(self) -> str:
        """Its name and folders as the archive says them, fit to be shown; never a path on this machine."""
        ...

    @property
    def size(self) -> int:
        """Its bytes unpacked, as the archive says."""
        ...

    def opened(self) -> AbstractContextManager[BinaryIO]:
        """Its bytes, in a file that can seek; until the next one is asked for.

        What is raised in the block is what becomes of this file, as of a row for which a row job's function raises it,
        and the job goes on after the block.
        """
        ...

    def reject(self, reason: str) -> None:
        """Count it as rejected: it does not pass."""
        ...

    def fail(self, reason: str) -> None:
        """Count it as failed: it was tried and did not work."""
        ...

    def skip(self, reason: str) -> None:
        """Count it as skipped: nothing was to be done."""
        ...


class Items(Protocol):
    """The files in the ZIP archive that was handed in, or the one file: each is a row of the job."""

    @property
    def name(self) -> str:
        """The name of the file that was handed in."""
        ...

    @property
    def packed(self) -> bool:
        """Whether it is an archive."""
        ...

    def __len__(self) -> int:
        """How many files there are."""
        ...

    def __iter__(self) -> Iterator[Item]:
        """The files in the order of the archive, each unpacked whole; those that can't be are rejected and left out.

        A second time they can't be asked for.
        """
        ...
