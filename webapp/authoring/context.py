"""What a running job can ask of the desk."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Literal, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class JobFacts:
    """Who asked for the job, when and with what."""

    id: UUID
    number: int
    job_type: str
    owner: str
    attempt: int
    file_name: str | None
    submitted_at: datetime
    request: Mapping[str, str]


class DataStore(Protocol):
    """The desk's data database; what is written is committed together with the outcomes of the rows."""

    def insert(self, table: str, row: Mapping[str, object]) -> None:
        """Add a row to `table`."""
        ...

    def upsert(self, table: str, row: Mapping[str, object], key: str | Sequence[str]) -> None:
        """Add a row to `table`, or replace the one with the same values in the `key` columns."""
        ...


class Context(Protocol):
    """Handed to the parameter a function annotates with `Context`."""

    @property
    def job(self) -> JobFacts:
        """The facts of this job and this attempt."""
        ...

    @property
    def data(self) -> DataStore:
        """The desk's data database."""
        ...

    @property
    def cancelled(self) -> bool:
        """Whether the operator has asked for the job to stop."""
        ...

    def check_cancelled(self) -> None:
        """Raise Cancelled if the operator has asked for the job to stop."""
        ...

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Say how far the job is; cheap enough to be called for every row."""
        ...

    def log(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """Write a line into the job's log, which the operator can read."""
        ...

    def open_result(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Open a file the operator can download once the block ends; it is there whole or not at all."""
        ...
