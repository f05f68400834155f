"""The ledger: where it is written down what became of each row, so that it is never in doubt after a crash.

One transaction holds the outcomes of a batch, the job's sum, the checkpoint and the renewed lease. It opens with the
fence: if the job is no longer ours, or the batch does not follow on what is accounted for, nothing of it is written.
"""

from sqlalchemy import ColumnElement, delete, insert, literal, update
from sqlmodel import Session, col

from webapp.jobs.batch import MAX_TEXT, Batch, Entry
from webapp.jobs.claims import Claim
from webapp.jobs.lifecycle import WORKING, changed
from webapp.services.data import FenceLostError
from webapp.store.database import Database
from webapp.store.tables import Job, LedgerEntry, Outcome, ResultFile
from webapp.store.types import DatabaseNow


class Ledger:
    """Writes a claim's batches down, in order."""

    def __init__(self, database: Database, claim: Claim, lease_seconds: float, *, restart: bool = False) -> None:
        self._database = database
        self._claim = claim
        self._lease_seconds = lease_seconds
        self._restart = restart
        self._tail: tuple[int, int] | None = None  # the newest range of done rows

    def commit(self, batch: Batch) -> None:
        """Write a batch down and move the checkpoint behind it.

        Raises:
            FenceLostError: the claim is no longer the job's, or these rows have their outcomes already; nothing was
                written.
        """
        counts = batch.counts()
        with self._database.write() as session:
            self._pass_fence(session, batch, counts)
            tail = self._write_done(session, batch)
            rows = [self._row(entry) for entry in batch.entries.values()]
            if rows:
                session.execute(insert(LedgerEntry), rows)
        self._tail = tail

    def reset(self) -> None:
        """Begin the account anew, without results, for a job whose results come from one whole run.

        Raises:
            FenceLostError: the claim is no longer the job's.
        """
        zero = {str(outcome): 0 for outcome in Outcome}
        with self._database.write() as session:
            self._update(session, checkpoint=None, progress=None, revision=Job.revision + 1, **zero)
            session.execute(delete(LedgerEntry).where(col(LedgerEntry.job_id) == self._claim.job_id))
            session.execute(delete(ResultFile).where(col(ResultFile.job_id) == self._claim.job_id))
        self._tail = None

    def received(self, rows: int) -> None:
        """Write down how many rows the file has, as counted.

        Raises:
            FenceLostError: the claim is no longer the job's.
        """
        with self._database.write() as session:
            self._update(session, received=rows, counted=True, revision=Job.revision + 1)

    def _pass_fence(self, session: Session, batch: Batch, counts: dict[Outcome, int]) -> None:
        sums = {str(outcome): getattr(Job, outcome) + count for outcome, count in counts.items() if count}
        # a job that starts over after a crash has got no further until it ends
        progress = {} if self._restart or not batch.rows else {"stalls": 0}
        values = {"checkpoint": batch.end.to_json(), "revision": Job.revision + 1, **sums, **progress}
        accounted = sum((getattr(Job, outcome) for outcome in Outcome), start=literal(0))
        self._update(session, accounted == batch.start - 1, **values)

    def _update(self, session: Session, *conditions: ColumnElement[bool], **values: object) -> None:
        ours = (
            col(Job.id) == self._claim.job_id,
            col(Job.fence) == self._claim.fence,
            col(Job.state).in_(WORKING),
        )
        statement = update(Job).where(*ours, *conditions)
        if changed(session, statement.values(lease_until=DatabaseNow(self._lease_seconds), **values)) != 1:
            raise FenceLostError(f"job {self._claim.job_id} is not at this place under claim {self._claim.fence}")

    def _write_done(self, session: Session, batch: Batch) -> tuple[int, int] | None:
        ranges = list(batch.done_ranges())
        if not ranges:
            return self._tail
        if self._tail and self._tail[1] == ranges[0][0] - 1:
            first = self._tail[0]
            ranges[0] = first, ranges[0][1]
            self._extend(session, *ranges[0])
            new = ranges[1:]
        else:
            new = ranges
        if new:
            session.execute(insert(LedgerEntry), [self._range(first, last) for first, last in new])
        return ranges[-1]

    def _extend(self, session: Session, first: int, last: int) -> None:
        same = (col(LedgerEntry.job_id) == self._claim.job_id, col(LedgerEntry.first_row) == first)
        changed(session, update(LedgerEntry).where(*same).values(last_row=last))

    def _range(self, first: int, last: int) -> dict[str, object]:
        who = {"job_id": self._claim.job_id, "attempt": self._claim.attempt}
        return {**who, "outcome": Outcome.done, "first_row": first, "last_row": last}

    def _row(self, entry: Entry) -> dict[str, object]:
        return {
            "job_id": self._claim.job_id,
            "attempt": self._claim.attempt,
            "outcome": entry.outcome,
            "first_row": entry.row,
            "last_row": entry.row,
            "line": entry.line,
            "offset": entry.offset,
            "length": entry.length,
            "column": entry.column,
            "found": None if entry.found is None else entry.found[:MAX_TEXT],
            "reason": entry.reason[:MAX_TEXT],
            "code": entry.code,
        }
