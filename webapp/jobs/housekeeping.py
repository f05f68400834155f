"""Clearing away what nobody will come back for."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import col, select

from webapp.jobs.halt import halted
from webapp.jobs.lifecycle import ENDED
from webapp.jobs.news import inbox, outbox
from webapp.jobs.removal import Removals
from webapp.store.database import Database
from webapp.store.files import Files
from webapp.store.identity import note_use
from webapp.store.tables import Job, Mending, ResultFile, Upload
from webapp.store.uploads import Uploads

EVERY_SECONDS = 3600.0
NOTED_EVERY_SECONDS = 60.0

log = logging.getLogger("batchdesk.housekeeping")


def keep_house(uploads: Uploads, removals: Removals, keep_days: int | None, stop: threading.Event) -> None:
    """Clean up now and every hour, and note every minute that the database is used, until `stop` is set."""
    clean_at = time.monotonic()
    while True:
        with _on_its_own():
            note_use(uploads.database)
        if time.monotonic() >= clean_at:
            clean_at += EVERY_SECONDS
            with _on_its_own():
                clean_up(uploads)
            with _on_its_own():
                remove_old(removals, keep_days)
        if stop.wait(NOTED_EVERY_SECONDS):
            return


@contextmanager
def _on_its_own() -> Iterator[None]:
    """What fails keeps nothing else from being done."""
    try:
        yield
    except Exception:
        log.exception("cleaning up failed; it is tried again")


def clean_up(uploads: Uploads) -> None:
    """Forget abandoned uploads, remove files that no row of the store knows, and keep no more at hand than allowed.

    A restored desk that stands still may not be the only one over these files: it removes none of them.
    """
    with uploads.database.read() as session:
        if halted(session):
            return
    uploads.expire()
    forget_old_news(uploads.database)
    sweep(uploads.database, uploads.files)
    make_room(uploads.database, uploads.files)


def remove_old(removals: Removals, keep_days: int | None) -> None:
    """Remove what jobs hold that ended long ago, and end what somebody died over; not while the desk stands still."""
    with removals.database.read() as session:
        if halted(session):
            return
    removals.go_on()
    if keep_days is not None:
        removals.remove_old(keep_days)


def forget_old_news(database: Database) -> None:
    """Forget messages and deliveries that nobody looks for any more."""
    with database.write() as session:
        inbox.forget_old(session)
        outbox.forget_old(session)


def sweep(database: Database, files: Files) -> None:
    """Remove files on disk that are a day old and belong to nothing."""
    with database.read() as session:
        known_uploads = set(session.exec(select(Upload.id)))
        known_results = set(session.exec(select(ResultFile.id)))
        at_work = set(session.exec(select(Job.id).where(col(Job.state).not_in(ENDED))))
    files.sweep(uploads=known_uploads, results=known_results, jobs=at_work)


def make_room(database: Database, files: Files) -> None:
    """Remove files at hand that are kept elsewhere, as far as there are too many and no job is going to need them."""
    with database.read() as session:
        used = session.exec(select(Job.upload_id).where(col(Job.state).not_in(ENDED)))
        in_use = {upload_id for upload_id in used if upload_id is not None}
        of_jobs = select(Mending.upload_id).join(Job, col(Job.id) == Mending.job_id)
        in_use |= set(session.exec(of_jobs.where(col(Job.state).not_in(ENDED))))
    files.make_room(in_use)
