"""Making a desk from a back-up: into an empty place only, and standing still until an administrator has looked.

The desk's database comes last and is there in one step, so that a restore that is broken off leaves no desk that looks
whole.
"""

import os
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlmodel import col

from webapp.backup.contents import Kept, copy_file, kept_files
from webapp.backup.manifest import DATA, DESK, KEY, RESULTS, UPLOADS, Manifest
from webapp.backup.moment import open_copy
from webapp.backup.place import Place, find_place
from webapp.backup.steps import Step, Tick, unreadable
from webapp.backup.verify import verify
from webapp.errors import DeskError, NoSpace
from webapp.jobs.halt import stand_still
from webapp.jobs.lifecycle import ENDED
from webapp.moving.data_tables import copy_data
from webapp.moving.desk_tables import copy_desk
from webapp.moving.own_tables import copy_own_tables
from webapp.services.data import make_schema
from webapp.settings import Settings
from webapp.store.cache import OWNER_ONLY_FOLDER
from webapp.store.database import DATABASE_TROUBLE, Database, connect
from webapp.store.files import sync_folder
from webapp.store.migrate import migrate
from webapp.store.passing import is_full
from webapp.store.tables import Job, Schedule, SignInLink, UserSession, Worker


def restore_backup(settings: Settings, path: Path, step: Step) -> Manifest:
    """Make the desk that `path` is a back-up of.

    Raises:
        BadBackup: the back-up is not whole; nothing was touched.
        NewerSchemaError: a newer Batchdesk made it.
        Refused: there is a desk already, or something else.
        NoSpace: it does not fit.
        DeskError: a database can't be read or written.
    """
    manifest = verify(path, step)
    place = find_place(settings)
    try:
        _copy_files(place, path, manifest, step)
        _make_desk(place, path, manifest)
    except BaseException as error:
        place.clear(with_key=manifest.key is not None)
        if is_full(error):
            raise NoSpace(f"The desk does not fit: the disk of {settings.data} is full. Nothing was kept.") from error
        if isinstance(error, DATABASE_TROUBLE):
            raise DeskError(unreadable(error)) from error
        raise
    return manifest


def lost_secrets(database: Database) -> int:
    """How many jobs that may still run, and schedules, have secret entries: without the key they can't be read."""
    with database.read() as session:
        jobs = select(func.count()).select_from(Job).where(col(Job.secrets).is_not(None), col(Job.state).not_in(ENDED))
        schedules = select(func.count()).select_from(Schedule).where(col(Schedule.secrets).is_not(None))
        return int(session.execute(jobs).scalar_one() + session.execute(schedules).scalar_one())


def _copy_files(place: Place, backup: Path, manifest: Manifest, step: Step) -> None:
    for folder in (UPLOADS, RESULTS):
        (place.folder / folder).mkdir(OWNER_ONLY_FOLDER)
    with step("Copying files", manifest.bytes) as tick:
        for file in kept_files(open_copy(backup / DESK)):
            if file.place not in manifest.damaged or (backup / file.place).exists():
                _copy_file(place, backup, file, tick)
        _load_data(place, backup, tick)
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
    """The desk's database: brought up to date and set to stand still before anybody sees it."""
    copy_file(backup / DESK, place.part, lambda _: None)
    database = Database(f"sqlite:///{place.part}")
    migrate(database)
    with database.write() as session:
        for left_behind in (UserSession, SignInLink, Worker):
            session.execute(delete(left_behind))
        stand_still(session, f"This desk was restored from a back-up of {manifest.moment}.", manifest.taken_at)
    if place.desk_file is None:
        _fill_postgres(place, database)
    database.close()  # the last to leave empties the log into the file
    if place.desk_file is None:
        place.part.unlink()
    else:
        place.part.rename(place.desk_file)
        sync_folder(place.desk_file.parent)


def _fill_postgres(place: Place, made: Database) -> None:
    database = Database(place.desk_url)
    try:
        migrate(database)
        with made.engine.connect() as source, database.engine.begin() as target:
            copy_desk(source, target)
            copy_own_tables(source, target)
    finally:
        database.close()


def _load_data(place: Place, backup: Path, tick: Tick) -> None:
    """What jobs have loaded."""
    if place.data_file is not None:
        copy_file(backup / DATA, place.data_file, tick)
        return
    engine = connect(place.data_url)
    try:
        with open_copy(backup / DATA).connect() as source, engine.begin() as target:
            make_schema(target)
            copy_data(source, target)
    finally:
        engine.dispose()
