"""The rows that a job without a table accounts for: its own count, written down when its function has returned."""

from webapp.intake import Position
from webapp.jobs.batch import Batch, Entry, storable
from webapp.jobs.work import Work
from webapp.store.tables import Outcome


class OwnRows:
    """See `authoring.Account`."""

    def __init__(self, work: Work) -> None:
        self.batch = Batch.empty()
        self._work = work
        self._said = False

    def rows(self, count: int) -> None:
        """Say how many rows there are.

        Raises:
            RuntimeError: the job has a file, whose rows are counted, or starts over after a crash; or it has said so.
            FenceLostError: the job has a newer claim.
        """
        if self._work.upload is not None or self._work.job_type.restart:
            raise RuntimeError("ctx.account is for jobs without a file and without restart=True")
        if self._said:
            raise RuntimeError("ctx.account.rows says once how many rows there are")
        self._said = True
        self.batch.end = Position(count + 1, 1, 0)
        self._work.ledger.received(count)

    def reject(self, row: int, reason: str, found: str | None = None) -> None:
        """Count a row as rejected."""
        self._add(row, Outcome.rejected, reason, found)

    def fail(self, row: int, reason: str, found: str | None = None) -> None:
        """Count a row as failed."""
        self._add(row, Outcome.failed, reason, found)

    def skip(self, row: int, reason: str, found: str | None = None) -> None:
        """Count a row as skipped."""
        self._add(row, Outcome.skipped, reason, found)

    def _add(self, row: int, outcome: Outcome, reason: str, found: str | None) -> None:
        if not 1 <= row < self.batch.end.row:
            raise RuntimeError(f"there is no row {row}: say first with ctx.account.rows how many there are")
        kept = None if found is None else storable(found)
        self.batch.add(Entry(row, outcome, storable(reason), code="said", found=kept))
