"""Running a row job: each row is checked against the model, handed to the function, and accounted for."""

import asyncio
import time
from collections.abc import Callable

from pydantic import BaseModel

from webapp.authoring import Cancelled, JobError, Rejected, Skipped
from webapp.authoring.call import Caller
from webapp.intake import first_position
from webapp.jobs.batch import Batch
from webapp.jobs.context import JobContext
from webapp.jobs.failures import Failures
from webapp.jobs.matching import check_slice, checker_for, match_of
from webapp.jobs.mended import read_rows
from webapp.jobs.work import Work
from webapp.services.data import FenceLostError
from webapp.store.tables import Outcome

SLICE = 64
COMMIT_SECONDS = 0.2

CallRow = Callable[[Batch, int, BaseModel], None]


def run_rows(work: Work, context: JobContext, params: BaseModel, failures: Failures) -> None:
    """Run the function for every row after the checkpoint.

    Raises:
        JobError: the function refused the whole job.
        StopWorking: the worker was asked to stop.
        Cancelled: the same, noticed by the function in the middle of a row.
        FenceLostError: the job has a newer claim.

    In all but the last case, what was done until then is written down.
    """
    path, reading = work.path(), work.reading
    checker = checker_for(work)
    start = work.checkpoint() or first_position(path, reading)
    with Caller(work.job_type) as caller:
        rows = _Rows(work, Batch(start.row, start), _row_call(work, context, params, caller, failures))
        for slice_ in read_rows(path, work.job.file_name, reading, start, SLICE, repairs=work.repairs):
            rows.batch.take(slice_)
            good, problems = check_slice(checker, slice_, failures)
            for problem in problems:
                rows.batch.add(problem)
            rows.write_down_if_due(slice_.first.row)
            for row, instance, *_ in good:
                rows.run(row, instance)
        rows.end()


class _Rows:
    """The rows being run, and when to write down how far they have come."""

    def __init__(self, work: Work, batch: Batch, call: CallRow) -> None:
        self.batch = batch
        self._work = work
        self._call = call
        self._stopping = work.stop.is_set
        self._due = time.monotonic() + COMMIT_SECONDS

    def run(self, row: int, instance: BaseModel) -> None:
        """Run one row; first write down those before it, if it is time to."""
        self.write_down_if_due(row)
        try:
            self._call(self.batch, row, instance)
        except JobError as error:
            self.batch.add(self.batch.entry(row, Outcome.failed, str(error), code="job"))
            self._work.commit_before(row + 1, self.batch)
            raise
        except Cancelled:
            self._work.commit_before(row, self.batch)
            raise

    def write_down_if_due(self, row: int) -> None:
        """Write down the rows before `row` a few times a second, and leave if the worker was asked to."""
        if not self._stopping() and time.monotonic() < self._due:
            return
        self.batch = self._work.commit_before(row, self.batch)
        self._work.raise_if_stopped()
        self._due = time.monotonic() + COMMIT_SECONDS

    def end(self) -> None:
        """Write down the last rows."""
        self._work.commit(self.batch)


def _row_call(work: Work, context: JobContext, params: BaseModel, caller: Caller, failures: Failures) -> CallRow:
    """How one row is handed to the function, and its outcome noted if it is not simply done."""
    call_row, writer = caller.for_rows(params, context), work.writer
    columns, names = match_of(work).pairs, work.reading.columns

    def call(batch: Batch, row: int, instance: BaseModel) -> None:
        writer.current_row = row
        try:
            call_row(instance)
        except Rejected as rejected:
            column = columns.get(rejected.column or "") or rejected.column
            found = batch.cell(row, names.index(column)) if column in names else None
            batch.add(batch.entry(row, Outcome.rejected, str(rejected), column=column, found=found))
        except Skipped as skipped:
            batch.add(batch.entry(row, Outcome.skipped, str(skipped)))
        except (JobError, FenceLostError):
            raise
        except (Exception, SystemExit, asyncio.CancelledError) as error:  # noqa: BLE001 (whatever an author did not foresee)
            batch.add(batch.entry(row, Outcome.failed, failures.sentence(error, f"row {row}"), code="error"))

    return call
