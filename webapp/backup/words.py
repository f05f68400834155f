"""What the command line says about back-ups."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import typer
from sqlmodel import col, select

from webapp.backup.manifest import DESK, Manifest
from webapp.backup.restore import lost_secrets
from webapp.backup.steps import Tick
from webapp.errors import NotFound
from webapp.jobs.halt import call_off, due_schedules, go_on, halted, open_jobs, taken_at
from webapp.store.database import Database
from webapp.store.tables import Job

MOST_LISTED = 200


@contextmanager
def step(words: str, size: int) -> Iterator[Tick]:
    """A bar on the terminal; in a file or a pipe only the words."""
    with typer.progressbar(length=max(size, 1), label=words) as bar:
        yield bar.update


def about_backup(manifest: Manifest) -> Iterator[str]:
    """What was taken, and what was not."""
    jobs = manifest.rows[DESK]["job"]
    yield f"It holds {jobs:,} jobs and {manifest.files:,} files, {manifest.bytes:,} bytes, and was read back whole."
    if manifest.key is None:
        yield (
            "The key of secret entries (passwords in jobs) is not in it. Keep a copy of secret.key at another place: "
            "without it, those entries have to be typed again after a restore."
        )
    else:
        yield "The key of secret entries is in it: whoever gets hold of this back-up can read them."
    for place in manifest.damaged:
        yield f"DAMAGED on the desk itself, before this back-up: {place} is not there, or is not what it was."


def about_restored(database: Database, manifest: Manifest, *, has_key: bool) -> Iterator[str]:
    """How the desk stands after it was restored."""
    yield f"The desk is as it was on {manifest.moment}. It is paused: nothing runs until you let it go on."
    yield "Everybody has to sign in again. Jobs that were handed in later are not in it; what they did is done."
    if not has_key and (lost := lost_secrets(database)):
        yield (
            f"{lost:,} jobs or schedules have secret entries that can't be read without the key. Put the old "
            "secret.key into the desk's folder before it goes on, or hand them in again."
        )
    for place in manifest.damaged:
        yield f"The desk had lost {place} before the back-up was taken."
    yield from about_open_jobs(database)
    yield "Then let it go on, on its page for administrators or by: batchdesk resume --call-off NUMBER_OF_A_JOB"


def resume_desk(database: Database, numbers: Collection[int]) -> Iterator[str]:
    """Let the desk go on, without the jobs of these numbers; what was done.

    Raises:
        NotFound: there is no such job.
        Refused: there are jobs to call off, and the desk is not paused.
    """
    with database.read() as session:
        found = {job.number: job.id for job in session.exec(select(Job).where(col(Job.number).in_(numbers)))}
        paused = halted(session) is not None
    if missing := sorted(set(numbers) - found.keys()):
        raise NotFound(f"There is no job {missing[0]}, so nothing was done.")
    if found:
        yield f"Called off: {call_off(database, None, list(found.values())):,} jobs."
    go_on(database, None)
    yield "The desk goes on." if paused else "The desk is not paused."


def about_open_jobs(database: Database) -> Iterator[str]:
    """The jobs that may have done more than the desk knows of."""
    with database.read() as session:
        found = open_jobs(session, MOST_LISTED)
        schedules = [schedule.name for schedule in due_schedules(session)]
        lines = [_line(job, owner) for job, owner in found.jobs]
        since = taken_at(session)
    if found.count and since:
        yield (
            f"{found.count:,} jobs had not ended on {since:%Y-%m-%d %H:%M} UTC. What they did after that (mails, calls "
            "of other systems) the desk does not know, and would do again:"
        )
        yield from lines
        if found.count > len(lines):
            yield f"  and {found.count - len(lines):,} more"
    for name in schedules:
        yield f"The schedule “{name}” is due: it may have made its job already."


def _line(job: Job, owner: str) -> str:
    of = f", {job.accounted:,} of {job.received:,} rows" if job.received else ""
    name = f", {job.file_name}" if job.file_name else ""
    return f"  job {job.number}: {job.job_type}{name}, {job.state.replace('_', ' ')}{of}, of {owner}"
