"""What a running job can ask of the desk."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal, Protocol
from uuid import UUID

from sqlalchemy import Executable


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
    started_at: datetime | None = None
    """When it began for the first time; the same in each attempt."""


class DataStore(Protocol):
    """The desk's data database; what is written is committed together with the outcomes of the rows."""

    def insert(
        self,
        table: str,
        row: Mapping[str, object],
        *,
        key: str | Sequence[str] | None = None,
        row_number: int | None = None,
    ) -> None:
        """Add a row to `table`. With a `key`, one whose values are there already is refused."""
        ...

    def upsert(
        self, table: str, row: Mapping[str, object], key: str | Sequence[str], *, row_number: int | None = None
    ) -> None:
        """Add a row to `table`, or change the one with the same values in the `key` columns."""
        ...

    def insert_many(
        self,
        table: str,
        columns: Sequence[str],
        values: Sequence[tuple[object, ...]],
        row_numbers: Sequence[int],
        key: str | Sequence[str] | None = None,
    ) -> None:
        """`insert` for many rows of the file at once; `row_numbers` says which each is."""
        ...

    def upsert_many(
        self,
        table: str,
        columns: Sequence[str],
        values: Sequence[tuple[object, ...]],
        row_numbers: Sequence[int],
        key: str | Sequence[str],
    ) -> None:
        """`upsert` for many rows of the file at once; `row_numbers` says which each is."""
        ...

    def create_table(
        self, table: str, columns: Mapping[str, type], key: str | Sequence[str] | None = None
    ) -> dict[str, type]:
        """Make a table, or what it lacks, at once; what it really keeps in each of `columns`."""
        ...


class DeskTables(Protocol):
    """Tables of your own in the desk's database."""

    def execute(self, statement: Executable | str, parameters: Mapping[str, object] | None = None) -> None:
        """Have a statement executed when the row's outcome is written down: both are kept, or none.

        A row whose statement the database refuses is rejected.
        """
        ...


class Account(Protocol):
    """The rows of a job without a file. What is not said to be otherwise is done when the function has returned.

    The account and what was written to `ctx.db` are kept together, or neither: after a crash it begins anew.
    """

    def rows(self, count: int) -> None:
        """How many rows there are; they are counted from 1."""
        ...

    def reject(self, row: int, reason: str, found: str | None = None) -> None:
        """This row was wrong from the beginning."""
        ...

    def fail(self, row: int, reason: str, found: str | None = None) -> None:
        """It was tried and did not work."""
        ...

    def skip(self, row: int, reason: str, found: str | None = None) -> None:
        """Nothing was to be done."""
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
    def db(self) -> DeskTables:
        """The desk's own database; what is executed is committed together with the outcomes of the rows."""
        ...

    @property
    def account(self) -> Account:
        """Of a job without a file: what becomes of the rows that it counts itself."""
        ...

    @property
    def row_number(self) -> int | None:
        """The number of the row that the function was called for; the same however often it is tried."""
        ...

    def cells(self, column: str) -> Iterator[tuple[int, str]]:
        """The number of each row of the file and its cell in a column, from the first row on, wherever the job goes on.

        Broken records are left out. It reads the file once more: a second for a million rows.
        """
        ...

    def use(self, name: str, most: int, reason: str, span: Literal["hour", "day"] = "hour") -> None:
        """Use up one of the times an hour or a day that all jobs together may do a thing; the job waits without one.

        Raises:
            ComeBackLater: there is none, for this `reason`; the job goes on in the next hour, or on the next day.
        """
        ...

    def wait(self, seconds: float) -> None:
        """Wait, with what is done so far written down; leaves the function if the operator calls the job off."""
        ...

    def idempotency_key(self, purpose: str = "") -> str:
        """The same words each time this row of this job is tried, for receivers that do a thing once for each key."""
        ...

    def send_once(self, what: str | None = None) -> AbstractContextManager[None]:
        """Within the block the row is sent to where nobody can ask afterwards whether it arrived.

        If the desk breaks off within it, or anything but `NotSent` is raised in it or after it, the row is unknown, and
        is not sent again until somebody decides so; raise `Unsure` to say why.

        What belongs to no row is named by `what`, and a job may send several such things: see `became_of`.
        """
        ...

    def became_of(self, what: str) -> str | None:
        """Of what was sent with `send_once(what)`, in any attempt: "sent", "unknown", or None if it was not."""
        ...

    def needs_attention(self, reason: str) -> None:
        """Have the job end as *Needs attention* with this sentence, though its rows are all accounted for.

        It is kept at once, whatever happens to this attempt, until somebody says that they have seen to it.
        """
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

    def step(self, name: str) -> AbstractContextManager[None]:
        """Name what is done in the block: the operator sees the steps of a job, how each ended and how long it took.

        Steps follow each other, none is within another.
        """
        ...

    def log(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """Write a line into the job's log, which the operator can read."""
        ...

    def kept_file(self, name: str) -> Path:
        """Where to keep what a later attempt of this job may go on with, on the machine where it was.

        It may be gone: another machine has its own, and a day after the job has ended it is removed.
        """
        ...

    def show(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show a small table on the job's page; the last one stands."""
        ...

    def open_result(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Open a file the operator can download once the block ends; it is there whole or not at all."""
        ...
