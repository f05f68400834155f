"""Running a row job: each row is checked against the model, handed to the function, and accounted for."""

import time
from collections.abc import Callable

from pydantic import BaseModel

from webapp.authoring import JobError, Rejected, Skipped
from webapp.authoring.call import Caller
from webapp.intake import RowChecker, first_position, match_columns, read_slices
from webapp.jobs.batch import Batch, Entry
from webapp.jobs.context import JobContext
from webapp.jobs.failures import Failures
from webapp.jobs.work import Work
from webapp.store.tables import Outcome

SLICE = 64
COMMIT_SECONDS = 0.2


def run_rows(work: Work, context: JobContext, params: BaseModel, failures: Failures) -> None:
    """Run the function for every row after the checkpoint.

    Raises:
        JobError: the function refused the whole job.
        StopWorking: the worker was asked to stop; what was done until then is written down.
        FenceLostError: the job has a newer claim.
    """
    model = work.job_type.row_model
    if model is None:
        raise LookupError(f"{work.job_type.name} is no row job")
    path, reading = work.path(), work.reading
    checker = RowChecker(model, reading, match_columns(reading.columns, model))
    start = work.checkpoint() or first_position(path, reading)
    batch, written_at = Batch(start.row, start), time.monotonic()
    with Caller(work.job_type) as caller:
        call = _row_call(work, context, params, caller, failures)
        for slice_ in read_slices(path, reading, start, SLICE):
            batch.take(slice_)
            good, problems = checker.check(slice_)
            for problem in problems:
                batch.add(Entry.rejected(problem))
            for row, instance, *_ in good:
                call(batch, row, instance)
            if work.stop.is_set() or time.monotonic() - written_at >= COMMIT_SECONDS:
                work.commit(batch)
                work.raise_if_stopped()
                batch, written_at = Batch(slice_.end.row, slice_.end), time.monotonic()
    work.commit(batch)


def _row_call(
    work: Work, context: JobContext, params: BaseModel, caller: Caller, failures: Failures
) -> Callable[[Batch, int, BaseModel], None]:
    """How one row is handed to the function, and its outcome noted if it is not simply done."""
    arguments = work.job_type.arguments(params, ctx=context)
    writer = work.writer

    def call(batch: Batch, row: int, instance: BaseModel) -> None:
        writer.current_row = row
        try:
            caller(row=instance, **arguments)
        except Rejected as rejected:
            batch.add(batch.entry(row, Outcome.rejected, str(rejected), column=rejected.column))
        except Skipped as skipped:
            batch.add(batch.entry(row, Outcome.skipped, str(skipped)))
        except JobError:
            raise
        except Exception as error:  # noqa: BLE001 (whatever a job's author did not foresee)
            batch.add(batch.entry(row, Outcome.failed, failures.sentence(error, f"row {row}"), code="error"))

    return call
