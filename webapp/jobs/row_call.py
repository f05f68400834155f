"""Handing one row to a job's function, and what its outcome is if it is not simply done."""

from pydantic import BaseModel

from webapp.authoring import Cancelled, Failed, InWords, JobError, NotSent, Rejected, Skipped, Unsure
from webapp.authoring.call import Caller
from webapp.jobs.again import RETRY
from webapp.jobs.batch import Batch, Entry
from webapp.jobs.context import JobContext
from webapp.jobs.failures import TRIED, Failures, kind_of
from webapp.jobs.matching import match_of
from webapp.jobs.sending import DOUBTFUL
from webapp.jobs.work import Work
from webapp.store.tables import Outcome

IN_WORDS = (InWords, Rejected, Skipped, Failed, NotSent, Unsure, JobError, Cancelled)
"""Exceptions whose message their author wrote for the operator."""


class RowCall:
    """Calls a row job's function for one row after the other."""

    def __init__(self, work: Work, context: JobContext, params: BaseModel, caller: Caller, failures: Failures) -> None:
        self._call = caller.for_rows(params, context)
        self._writer, self._effects, self._sending = work.writer, work.effects, work.sending
        self._pairs, self._columns = match_of(work).pairs, work.reading.columns
        self._retry = work.job_type.retry
        self._tried_before = work.job.retries if work.job_type.restart else 0
        self._failures = failures
        self._require_done = context.require_done
        self._leave_alone = work.leave_alone

    def __call__(self, row: int, instance: object) -> None:
        """Call it; what it raises passes through."""
        self._writer.current_row = self._effects.current_row = row
        self._call(instance)
        self._require_done()

    def in_lane(self, instance: object) -> None:
        """Call it for one of several rows that are at work; what it raises passes through."""
        self._call(instance)
        self._require_done()

    def entry(self, batch: Batch, row: int, error: BaseException) -> Entry:
        """What becomes of a row of the batch for which the function raised `error`."""
        if self._sending.begun:
            return batch.entry(row, Outcome.unknown, f"{DOUBTFUL} {self._said(error, row)}", code="unknown")
        if isinstance(error, Rejected):
            return self._of_column(batch, row, error, Outcome.rejected)
        if isinstance(error, Failed):
            return self._of_column(batch, row, error, Outcome.failed, "job")
        if isinstance(error, Skipped):
            return batch.entry(row, Outcome.skipped, self._said(error, row))
        if self._retry and isinstance(error, self._retry.on):
            return self._to_try_again(batch, row, error)
        code = "job" if isinstance(error, IN_WORDS) else "error"
        return batch.entry(row, Outcome.failed, self._said(error, row), code=code)

    def _of_column(self, batch: Batch, row: int, error: Rejected | Failed, outcome: Outcome, code: str = "") -> Entry:
        column = self._pairs.get(error.column or "") or error.column
        found = batch.cell(row, self._columns.index(column)) if column in self._columns else None
        return batch.entry(row, outcome, self._said(error, row), code=code, column=column, found=found)

    def _to_try_again(self, batch: Batch, row: int, error: BaseException) -> Entry:
        """It failed, and is tried again unless it was often enough; the reason is one that can stay."""
        self._leave_alone(error)
        said, tries = self._said(error, row), (batch.again or {}).get(row, self._tried_before) + 1
        if self._retry and tries >= self._retry.attempts:
            in_words = isinstance(error, IN_WORDS)
            said = f"{said} (tried {tries} times)" if in_words else TRIED.format(tries=tries, what=kind_of(error))
        return batch.entry(row, Outcome.failed, said, code=RETRY)

    def _said(self, error: BaseException, row: int) -> str:
        return str(error) if isinstance(error, IN_WORDS) else self._failures.sentence(error, f"row {row}")
