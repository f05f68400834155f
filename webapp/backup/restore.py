"""Making a desk from a back-up: into an empty place only, and standing still until an administrator has looked.

The desk's database comes last and takes its name in one step, so that a restore that is broken off leaves no desk
that looks whole.
"""

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, func, make_url, select
from sqlmodel import col

from webapp.backup.contents import Kept, copy_file, kept_files
from webapp.backup.manifest import DATA, DESK, KEY, RESULTS, UPLOADS, Manifest
from webapp.backup.moment import open_copy
from webapp.backup.steps import Step, Tick
from webapp.backup.verify import verify
from webapp.errors import NoSpace, Refused, StorageTrouble
from webapp.jobs.halt import stand_still
from webapp.jobs.lifecycle import ENDED
from webapp.settings import Settings
from webapp.store.cache import OWNER_ONLY_FOLDER, PART
from webapp.store.database import Database
from webapp.store.files import sync_folder
from webapp.store.migrate import migrate
from webapp.store.passing import is_full
from webapp.store.tables import Job, Schedule, SignInLink, UserSession, Worker
from webapp.store.vault import Vault, open_vault

MAY_BE_THERE = {KEY, "lost+found"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the parts of the desk are going to be."""

    folder: Path
    desk: Path
    data: Path
    vault: Vault | None


def restore_backup(settings: Settings, path: Path, step: Step) -> Manifest:
    """Make the desk that `path` is a back-up of.

    Raises:
        BadBackup: the back-up is not whole; nothing was touched.
        NewerSchemaError: a newer Batchdesk made it.
        Refused: there is a desk already, or something else.
        NoSpace: it does not fit.
    """
    manifest = verify(path, step)
    place = _require_empty(settings)
    try:
        _copy_files(place, path, manifest, step)
        _make_desk(place, path, manifest)
    except BaseException as error:
        _clear(place, manifest)
        if is_full(error):
            raise NoSpace(f"The desk does not fit: the disk of {settings.data} is full. Nothing was kept.") from error
        raise
    return manifest


def lost_secrets(database: Database) -> int:
    """How many jobs that may still run, and schedules, have secret entries: without the key they can't be read."""
    with database.read() as session:
        jobs = select(func.count()).select_from(Job).where(col(Job.secrets).is_not(None), col(Job.state).not_in(ENDED))
        schedules = select(func.count()).select_from(Schedule).where(col(Schedule.secrets).is_not(None))
        return int(session.execute(jobs).scalar_one() + session.execute(schedules).scalar_one())


def _require_empty(settings: Settings) -> Place:
    """The place for the desk.

    Raises:
        Refused: there is a desk, or something else.
    """
    desk, data = (Path(make_url(url).database or "") for url in (settings.database, settings.data_database))
    place = Place(settings.data, desk, data, open_vault(settings.files))
    place.folder.mkdir(OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    found = sorted(path.name for path in place.folder.iterdir() if path.name not in MAY_BE_THERE)
    if found:
        raise Refused(
            f"{place.folder} is not empty ({', '.join(found[:3])}). A desk is restored into an empty folder only: "
            "move what is there away, or set BATCHDESK_DATA to another folder."
        )
    for database in (place.desk, place.data):
        if database.exists():
            raise Refused(f"{database} exists already. A back-up is never restored over a desk: move it away first.")
    if place.vault and any(True for folder in (UPLOADS, RESULTS) for _ in place.vault.names(folder)):
        raise Refused(
            f"There are files in {settings.files} already, and another desk may need them. "
            "Set BATCHDESK_FILES to another prefix, or remove them."
        )
    return place


def _copy_files(place: Place, backup: Path, manifest: Manifest, step: Step) -> None:
    for folder in (UPLOADS, RESULTS):
        (place.folder / folder).mkdir(OWNER_ONLY_FOLDER)
    with step("Copying files", manifest.bytes) as tick:
        for file in kept_files(open_copy(backup / DESK)):
            if file.place not in manifest.damaged or (backup / file.place).exists():
                _copy_file(place, backup, file, tick)
        copy_file(backup / DATA, place.data, tick)
    if manifest.key is not None:
        copy_file(backup / KEY, place.folder / KEY, tick)
    for folder, _, _ in os.walk(place.folder):
        sync_folder(Path(folder))


def _copy_file(place: Place, backup: Path, file: Kept, tick: Tick) -> None:
    if place.vault:
        place.vault.put(file.place, backup / file.place, file.sha256)
        tick(file.size)
    else:
        (place.folder / file.place).parent.mkdir(OWNER_ONLY_FOLDER, exist_ok=True)
        copy_file(backup / file.place, place.folder / file.place, tick)


def _make_desk(place: Place, backup: Path, manifest: Manifest) -> None:
    """The desk's database: brought up to date and set to stand still before it takes its name."""
    part = place.desk.with_name(place.desk.name + PART)
    copy_file(backup / DESK, part, lambda _: None)
    database = Database(f"sqlite:///{part}")
    migrate(database)
    with database.write() as session:
        for left_behind in (UserSession, SignInLink, Worker):
            session.execute(delete(left_behind))
        stand_still(session, f"This desk was restored from a back-up of {manifest.moment}.", manifest.taken_at)
    database.close()  # the last to leave empties the log into the file
    part.rename(place.desk)
    sync_folder(place.desk.parent)


def _clear(place: Place, manifest: Manifest) -> None:
    """Leave the place as empty as it was."""
    for folder in (UPLOADS, RESULTS):
        shutil.rmtree(place.folder / folder, ignore_errors=True)
    for path in (place.data, *place.desk.parent.glob(f"{place.desk.name}{PART}*")):
        path.unlink(missing_ok=True)
    if manifest.key is not None:
        (place.folder / KEY).unlink(missing_ok=True)
    if place.vault:
        _clear_vault(place.vault)


def _clear_vault(vault: Vault) -> None:
    with suppress(StorageTrouble):  # what remains there is named by the next restore
        for name in [name for folder in (UPLOADS, RESULTS) for name, _ in vault.names(folder)]:
            vault.drop(name)
