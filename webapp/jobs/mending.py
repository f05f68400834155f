"""Sending mended rows back to the job they came from: only they run again, and the job's sum takes them in.

All of it is one transaction: the rows wait again, with what the file says of them, or nothing has happened. A row that
has nothing to mend any more is left alone, so that none is done twice.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import func, insert
from sqlmodel import Session, col, select

from webapp.authoring import JobType, Registry
from webapp.engines.base import Engine
from webapp.errors import Refused
from webapp.intake import Reading
from webapp.jobs.activity import record
from webapp.jobs.again import TOGETHER, have_tried_again
from webapp.jobs.deeds import AFRESH, GONE
from webapp.jobs.items import is_list
from webapp.jobs.known_rows import forget
from webapp.jobs.lifecycle import ENDED, TRANSITIONS, Move, move
from webapp.jobs.marks import Mark, Marks, job_number
from webapp.jobs.mended import columns_of
from webapp.jobs.mended_cells import MendedCells
from webapp.jobs.mending_file import GET_IT_AGAIN, MOST_TOLD, Returned, read_returned, refuse
from webapp.jobs.submit import own_job
from webapp.jobs.undoing import undone_by
from webapp.kit import new_id, now
from webapp.store.database import Database
from webapp.store.files import Files
from webapp.store.pieces import pieces
from webapp.store.secrets import SecretBox
from webapp.store.tables import Attempt, Job, LedgerEntry, MendedRow, Mending, Outcome, State, Upload, User

MENDABLE = frozenset({Outcome.rejected, Outcome.failed})
AT_WORK = "This job is at work. Wait for its end, then send the file back."
NOT_STARTED = "This job has not been started: there is nothing to mend yet."
ENDED_EARLY = "This job ended early. Have it go on first, then send the mended rows back."
ALL_DONE = "No row of this job is to be mended any more. Nothing was run."
UNDONE = "This job was undone, or is being undone, so nothing of it can be done again. Hand the rows in as a new job."
AS_A_WHOLE = (
    "This kind of job works on its file as a whole, so single rows can’t run again. "
    "Mend them in the whole file, and hand it in as a new job."
)
ANEW = frozenset({AS_A_WHOLE, UNDONE, GONE})
"""With these, mended rows are handed in as a new job."""
DROPPED = (
    "This very file has come back before, and the job was called off before all of its rows ran. Download the "
    "rows that need you once more: they are there as you have mended them. Nothing was run."
)
NOTHING_LEFT = "None of the rows in this file is to be mended any more: {}. Nothing was run."


TRIES = 3
CHANGED = "This job has changed while the file was read. Send it back once more."


@dataclass(frozen=True, slots=True)
class _Picked:
    """The rows of a file that are to run, as the job stood at a revision."""

    revision: int
    kept: Sequence[dict[str, object]]
    """Of each its place in the file, and what had become of it before."""
    left: int

    @property
    def rows(self) -> Iterator[int]:
        """Their numbers."""
        return (cast("int", each["row"]) for each in self.kept)


@dataclass(frozen=True, slots=True)
class Menders:
    """The use-case of sending mended rows back."""

    database: Database
    files: Files
    registry: Registry
    engine: Engine
    secrets: SecretBox

    def send_back(self, user: User, job: Job, upload: Upload) -> Mending:
        """Have the rows of a file run again with what it says; the very same file a second time changes nothing.

        Args:
            user: who sends it; it is written down.
            job: a job that the user may see.
            upload: a complete file of this user's.

        Raises:
            BadInput: the file can't be used; nothing was run.
            Refused: the job can't take rows back now, or none of these.
        """
        with self.database.read() as session:
            if earlier := self._taken_before(session, job, upload):
                return earlier
        columns = columns_of(job)
        reading, rows = read_returned(self.files.upload(upload.id), self.files.prepared(upload.id), columns)
        for _ in range(TRIES):
            picked = self._pick(job, rows)
            with self.database.write() as session:
                job = own_job(session, user, job.id)
                # whoever runs the job again names it, and may hold what we are about to take
                session.refresh(job, with_for_update={"key_share": True})
                if earlier := self._taken_before(session, job, upload):
                    return earlier
                if job.revision == picked.revision:
                    mending = self._take(session, user, job, upload, reading, picked)
                    self.engine.dispatch(session, job.id)
                    return mending
        raise Refused(CHANGED)

    def _taken_before(self, session: Session, job: Job, upload: Upload) -> Mending | None:
        """The very same file, if the job has taken it back before and has not dropped it since.

        Raises:
            Refused: the job can't take rows back now, or not these with the marks that they have.
        """
        earlier = taken_before(session, job, upload.sha256 or "")
        if earlier is not None and not _was_dropped(session, earlier):
            return earlier
        why_not = refusal(session, job, self.registry.job_types.get(job.job_type))
        if why_not or earlier is not None:
            raise Refused(why_not or DROPPED)
        return None

    def _pick(self, job: Job, rows: Sequence[Returned]) -> _Picked:
        """Which rows of a file are to run, found without holding up anybody.

        Raises:
            BadInput: there is something wrong with the marks.
            Refused: there is none.
        """
        marks, problems, kept = Marks(self.secrets), list[str](), list[dict[str, object]]()
        undecided = 0
        with self.database.read() as session:
            revision = session.exec(select(Job.revision).where(col(Job.id) == job.id)).one()
            known = MendedCells(session, self.files, job)
            for piece in pieces(rows):
                named = [each.row for each in piece]
                entries = _entries(session, job, named)
                undecided += sum(entry.outcome is Outcome.unknown for entry in entries.values())
                runs = {row for row, entry in entries.items() if entry.outcome in MENDABLE}
                problems += _problems(marks, job, piece, known.rounds(session, named), runs)
                if len(problems) > MOST_TOLD:
                    break
                kept += [_kept(each, entries[each.row]) for each in piece if each.row in runs]
        refuse(problems)
        if not kept:
            raise Refused(NOTHING_LEFT.format("decide about them first" if undecided else "they are done, or run now"))
        return _Picked(revision, kept, len(rows) - len(kept))

    def _take(  # noqa: PLR0913, PLR0917 (what is taken back, from whom)
        self, session: Session, user: User, job: Job, upload: Upload, reading: Reading, picked: _Picked
    ) -> Mending:
        mending = Mending(
            id=new_id(),
            job_id=job.id,
            upload_id=upload.id,
            user_id=user.id,
            sha256=upload.sha256 or "",
            reading=reading.to_json(),
            rows=len(picked.kept),
            left=picked.left,
        )
        session.add(mending)
        session.flush()
        session.execute(insert(MendedRow), [{"mending_id": mending.id, **each} for each in picked.kept])
        for piece in pieces(picked.rows):
            forget(session, job.id, piece)
        brought = select(MendedRow.row).where(col(MendedRow.mending_id) == mending.id)
        for outcome in MENDABLE:
            have_tried_again(session, job, outcome, col(LedgerEntry.first_row).in_(brought))
        session.flush()
        move(session, job.id, Move.retry_rows, queued_at=now(), **AFRESH)
        record(session, user, "mend", job.id, rows=mending.rows, left=mending.left, file=upload.name)
        return mending


def refusal(session: Session, job: Job, job_type: JobType | None) -> str:
    """Why a job can't take mended rows back now; empty if it can."""
    if job.removal is not None:
        return GONE
    if job_type is None or job_type.restart or job.reading is None or is_list(job.reading) or job.undo_of:
        return AS_A_WHOLE
    if undone_by(session, job.id):
        return UNDONE
    if job.state not in TRANSITIONS[Move.retry_rows].sources:
        if not job.attempt:
            return NOT_STARTED
        return ALL_DONE if job.state is State.completed else ENDED_EARLY if job.state in ENDED else AT_WORK
    together = select(LedgerEntry.id).where(LedgerEntry.job_id == job.id, LedgerEntry.code == TOGETHER).limit(1)
    return AS_A_WHOLE if session.exec(together).first() else ""


def taken_before(session: Session, job: Job, sha256: str) -> Mending | None:
    """The very same file, if the job has taken it back before."""
    same = (col(Mending.job_id) == job.id, col(Mending.sha256) == sha256)
    mending = session.exec(select(Mending).where(*same)).one_or_none()
    if mending is not None:
        session.expunge(mending)
    return mending


def _was_dropped(session: Session, mending: Mending) -> bool:
    """Whether rows that a file has brought back neither wait nor have run: the job was called off before."""
    since = (col(Attempt.job_id) == mending.job_id, col(Attempt.started_at) >= mending.created_at)
    first = session.exec(select(func.min(Attempt.number)).where(*since)).one()
    brought = select(MendedRow.row).where(col(MendedRow.mending_id) == mending.id)
    left = [col(LedgerEntry.job_id) == mending.job_id, col(LedgerEntry.outcome).in_(MENDABLE), ~col(LedgerEntry.again)]
    if first is not None:
        left.append(col(LedgerEntry.attempt) < first)
    found = select(LedgerEntry.id).where(*left, col(LedgerEntry.first_row).in_(brought)).limit(1)
    return session.exec(found).first() is not None


def _problems(
    marks: Marks, job: Job, rows: Sequence[Returned], rounds: Mapping[int, int], runs: Collection[int]
) -> list[str]:
    """What is wrong with the marks of some rows; an older one does no harm to a row that does not run."""
    told = [(each, marks.tell(each.mark, job, each.row, rounds[each.row])) for each in rows]
    if foreign := next((each for each, mark in told if mark is Mark.foreign), None):
        return [_sentence(job, foreign, Mark.foreign)]  # of a wrong file one row tells enough
    harmless = {Mark.ours, Mark.older}
    return [
        _sentence(job, each, mark)
        for each, mark in told
        if mark not in harmless or (mark is Mark.older and each.row in runs)
    ]


def _sentence(job: Job, row: Returned, mark: Mark) -> str:
    if mark is Mark.foreign:
        other = job_number(row.mark)
        return f"Line {row.line} is a row of job {other}, not of job {job.number}: send the file back to job {other}."
    if mark is Mark.older:
        return f"Row {row.row} (line {row.line}) has come back mended since this file was downloaded. {GET_IT_AGAIN}"
    return f"Line {row.line}: the number or the mark of row {row.row} was changed. {GET_IT_AGAIN}"


def _entries(session: Session, job: Job, rows: Sequence[int]) -> dict[int, LedgerEntry]:
    """What the ledger says of those among some rows that stand alone, and do not wait already."""
    ours = (col(LedgerEntry.job_id) == job.id, col(LedgerEntry.first_row).in_(rows))
    alone = (col(LedgerEntry.offset).is_not(None), ~col(LedgerEntry.again))
    return {entry.first_row: entry for entry in session.exec(select(LedgerEntry).where(*ours, *alone))}


def _kept(row: Returned, entry: LedgerEntry) -> dict[str, object]:
    place = {name: getattr(row, name) for name in ("row", "line", "offset", "length")}
    return place | {name: getattr(entry, name) for name in ("outcome", "column", "reason")}
