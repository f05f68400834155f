"""Running a row job: each row is checked against the model, handed to the function, and accounted for."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from math import inf
from typing import Any

from pydantic import BaseModel

from webapp.authoring import Cancelled, JobError
from webapp.authoring.call import Caller
from webapp.intake import Slice, first_position
from webapp.jobs.batch import Batch, Entry
from webapp.jobs.context import JobContext, given_to_providers
from webapp.jobs.failures import Failures
from webapp.jobs.lanes import Lane, Lanes
from webapp.jobs.matching import check_slice, checker_for
from webapp.jobs.mended import read_rows
from webapp.jobs.repeated_rows import RepeatedRows
from webapp.jobs.row_call import RowCall
from webapp.jobs.rows_again import rows_to_try_again, some_wait_again
from webapp.jobs.sending import BROKE_OFF, Intent
from webapp.jobs.waiting import waiting_for
from webapp.jobs.work import PauseHere, Work
from webapp.services.data import FenceLostError
from webapp.store.tables import Outcome

SLICE = 64
COMMIT_SECONDS = 0.2
STOPPED = "The job stopped before this row."
NOT_BEGUN = "not_begun"
"""Code of a row in a lane that had not begun when the job gave up: it failed, so that it can be tried again."""


def run_rows(work: Work, context: JobContext, params: BaseModel, failures: Failures) -> None:
    """Run the function for every row after the checkpoint, or for those that wait to be tried again.

    Raises:
        JobError: the function refused the whole job.
        StopWorking: the worker was asked to stop.
        PauseHere: the first rows are done that the operator wants to look at.
        Cancelled: as StopWorking, noticed by the function in the middle of a row.
        FenceLostError: the job has a newer claim.

    In all but the last case, what was done until then is written down.
    """
    checker = checker_for(work)
    overrides = work.shop.overrides_for(work.job_type.services)
    at_once = work.job_type.at_once
    lanes = Lanes(at_once(params.__dict__) if at_once else 1)
    with Caller(work.job_type, given_to_providers(work, context), overrides) as caller, lanes:
        rows = _Rows(work, RowCall(work, context, params, caller, failures), lanes)
        for slice_ in rows.again() if some_wait_again(work) else rows.first():
            rows.run_slice(slice_, *check_slice(checker, slice_, failures))
        rows.end()


class _Rows:
    """The rows being run, and when to write down how far they have come."""

    def __init__(self, work: Work, call: RowCall, lanes: Lanes) -> None:
        self.batch = Batch.of_again()
        self._work = work
        self._call = call
        self._lanes = lanes
        self._stopping = work.stop.is_set
        self._sending = work.sending
        self._repeated = RepeatedRows(work)
        self._sending.begin_rows(self._announce)
        self._sent_before = _rows_sent_before(work)
        self._pause_after = inf if work.job.pause_after is None else work.job.pause_after
        self._due = time.monotonic() + COMMIT_SECONDS

    def first(self) -> Iterator[Slice]:
        """The rows after the checkpoint, each slice in the batch."""
        work, path, reading = self._work, self._work.path(), self._work.reading
        start = work.checkpoint() or first_position(path, reading)
        self.batch = Batch(start.row, start)
        for slice_ in read_rows(path, work.job.file_name, reading, start, SLICE, repairs=work.repairs):
            self.batch.take(slice_)
            yield slice_

    def again(self) -> Iterator[Slice]:
        """The rows that wait to be tried again, likewise."""
        self.batch = Batch.of_again()
        for slice_, tries in rows_to_try_again(self._work):
            self.batch.take_again(slice_, tries)
            yield slice_

    def run_slice(self, slice_: Slice, good: Sequence[tuple[Any, ...]], problems: Sequence[Entry]) -> None:
        """Run the rows that passed the check; note the others."""
        for problem in problems:
            self.batch.add(problem)
        self.write_down_if_due(slice_.first.row)
        self._repeated.look(good, self.batch)
        if self._lanes.count == 1 or self.batch.again is not None:
            for row, instance, *_ in good:
                self.run(row, instance)
            return
        for piece in self._lanes.pieces(good, self._pause_after):
            self.run_at_once(piece)

    def run(self, row: int, instance: object) -> None:
        """Run one row; first write down those before it, if it is time to."""
        self.write_down_if_due(row)
        self._sending.begin_row(row)
        try:
            if repeated := self._repeated.skipped(row, self.batch):
                self.batch.add(repeated)
                return
            self._call(row, instance)
        except FenceLostError:
            raise
        except (JobError, Cancelled) as error:
            self._leave(row, error, fails=isinstance(error, JobError) and not waiting_for(error))
            raise
        except (Exception, SystemExit, asyncio.CancelledError) as error:
            if waiting_for(error):
                self._leave(row, error)
                raise
            self.batch.add(self._call.entry(self.batch, row, error))
        self._repeated.ran(row, self.batch)

    def run_at_once(self, piece: Sequence[tuple[int, object]]) -> None:
        """Run rows that follow on each other at the same time; first write down that all of them are being sent."""
        first, last = piece[0][0], piece[-1][0]
        self.write_down_if_due(first)
        intent = Intent.of(self.batch, first, last, keyed=True)
        self.batch = self._work.commit_before(first, self.batch, intent)
        self._due = time.monotonic() + COMMIT_SECONDS
        lanes = self._lanes.run(self._call.in_lane, piece, self._sent_before)
        _raise_what_ends_all(lanes)
        self._sending.begin_row(first)
        ended = next((lane.error for lane in lanes if is_end(lane.error)), None)
        left = None if ended else next((lane for lane in lanes if is_leave(lane.error)), None)
        for lane in lanes if left is None else lanes[: lane_index(lanes, left)]:
            self._account_for(lane)
        if ended is not None:
            self._work.commit_before(last + 1, self.batch)
            raise ended
        if left is not None:
            self._leave_lanes(lanes, left)

    def _account_for(self, lane: Lane) -> None:
        """Note what became of a row, the job going on or not."""
        if lane.error is None:
            return
        if not is_leave(lane.error):
            self.batch.add(self._call.entry(self.batch, lane.row, lane.error))
        elif lane.begun:
            self.batch.add(self.batch.entry(lane.row, Outcome.unknown, BROKE_OFF, code="broke_off"))
        else:
            self.batch.add(self.batch.entry(lane.row, Outcome.failed, STOPPED, code=NOT_BEGUN))

    def _leave_lanes(self, lanes: Sequence[Lane], left: Lane) -> None:
        """Write down the rows before the first that was left; those behind it are sent again, with their keys."""
        behind = lanes[lane_index(lanes, left) :]
        sent = [lane.row for lane in behind if lane.begun]
        intent = Intent.of(self.batch, left.row, sent[-1], keyed=True) if sent else None
        self._work.commit_before(left.row, self.batch, intent)
        if intent is None:
            self._work.ledger.nothing_sent()
        if left.error is not None:
            raise next((lane.error for lane in behind if isinstance(lane.error, Cancelled)), left.error)

    def _leave(self, row: int, error: BaseException, *, fails: bool = False) -> None:
        """Write down the rows before `row`, and that one if it fails by the error or something of it was sent."""
        if fails or self._sending.begun:
            self.batch.add(self._call.entry(self.batch, row, error))
        # a row that was left in the middle, with nothing sent, is left for the next claim
        self._work.commit_before(row + 1 if row in self.batch.entries else row, self.batch)
        if self._sending.unsent:
            self._work.ledger.nothing_sent()

    def write_down_if_due(self, row: int) -> None:
        """Write down the rows before `row` a few times a second, and leave if the worker was asked to."""
        pausing = row > self._pause_after and self.batch.again is None
        if not (pausing or self._stopping() or time.monotonic() >= self._due):
            return
        self._write_down(row)
        self._work.raise_if_stopped()
        if pausing:
            raise PauseHere
        self._due = time.monotonic() + COMMIT_SECONDS

    def end(self) -> None:
        """Write down the last rows."""
        self._work.commit(self.batch)

    def _announce(self, row: int, *, keyed: bool | None) -> None:
        """Write down the rows before `row`, and that it is being sent unless `keyed` is None."""
        intent = None if keyed is None else Intent.of(self.batch, row, keyed=keyed)
        self._write_down(row, intent, goes_on=True)
        self._due = time.monotonic() + COMMIT_SECONDS

    def _write_down(self, row: int, intent: Intent | None = None, *, goes_on: bool = False) -> None:
        """Write down the rows before `row`."""
        written, self.batch = self.batch, self._work.commit_before(row, self.batch, intent, goes_on=goes_on)
        self._repeated.written_down(written)


def _rows_sent_before(work: Work) -> frozenset[int]:
    """Rows that an earlier claim may have sent with their keys, and that have no outcome yet."""
    intent = None if work.job.sending is None else Intent.from_json(work.job.sending)
    return frozenset(entry.row for entry in intent.entries) if intent and intent.keyed else frozenset()


def is_leave(error: BaseException | None) -> bool:
    """Whether a row was left in the middle, and has no outcome yet."""
    return error is not None and (isinstance(error, Cancelled) or bool(waiting_for(error)))


def is_end(error: BaseException | None) -> bool:
    """Whether it ends the job."""
    return isinstance(error, JobError) and not is_leave(error)


def lane_index(lanes: Sequence[Lane], lane: Lane) -> int:
    """The place of a lane among those that began with it."""
    return lane.row - lanes[0].row


def _raise_what_ends_all(lanes: Sequence[Lane]) -> None:
    """Raise what is about the claim or the process, and says nothing of a row."""
    for lane in lanes:
        error = lane.error
        of_row = isinstance(error, Exception | SystemExit | asyncio.CancelledError | Cancelled)
        if error is not None and (isinstance(error, FenceLostError) or not of_row):
            raise error
