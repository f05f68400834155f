"""Handing one row to a job's function, and what its outcome is if it is not simply done."""

from pydantic import BaseModel

from webapp.authoring import Cancelled, JobError, NotSent, Rejected, Skipped, Unsure
from webapp.authoring.call import Caller
from webapp.jobs.again import RETRY
from webapp.jobs.batch import Batch, Entry
from webapp.jobs.context import JobContext
from webapp.jobs.failures import Failures
from webapp.jobs.matching import match_of
from webapp.jobs.sending import DOUBTFUL
from webapp.jobs.work import Work
from webapp.store.tables import Outcome

IN_WORDS = (Rejected, Skipped, NotSent, Unsure, JobError, Cancelled)
"""Exceptions whose message their author wrote for the operator."""


class RowCall:
    """Calls a row job's function for one row after the other."""

    def __init__(self, work: Work, context: JobContext, params: BaseModel, caller: Caller, failures: Failures) -> None:
        self._call = caller.for_rows(params, context)
        self._writer, self._effects, self._sending = work.writer, work.effects, work.sending
        self._pairs, self._columns = match_of(work).pairs, work.reading.columns
        self._retry = work.job_type.retry.on if work.job_type.retry else ()
        self._failures = failures
        self._require_done = context.require_done
        self._leave_alone = work.leave_alone

    def __call__(self, row: int, instance: object) -> None:
        """Call it; what it raises passes through."""
        self._writer.current_row = self._effects.current_row = row
        self._call(instance)
        self._require_done()

    def entry(self, batch: Batch, row: int, error: BaseException) -> Entry:
        """What becomes of a row of the batch for which the function raised `error`."""
        if self._sending.begun:
            return batch.entry(row, Outcome.unknown, f"{DOUBTFUL} {self._said(error, row)}", code="unknown")
        if isinstance(error, Rejected):
            return self._rejected(batch, row, error)
        if isinstance(error, Skipped):
            return batch.entry(row, Outcome.skipped, self._said(error, row))
        return batch.entry(row, Outcome.failed, self._said(error, row), code=self._code(error))

    def _rejected(self, batch: Batch, row: int, error: Rejected) -> Entry:
        column = self._pairs.get(error.column or "") or error.column
        found = batch.cell(row, self._columns.index(column)) if column in self._columns else None
        return batch.entry(row, Outcome.rejected, self._said(error, row), column=column, found=found)

    def _code(self, error: BaseException) -> str:
        if isinstance(error, self._retry):
            self._leave_alone(error)
            return RETRY
        return "job" if isinstance(error, IN_WORDS) else "error"

    def _said(self, error: BaseException, row: int) -> str:
        return str(error) if isinstance(error, IN_WORDS) else self._failures.sentence(error, f"row {row}")
