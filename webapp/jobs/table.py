"""The checked table that a file job reads: each batch is accounted for when the next one is asked for."""

import time
from collections.abc import Iterator, Sequence

from webapp.authoring import JobError
from webapp.intake import Position, Slice, first_position
from webapp.jobs.batch import Batch
from webapp.jobs.mended import own_columns, read_rows
from webapp.jobs.rows_again import rows_to_try_again, some_wait_again
from webapp.jobs.work import PauseHere, Work
from webapp.store.tables import Outcome

COMMIT_SECONDS = 0.2


class TableBatch:
    """Some rows of the table, as `authoring.Batch` describes."""

    def __init__(self, batch: Batch, slice_: Slice, columns: tuple[str, ...]) -> None:
        self._batch = batch
        self._columns = columns
        self.rows: Sequence[int] = slice_.rows
        self.lines: Sequence[int] = slice_.lines
        self.cells: Sequence[list[str]] = slice_.cells

    def reject(self, index: int, reason: str, column: str | None = None, found: str | None = None) -> None:
        self._note(index, Outcome.rejected, reason, column, found)

    def skip(self, index: int, reason: str) -> None:
        self._note(index, Outcome.skipped, reason, None, None)

    def fail(self, index: int, reason: str, column: str | None = None, found: str | None = None) -> None:
        self._note(index, Outcome.failed, reason, column, found)

    def _note(self, index: int, outcome: Outcome, reason: str, column: str | None, found: str | None) -> None:
        if found is None and column in self._columns:
            found = self.cells[index][self._columns.index(column)]
        entry = self._batch.entry(self.rows[index], outcome, reason, column=column, found=found)
        self._batch.add(entry)


class CheckedTable:
    """The rows after the checkpoint, as `authoring.Table` describes."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.reading = work.reading
        self.path = work.path()
        self.name = work.require_upload().name
        self.sha256 = work.require_upload().sha256 or ""
        self.columns = own_columns(self.name, self.reading)
        self.read_to_the_end = False
        self._batch: Batch | None = None
        self._written_at = time.monotonic()

    @property
    def again(self) -> bool:
        """Whether only some rows are tried again, and the others have their outcomes."""
        return some_wait_again(self._work)

    def batches(self, size: int) -> Iterator[TableBatch]:
        """The rows in order; see `authoring.Table`.

        Raises:
            RuntimeError: they were asked for before: what was accounted for is not handed out again.
        """
        if self._batch is not None:
            raise RuntimeError("the rows of a table can be read once; read the file at `path` to look through it first")
        yield from self._again() if some_wait_again(self._work) else self._first(size)
        self.read_to_the_end = True

    def batches_together(self, size: int) -> Iterator[TableBatch]:
        """All rows in order, which are accounted for together once the function has returned.

        Raises:
            JobError: the operator wants to look at the first rows before the others run.
        """
        if self._work.job.pause_after:
            raise JobError(
                "All rows of this job go in together, so the first ones can't be run by themselves. Run it again "
                "without a pause after the first rows; to see what will happen, make a dry run."
            )
        start = first_position(self.path, self.reading)
        batch = self._batch = Batch(start.row, start)
        for slice_ in read_rows(self.path, self.name, self.reading, start, size, repairs=self._work.repairs):
            self._work.raise_if_stopped()
            batch.take(slice_)
            yield TableBatch(batch, slice_, self.columns)
            batch.lighten()
        self.read_to_the_end = True

    @property
    def refused(self) -> int:
        """How many rows handed out together, or before them, were rejected or failed."""
        entries = self._batch.entries.values() if self._batch else ()
        return sum(entry.outcome in {Outcome.rejected, Outcome.failed} for entry in entries)

    def reject_row(self, row: int, reason: str) -> None:
        """Count a row that was handed out together with others as rejected."""
        batch = self.last_batch()
        batch.add(batch.entry(row, Outcome.rejected, reason, code="refused"))

    def skip_others(self, reason: str) -> None:
        """Count as skipped all rows handed out together of which nothing else was said."""
        self.last_batch().others = (Outcome.skipped, reason)

    def _first(self, size: int) -> Iterator[TableBatch]:
        """The rows after the checkpoint."""
        start = self._work.checkpoint() or first_position(self.path, self.reading)
        self._batch = Batch(start.row, start)
        first = self._first_rows(start)
        repairs = self._work.repairs
        for slice_ in read_rows(self.path, self.name, self.reading, start, first or size, repairs=repairs):
            self._stop_if_asked(self._batch)
            self._batch.take(slice_)
            yield TableBatch(self._batch, slice_, self.columns)
            if first or self._work.writer.pending or time.monotonic() - self._written_at >= COMMIT_SECONDS:
                self._commit(self._batch)
            if first:
                raise PauseHere
        self._commit(self._batch)

    def _again(self) -> Iterator[TableBatch]:
        """The rows that wait to be tried again, one by one."""
        for slice_, tries in rows_to_try_again(self._work):
            self._batch = Batch.of_again()
            self._stop_if_asked(self._batch)
            self._batch.take_again(slice_, tries)
            yield TableBatch(self._batch, slice_, self.columns)
            self._commit(self._batch)

    def _first_rows(self, start: Position) -> int:
        """How many rows are handed out before the job pauses; 0 if it does not."""
        return max((self._work.job.pause_after or 0) - start.row + 1, 0)

    def _stop_if_asked(self, batch: Batch) -> None:
        if self._work.stop.is_set():
            self._commit(batch)
            self._work.raise_if_stopped()

    def last_batch(self) -> Batch:
        """What the function was handed and is not accounted for yet, once it has returned."""
        if self._batch is not None:
            return self._batch
        if some_wait_again(self._work):
            return Batch.of_again()
        start = self._work.checkpoint() or first_position(self.path, self.reading)
        return Batch(start.row, start)

    def account_for_earlier(self) -> None:
        """Commit what was handed out before the rows at hand, which are left for later; what these wrote is dropped.

        Where they wrote, those before them wrote nothing that was not committed when these were asked for.
        """
        if self._work.writer.pending or self._work.effects:
            return
        if self._batch is not None and self._batch.again is None and self._batch.slices:
            self._work.commit_before(self._batch.slices[-1].first.row, self._batch)

    def _commit(self, batch: Batch) -> None:
        self._work.commit(batch)
        self._written_at = time.monotonic()
        self._batch = Batch(batch.end.row, batch.end) if batch.again is None else Batch.of_again()
