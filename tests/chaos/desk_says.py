"""What a desk's database says, and whether its files are what it says they are."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from tests.chaos.audit import EARLY, Finding, Said, Wrong
from webapp.jobs.deeds import Action
from webapp.settings import Settings
from webapp.store.database import Database, connect
from webapp.store.files import Files
from webapp.store.tables import Activity, Attempt, Job, LedgerEntry, Outcome, ResultFile, Upload

ENDS_EARLY = (Action.cancel, Action.retry)
"""What was done to a job that had come to an early end, or brought it about."""
ENDED_BY_ITSELF = ("completed", "failed")


def said_of(session: Session, job_id: UUID) -> Said:
    """What the desk says of a job."""
    job = session.get_one(Job, job_id)
    ledger = session.exec(select(LedgerEntry).where(LedgerEntry.job_id == job_id))
    of_job = col(Attempt.job_id) == job_id
    broken_off = select(func.count()).where(of_job, func.coalesce(Attempt.ended, "").not_in(ENDED_BY_ITSELF))
    early = select(func.count()).where(col(Activity.job_id) == job_id, col(Activity.action).in_(ENDS_EARLY))
    return Said(
        name=f"job {job.number} ({job.job_type}, {job_id})",
        state=job.state,
        received=job.received,
        sums={outcome: getattr(job, outcome) for outcome in Outcome},
        entries=[(entry.first_row, entry.last_row, entry.outcome) for entry in ledger],
        broken_off=session.exec(broken_off).one(),
        ended_early=job.state in EARLY or session.exec(early).one() > 0,
    )


def jobs_nobody_handed_in(session: Session, known: set[UUID]) -> Iterator[Finding]:
    """A job for each order, and no other."""
    times = Counter(session.exec(select(Job.id)))
    for job_id in set(times) - known:
        yield Finding(Wrong.unaccounted, f"job {job_id} was handed in by nobody")
    for job_id in known - set(times):
        yield Finding(Wrong.lost, f"job {job_id} was accepted and is gone")


def damage(settings: Settings) -> Iterator[Finding]:
    """Databases that are not whole, and files that are not what their row says (I6, I7)."""
    for url in (settings.database, settings.data_database):
        yield from _broken_pages(url)
    database, files = Database(settings.database), Files(settings.data)
    with database.read() as session:
        for upload in session.exec(select(Upload).where(col(Upload.sha256).is_not(None))):
            yield from _altered(files.upload(upload.id), upload.sha256)
        for result in session.exec(select(ResultFile)):
            yield from _altered(files.result(result.job_id, result.id), result.sha256)
    database.close()


def _broken_pages(url: str) -> Iterator[Finding]:
    engine = connect(url)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        if found != ["ok"]:
            yield Finding(Wrong.lost, f"{url}: {found[:3]}")
    engine.dispose()


def _altered(path: Path, sha256: str | None) -> Iterator[Finding]:
    if not path.exists():
        yield Finding(Wrong.lost, f"the file {path.name} is gone")
    elif sha256_of(path) != sha256:
        yield Finding(Wrong.lost, f"the file {path.name} is not what was written")


def sha256_of(path: Path) -> str:
    """The hash of a file, read now."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def results_of(session: Session, files: Files, job_id: UUID) -> list[str]:
    """The hashes of a job's results, as they lie on the disk."""
    found = session.exec(select(ResultFile.id).where(ResultFile.job_id == job_id))
    return [sha256_of(files.result(job_id, each)) for each in found]
