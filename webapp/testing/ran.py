"""What became of a job that a test ran."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RowSaid:
    """A row that is not done: its number in the file (1 is the first after the header), and what was said of it."""

    row: int
    outcome: str
    reason: str
    column: str | None = None
    found: str | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a job.

    Attributes:
        state: as the API says it: `completed`, `completed_with_errors`, `needs_attention`, `failed`, `cancelled`.
        outcomes: for each row of the file, in its order: `done`, `rejected`, `failed`, `skipped` or `unknown`.
        said: the rows that are not done.
        log: what the job wrote into its log.
        results: the files that it made, by name.
        tables: what it wrote into the data database: the rows of each table, in the order in which they went in.
        problem: what the operator is told of the whole job.
        detail: what an administrator may read: the traces of exceptions.
    """

    state: str
    outcomes: Sequence[str]
    said: Sequence[RowSaid]
    log: Sequence[str]
    results: Mapping[str, bytes]
    tables: Mapping[str, Sequence[Mapping[str, object]]]
    problem: str | None = None
    detail: str = field(default="")

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each outcome that there is."""
        return dict(Counter(self.outcomes))
