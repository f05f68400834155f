"""Which rows of a file an earlier job of the same type has done, told by their keys.

The table knows every row that was done with a key; whether one still is, the ledger of its job says when it is asked. A
job that was undone has done nothing; of one whose undo began and did not complete, nobody knows which rows still stand.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from webapp.store.pieces import pieces
from webapp.store.tables import Job, KnownRow, LedgerEntry, Outcome, State

CODE = "known"
"""Code of rows that were skipped because another row with the same key is done."""


@dataclass(frozen=True, slots=True)
class Known:
    """The row of a job that has a key; `sure` unless nobody knows whether it was done, or what `undo` has undone."""

    job: int
    row: int
    sure: bool = True
    undo: int | None = None

    def reason(self, own: int) -> str:
        """Why a row of job `own` with the same key is skipped."""
        if self.job == own:
            return (
                f"Row {self.row:,} of this file has the same key, and {'was' if self.sure else 'may have been'} done."
            )
        if self.sure:
            return f"Done in job {self.job}, row {self.row:,}."
        if self.undo is not None:
            return f"Done in job {self.job}, row {self.row:,}, and job {self.undo} may not have undone it: look there."
        return f"It may have been done in job {self.job}, row {self.row:,}: decide there first."


def known_rows(session: Session, job: Job, keys: Mapping[int, bytes]) -> dict[int, Known]:
    """Those among some rows of a job that are done already, by row; `keys` are their fingerprints."""
    by_key: dict[bytes, list[int]] = defaultdict(list)
    for row, key in keys.items():
        by_key[key].append(row)
    hits: dict[UUID, list[tuple[bytes, Known]]] = defaultdict(list)
    undo = aliased(Job)
    columns: tuple[Any, ...] = (Job.id, KnownRow.fingerprint, KnownRow.job, KnownRow.row, undo.number)
    query = (
        select(*columns)
        .join(KnownRow, col(KnownRow.job) == Job.number)
        .outerjoin(undo, (col(undo.undo_of) == Job.id) & (col(undo.attempt) > 0))  # called off before, it undid nothing
        .where(col(undo.state).is_(None) | (col(undo.state) != State.completed))
    )
    for piece in pieces(by_key):
        for job_id, key, number, row, began in session.execute(query.where(col(KnownRow.fingerprint).in_(piece))):
            hits[job_id].append((key, Known(number, row, sure=began is None, undo=began)))
    known: dict[int, Known] = {}
    settled: set[int] = set()
    for job_id, found in sorted(hits.items(), key=lambda each: each[1][0][1].job, reverse=True):
        these = [(key, hit) for key, hit in found if not settled.issuperset(by_key[key])]  # the newest that is sure
        standing = _standing(session, job_id, [hit.row for _, hit in these])
        for key, hit in these:
            sure = standing.get(hit.row, True)
            if sure is None:
                continue
            told = hit if sure else Known(hit.job, hit.row, sure=False)
            rows = [row for row in by_key[key] if row not in settled and (job_id != job.id or row != hit.row)]
            if told.sure:
                known |= dict.fromkeys(rows, told)
                settled.update(rows)
            else:
                known = dict.fromkeys(rows, told) | known
    return known


def know(session: Session, job_id: UUID, keys: Mapping[int, bytes]) -> None:
    """Write down that these rows of a job have these keys, in the transaction that counts them as done."""
    if not keys:
        return
    number = session.execute(select(Job.number).where(Job.id == job_id)).scalar_one()
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(KnownRow).on_conflict_do_nothing()  # a row that was tried before
    for piece in pieces(keys.items()):
        session.execute(statement, [{"fingerprint": key, "job": number, "row": row} for row, key in piece])


def forget(session: Session, job_id: UUID, rows: Collection[int] | None = None) -> None:
    """Forget the rows of a job that starts over, or those of them that come back mended, perhaps with other keys."""
    number = select(Job.number).where(Job.id == job_id).scalar_subquery()
    statement = delete(KnownRow).where(col(KnownRow.job) == number)
    session.execute(statement if rows is None else statement.where(col(KnownRow.row).in_(rows)))


def _standing(session: Session, job_id: UUID, rows: Sequence[int]) -> dict[int, bool | None]:
    """Of rows that stand alone in a job's ledger: whether they are surely done; None if they are not.

    Those that are done together with others are not among them.
    """
    standing: dict[int, bool | None] = {}
    for piece in pieces(rows):
        query = select(LedgerEntry.first_row, LedgerEntry.outcome, LedgerEntry.again)
        ours = (col(LedgerEntry.job_id) == job_id, col(LedgerEntry.first_row).in_(piece))
        for row, outcome, again in session.execute(query.where(*ours)):
            # one that is sent again may have been sent before
            unsure = False if outcome is Outcome.unknown else None
            standing[row] = True if outcome is Outcome.done and not again else unsure
    return standing
