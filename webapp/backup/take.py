"""Taking a back-up: it is whole and checked under its name, or not there at all."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from webapp.backup.collect import Collection
from webapp.backup.manifest import Manifest
from webapp.backup.steps import Step, unreadable
from webapp.backup.verify import verify
from webapp.errors import DeskError, NoSpace, NotFound, Refused
from webapp.settings import Settings
from webapp.store.cache import OWNER_ONLY_FOLDER, PART
from webapp.store.database import DATABASE_TROUBLE, Database
from webapp.store.files import sync_folder
from webapp.store.passing import is_full
from webapp.store.vault import open_vault

DISK_ERROR = "disk I/O error"
ROOM_BESIDE = 256 * 1024


def take_backup(settings: Settings, path: Path, step: Step, *, with_key: bool = False) -> Manifest:
    """Back up a desk, which may be at work, into the new folder `path`.

    Raises:
        NotFound: there is no desk, no key, or no such place.
        Refused: there is something at `path` already, or it is inside the desk's own folder.
        NoSpace: it does not fit there.
        StorageTrouble: the place where the desk keeps its files does not answer.
        BadBackup: what was written can't be read back as it was.
        DeskError: the desk's database can't be read.
    """
    _require_new(settings, path)
    database = Database(settings.database)
    try:
        with _own_folder(path) as part, _without_room(part):
            Collection(settings, database, open_vault(settings.files), part, step).collect(with_key=with_key)
            manifest = verify(part, step)
            part.rename(path)
    except Exception as error:
        if is_full(error):
            raise NoSpace(f"The back-up does not fit: the disk of {path.parent} is full. Nothing was kept.") from error
        if isinstance(error, DATABASE_TROUBLE):
            raise DeskError(unreadable(error)) from error
        raise
    finally:
        database.close()
    sync_folder(path.parent)
    return manifest


@contextmanager
def _without_room(part: Path) -> Iterator[None]:
    """SQLite calls it an error of the disk if there is no room for what it keeps beside a file.

    Raises:
        NoSpace: it was that.
    """
    try:
        yield
    except DATABASE_TROUBLE as error:
        if DISK_ERROR in str(error) and shutil.disk_usage(part).free < ROOM_BESIDE:
            raise NoSpace(f"The back-up does not fit: the disk of {part.parent} is full. Nothing was kept.") from error
        raise


def _require_new(settings: Settings, path: Path) -> None:
    if path.exists() or path.is_symlink():
        raise Refused(f"{path} exists already, and a back-up never replaces anything. Choose another name.")
    if path.resolve().is_relative_to(settings.data.resolve()):
        raise Refused(f"{path} is inside the desk's own folder, and would be lost with it. Choose another place.")
    if not path.parent.is_dir():
        raise NotFound(f"The folder {path.parent} does not exist: make it first.")
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise NotFound(f"There is no desk in {settings.data}, so there is nothing to back up. Check BATCHDESK_DATA.")


@contextmanager
def _own_folder(path: Path) -> Iterator[Path]:
    """A folder beside `path` to work in. Whatever goes wrong, nothing is left of it; after a kill, the next clears it.

    Raises:
        Refused: another back-up to the same place is under way.
    """
    part = path.with_name(path.name + PART)
    part.mkdir(OWNER_ONLY_FOLDER, exist_ok=True)
    held = os.open(part, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _hold(held, path)
        try:
            _clear(part)
            yield part
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    finally:
        os.close(held)


def _hold(folder: int, path: Path) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Refused(f"Another back-up to {path} is under way.") from None


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
