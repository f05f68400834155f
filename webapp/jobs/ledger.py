"""The ledger: where it is written down what became of each row, so that it is never in doubt after a crash.

One transaction holds the outcomes of a batch, the job's sum, the checkpoint and the renewed lease. It opens with the
fence: if the job is no longer ours, or the batch does not follow on what is accounted for, nothing of it is written.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, null, select, update
from sqlmodel import Session, col

from webapp.jobs.again import TOGETHER
from webapp.jobs.batch import MAX_TEXT, Batch, Entry
from webapp.jobs.claims import Claim
from webapp.jobs.effects import DeskEffects
from webapp.jobs.known_rows import forget, know
from webapp.jobs.lifecycle import WORKING, changed
from webapp.services.data import FenceLostError
from webapp.store.database import Database
from webapp.store.pieces import pieces
from webapp.store.queries import accounted
from webapp.store.tables import Job, LedgerEntry, Outcome, ResultFile
from webapp.store.types import DatabaseNow

_TOLD = ("outcome", "column", "found", "reason", "code")


class Ledger:
    """Writes a claim's batches down, in order."""

    def __init__(self, database: Database, claim: Claim, lease_seconds: float, *, restart: bool = False) -> None:
        self._database = database
        self._claim = claim
        self._lease_seconds = lease_seconds
        self._restart = restart
        self._tail: tuple[int, int] | None = None  # the newest range of done rows

    def commit(
        self, batch: Batch, *, sending: dict[str, Any] | None = None, effects: DeskEffects | None = None
    ) -> None:
        """Write a batch down and move the checkpoint behind it.

        Args:
            batch: rows that follow on what is accounted for, or rows that wait to be tried again.
            sending: the row that is sent next, see `jobs.sending`.
            effects: what the rows do in this very database; a row that is refused there gets an entry.

        Raises:
            FenceLostError: the claim is no longer the job's, or these rows have their outcomes already; nothing was
                written.
            JobError: something that belongs to no row was refused; nothing was written.
        """
        with self._database.write() as session:
            if effects:
                self._update(session)
                effects.execute_all(session, batch)
                batch.require_firsts()
            if batch.again is None:
                tail = self._write_run(session, batch, sending)
            else:
                tail = self._tail
                self._write_again(session, batch, sending)
            know(session, self._claim.job_id, batch.keys_done())
        self._tail = tail

    def is_waiting_again(self, batch: Batch) -> bool:
        """Whether the batch's rows still wait to be tried again, after as many tries as when it was made."""
        again = batch.again or {}
        with self._database.read() as session:
            tries = dict(self._waiting_again(session, list(again)))
        return bool(again) and tries == again

    def reset(self) -> None:
        """Begin the account anew, without results, for a job whose results come from one whole run.

        Raises:
            FenceLostError: the claim is no longer the job's.
        """
        zero = {str(outcome): 0 for outcome in Outcome}
        with self._database.write() as session:
            self._update(
                session, checkpoint=None, sending=null(), progress=None, doubt=None, revision=Job.revision + 1, **zero
            )
            session.execute(delete(LedgerEntry).where(col(LedgerEntry.job_id) == self._claim.job_id))
            forget(session, self._claim.job_id)
            session.execute(delete(ResultFile).where(col(ResultFile.job_id) == self._claim.job_id))
        self._tail = None

    def received(self, rows: int) -> None:
        """Write down how many rows the file has, as counted.

        Raises:
            FenceLostError: the claim is no longer the job's.
        """
        with self._database.write() as session:
            self._update(session, received=rows, counted=True, revision=Job.revision + 1)

    def nothing_sent(self) -> None:
        """The row that was about to be sent did not leave, and has no outcome yet.

        Raises:
            FenceLostError: the claim is no longer the job's.
        """
        with self._database.write() as session:
            self._update(session, sending=null())

    def _write_run(self, session: Session, batch: Batch, sending: dict[str, Any] | None) -> tuple[int, int] | None:
        values = self._sums(batch, sending)
        self._update(session, accounted() == batch.start - 1, checkpoint=batch.end.to_json(), **values)
        tail = self._write_done(session, batch)
        rows = [self._row(entry) for entry in batch.entries.values()]
        if rows:
            session.execute(insert(LedgerEntry), rows)
        return tail

    def _write_again(self, session: Session, batch: Batch, sending: dict[str, Any] | None) -> None:
        self._update(session, **self._sums(batch, sending))
        told = {"again": False, "attempt": self._claim.attempt, "tries": LedgerEntry.tries + 1}
        blank = dict.fromkeys(("column", "found", "reason", "code"))
        written = 0
        for rows in pieces(batch.done_again()):
            written += self._change_again(session, rows, outcome=Outcome.done, **told, **blank)
        for row, entry in batch.entries.items():
            kept = {name: value for name, value in self._row(entry).items() if name in _TOLD}
            written += self._change_again(session, [row], **told, **kept)
        if written != batch.rows:
            raise FenceLostError(f"job {self._claim.job_id}: {written} of {batch.rows} rows wait to be tried again")

    def _change_again(self, session: Session, rows: list[int], **values: Any) -> int:  # noqa: ANN401 (column values)
        ours = (col(LedgerEntry.job_id) == self._claim.job_id, col(LedgerEntry.again))
        return changed(session, update(LedgerEntry).where(*ours, col(LedgerEntry.first_row).in_(rows)).values(values))

    def _waiting_again(self, session: Session, rows: list[int]) -> Iterator[tuple[int, int]]:
        ours = (col(LedgerEntry.job_id) == self._claim.job_id, col(LedgerEntry.again))
        for piece in pieces(rows):
            query = select(col(LedgerEntry.first_row), col(LedgerEntry.tries))
            found = session.execute(query.where(*ours, col(LedgerEntry.first_row).in_(piece)))
            yield from ((row, tries) for row, tries in found)

    def _sums(self, batch: Batch, sending: dict[str, Any] | None) -> dict[str, Any]:
        sums = {str(outcome): getattr(Job, outcome) + count for outcome, count in batch.counts().items() if count}
        # a job that starts over after a crash has got no further until it ends
        progress = {} if self._restart or not batch.rows else {"stalls": 0}
        # a row that was being sent when its worker was lost is so until it is accounted for
        sent = {"sending": null() if sending is None else sending} if sending or batch.rows else {}
        return {"revision": Job.revision + 1, **sent, **sums, **progress}

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
        if batch.others:
            told = {**dict(zip(("outcome", "reason"), batch.others, strict=True)), "code": TOGETHER}
            session.execute(insert(LedgerEntry), [{**self._range(first, last), **told} for first, last in ranges])
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
