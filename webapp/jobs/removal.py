"""Removing what a job that has ended still holds of its rows: its files, its entries, and what its account cites.

What it came to stays: its sums, the places of its rows, and who did what. It is marked first, and from then on nothing
can be done again of it; then what it holds goes, in pieces; whoever dies over it has left the mark, by which the next
hour goes on.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, delete, exists, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from webapp.authoring import JobError
from webapp.errors import Refused
from webapp.jobs.activity import record
from webapp.jobs.cleanup import not_cleaned_up
from webapp.jobs.forgetting import blank, forget, undos_of
from webapp.jobs.lifecycle import ENDED, changed
from webapp.jobs.submit import own_job
from webapp.kit import now
from webapp.services.databases import Databases
from webapp.store.database import DATABASE_TROUBLE, Database
from webapp.store.files import Files
from webapp.store.tables import (
    Job,
    Mending,
    ResultFile,
    Schedule,
    State,
    Upload,
    User,
)

AT_ONCE: Final = 500  # jobs that are looked for at once
NOT_NOW: Final = "What this job holds can’t be removed now: it has not ended, or its undo or its clean-up is under way."
IS_KEPT: Final = "This job is kept for ever. Let go of it first."
IS_GONE: Final = "What this job held was removed, so it can’t be kept any more."

log = logging.getLogger("batchdesk.removal")


@dataclass(frozen=True, slots=True)
class Removals:
    """The use-cases of removing and keeping."""

    database: Database
    files: Files
    data: Databases

    def keep(self, user: User, job_id: UUID, *, keep: bool) -> None:
        """Keep what a job holds for ever, or let go of it.

        Raises:
            NotFound: there is no such job.
            Refused: it was removed.
        """
        with self.database.write() as session:
            own_job(session, user, job_id)
            ours = update(Job).where(col(Job.id) == job_id, col(Job.removal).is_(None), col(Job.keep) != keep)
            if changed(session, ours.values(keep=keep, revision=Job.revision + 1)):
                record(session, user, "keep" if keep else "let_go", job_id)
            elif session.get_one(Job, job_id, populate_existing=True).removal is not None:
                raise Refused(IS_GONE)

    def remove(self, user: User, job_id: UUID) -> None:
        """Remove what a job holds at once; twice is once.

        Raises:
            NotFound: there is no such job.
            Refused: it is kept for ever, or not at its end.
        """
        with self.database.write() as session:
            job = own_job(session, user, job_id)
            if job.removal is None and not _mark(session, user, job, f"{user.name} had it removed."):
                raise Refused(IS_KEPT if job.keep else NOT_NOW)
        self._carry_out(job_id)

    def remove_old(self, days: int) -> int:
        """Remove what jobs hold that ended so many days ago, but for those that wait for somebody's word; how many."""
        removed = some = self._remove_some(days)
        while some == AT_ONCE:
            some = self._remove_some(days)
            removed += some
        return removed

    def _remove_some(self, days: int) -> int:
        old = (*_may_go(), col(Job.state) != State.needs_attention, col(Job.finished_at) < now() - timedelta(days=days))
        with self.database.read() as session:
            ids = session.exec(select(Job.id).where(*old).order_by(col(Job.finished_at)).limit(AT_ONCE)).all()
        why = f"It was kept for {'1 day' if days == 1 else f'{days:,} days'}, as on all jobs of this desk."
        removed = 0
        for job_id in ids:
            with _on_its_own(job_id):
                with self.database.write() as session:
                    marked = _mark(session, None, session.get_one(Job, job_id), why)
                if marked:
                    removed += 1
                    self._carry_out(job_id)
        return removed

    def go_on(self) -> None:
        """End what somebody died over, or what went wrong."""
        with self.database.read() as session:
            begun = (col(Job.removal).is_not(None), col(Job.removed_at).is_(None))
            ids = session.exec(select(Job.id).where(*begun)).all()
        for job_id in ids:
            with _on_its_own(job_id):
                self._carry_out(job_id)

    def _carry_out(self, job_id: UUID) -> None:
        last: int | None = 0
        while last is not None:
            with self.database.write() as session:
                last = blank(session, job_id, last)
        with self.database.write() as session:
            job = session.get_one(Job, job_id, with_for_update=True)
            if job.removed_at is not None:
                return
            uploads = {each for one in (job, *undos_of(session, job_id)) for each in _uploads_of(session, one)}
            results = session.exec(select(ResultFile.id).where(ResultFile.job_id == job_id)).all()
            forget(session, job_id)
            unused = [each for each in uploads if not _is_used(session, each)]
            session.execute(delete(Upload).where(col(Upload.id).in_(unused)))
        for upload_id in unused:  # a file that is left behind belongs to nothing, and goes within a day
            self.files.drop_upload(upload_id)
        for result_id in results:
            self.files.drop_result(job_id, result_id)
        if self._forget_beside_tables(job):
            with self.database.write() as session:
                ours = update(Job).where(col(Job.id) == job_id, col(Job.removed_at).is_(None))
                session.execute(ours.values(removed_at=now(), revision=Job.revision + 1))

    def _forget_beside_tables(self, job: Job) -> bool:
        """Take away what the database that a job wrote into keeps of its rows for the desk; False if it can't be."""
        with self.database.read() as session:
            if session.scalar(select(exists().where(col(Job.undo_of) == job.id, col(Job.state).not_in(ENDED)))):
                return False
        try:
            self.data.of(job.target).forget(job.id)
        except (JobError, *DATABASE_TROUBLE):
            log.exception("job %s: what its database keeps of its rows could not be removed; it is tried again", job.id)
            return False
        return True


def _uploads_of(session: Session, job: Job) -> Iterator[UUID]:
    if job.upload_id is not None:
        yield job.upload_id
    yield from session.exec(select(Mending.upload_id).where(Mending.job_id == job.id))
    named = set(_ids_in(job.params))
    yield from session.exec(select(Upload.id).where(col(Upload.id).in_(named), col(Upload.in_params)))


def _ids_in(stored: object) -> Iterator[UUID]:
    """What may be files among stored parameters, whose type may have changed since or be gone."""
    if isinstance(stored, dict | list):
        for each in stored.values() if isinstance(stored, dict) else stored:
            yield from _ids_in(each)
    elif isinstance(stored, str):
        with suppress(ValueError):
            yield UUID(stored.partition(" ")[0])


@contextmanager
def _on_its_own(job_id: UUID) -> Iterator[None]:
    """What goes wrong over one job keeps no other from its turn: it is logged, and tried again in an hour."""
    try:
        yield
    except Exception:
        log.exception("job %s: what it holds could not be removed; it is tried again", job_id)


def _may_go() -> tuple[ColumnElement[bool], ...]:
    undo = aliased(Job)
    undone_now = exists().where(col(undo.undo_of) == Job.id, col(undo.state).not_in(ENDED))
    cleaned_now = col(Job.id).in_(not_cleaned_up())
    return col(Job.state).in_(ENDED), col(Job.removal).is_(None), ~col(Job.keep), ~undone_now, ~cleaned_now


def _mark(session: Session, user: User | None, job: Job, why: str) -> bool:
    """Whether what a job holds is to go from now on."""
    session.refresh(job, with_for_update=True)  # an undo that just begins is there before we look, or finds the mark
    upload = session.get(Upload, job.upload_id) if job.upload_id else None
    ours = update(Job).where(col(Job.id) == job.id, *_may_go())
    if not changed(session, ours.values(removal=why, revision=Job.revision + 1)):
        return False
    what = {"file": job.file_name, "sha256": upload.sha256} if upload else {}
    record(session, user, "remove", job.id, **what)
    return True


def _is_used(session: Session, upload_id: UUID) -> bool:
    """Whether another job or a schedule needs a file."""
    named = [col(table.upload_id) == upload_id for table in (Job, Schedule, Mending)]
    upload = session.get(Upload, upload_id, with_for_update=True)
    if upload is None:
        return False
    if upload.in_params:
        named += [cast(col(table.params), String).contains(str(upload_id)) for table in (Job, Schedule)]
    return any(session.execute(select(exists().where(each))).scalar_one() for each in named)
