"""Files on disk: uploads, results, scratch. Names are ids; a name that a user gave lives in the database only.

Where whole files are kept elsewhere, in a `vault.Vault`, the folder is a cache of it: bytes are received and worked on
here, a whole file is put there before any row says that it is whole, and brought here when it is asked for.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from webapp.errors import NotFound, Refused
from webapp.store.cache import OWNER_ONLY_FILE, OWNER_ONLY_FOLDER, PART, Cache, id_of
from webapp.store.hashing import HashingFile, RunningHashes, full_disk_said, no_space
from webapp.store.vault import Vault

if TYPE_CHECKING:
    from typing_extensions import Buffer

PREPARED = ".utf8"
FOLDERS = ("uploads", "results", "scratch")


class Files:
    """The desk's files below one folder, readable by the desk's own account only."""

    def __init__(self, root: Path, vault: Vault | None = None, cache: int = 0) -> None:
        """Make the folders. Whole files are kept in `vault`, if there is one, and `cache` bytes of them at hand."""
        self.root = root.resolve()
        self.are_elsewhere = vault is not None
        self._cache = Cache(self.root, vault, cache)
        self._hashes = RunningHashes()
        self._uploads, self._results, self._scratch = folders = [self.root / name for name in FOLDERS]
        for folder in folders:
            folder.mkdir(OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
            if folder.stat().st_mode & 0o777 != OWNER_ONLY_FOLDER:
                folder.chmod(OWNER_ONLY_FOLDER)

    def upload(self, upload_id: UUID) -> Path:
        """Where an upload lies once it is whole; brought here if it is kept elsewhere.

        Raises:
            StorageTrouble: it can't be brought now.
            NoSpace: there is no room for it.
        """
        return self._cache.at_hand(self._whole(upload_id))

    def part(self, upload_id: UUID) -> Path:
        """Where an upload's bytes lie until it is whole."""
        return self._uploads / f"{upload_id}{PART}"

    def prepared(self, upload_id: UUID) -> Path:
        """Where copies of an upload that can be read belong: their names begin with this one."""
        return self._uploads / f"{upload_id}{PREPARED}"

    def result(self, job_id: UUID, file_id: UUID) -> Path:
        """Where a job's result file lies; brought here if it is kept elsewhere.

        Raises:
            StorageTrouble: it can't be brought now.
            NoSpace: there is no room for it.
        """
        return self._cache.at_hand(self._results / str(job_id) / str(file_id))

    def scratch(self, job_id: UUID, fence: int) -> Path:
        """A claim's own folder for passing things, made if need be."""
        folder = self._scratch / f"{job_id}.{fence}"
        folder.mkdir(OWNER_ONLY_FOLDER, exist_ok=True)
        return folder

    def clear_scratch(self, job_id: UUID, fence: int) -> None:
        """Remove the passing things of a claim and of those before it; a newer one may be at work already."""
        for folder in self._scratch.glob(f"{job_id}.*"):
            if int(folder.suffix[1:]) <= fence:
                shutil.rmtree(folder, ignore_errors=True)

    def begin_upload(self, upload_id: UUID) -> None:
        """Make the empty file that an upload grows in."""
        os.close(os.open(self.part(upload_id), os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY_FILE))
        sync_folder(self._uploads)

    def received(self, upload_id: UUID) -> int:
        """How many bytes of an upload are on disk, whole or not.

        Raises:
            NotFound: there is no such file.
        """
        for path in (self.part(upload_id), self._whole(upload_id), self.part(upload_id)):
            with suppress(FileNotFoundError):  # between two looks the file may take its final name
                return path.stat().st_size
        raise _gone()

    def append(self, upload_id: UUID, offset: int, data: "Buffer") -> int:
        """Write at the end of an upload, which must be at `offset`; the new end.

        Raises:
            NotFound: there is no such file.
            Refused: the end is elsewhere, so these bytes would be doubled or leave a gap.
            NoSpace: the disk is full; what fitted is kept.
        """
        with self._open_part(upload_id) as part:
            if os.fstat(part).st_size != offset:
                raise Refused("The upload has gone on elsewhere. Choose the file again to continue it.")
            view = memoryview(data)
            while view.nbytes:
                with full_disk_said():
                    written = os.pwrite(part, view, offset)
                self._hashes.follow(upload_id, offset, view[:written])
                view, offset = view[written:], offset + written
            return offset

    def sync_upload(self, upload_id: UUID) -> None:
        """Make what was received durable, so that its size may be promised."""
        with suppress(NotFound), self._open_part(upload_id) as part:
            os.fsync(part)

    def keep_upload(self, upload_id: UUID) -> str:
        """Give a whole upload its final name, durably. Doing it twice is harmless.

        Returns:
            Its SHA-256, in hexadecimal.

        Raises:
            NotFound: there is no such file.
            StorageTrouble: it is whole, but can't be put where it is kept.
        """
        with suppress(NotFound), self._open_part(upload_id) as part:
            os.fsync(part)
            self.part(upload_id).rename(self._whole(upload_id))
        sync_folder(self._uploads)
        try:
            sha256 = self._hashes.take(upload_id, self._whole(upload_id))
        except FileNotFoundError:
            raise _gone() from None
        self._cache.keep(self._whole(upload_id), sha256)
        return sha256

    def drop_upload(self, upload_id: UUID) -> None:
        """Remove everything of an upload."""
        self._hashes.forget(upload_id)
        copies = self._uploads.glob(f"{self.prepared(upload_id).name}*")
        for path in (self.part(upload_id), self._whole(upload_id), *copies):
            path.unlink(missing_ok=True)
        sync_folder(self._uploads)
        self._cache.drop(self._whole(upload_id))

    @contextmanager
    def write_upload(self, upload_id: UUID) -> Iterator[HashingFile]:
        """An upload to write in one go. After the block it is whole and durable; else absent."""
        with _write_whole(self.part(upload_id), self._whole(upload_id)) as file:
            yield file
        self._cache.keep(self._whole(upload_id), file.sha256)

    def adopt_result(self, job_id: UUID, file_id: UUID, upload_id: UUID, sha256: str) -> None:
        """Have a job's result be a whole upload too, with the same bytes on the disk if it can.

        Raises:
            FileNotFoundError: the result is gone.
        """
        result, path = self.result(job_id, file_id), self._whole(upload_id)
        os.utime(result)  # both are the same file: as new as the upload, so that nobody sweeps it away
        try:
            path.hardlink_to(result)
        except FileNotFoundError:
            raise
        except OSError:  # on another disk, or one without links
            with result.open("rb") as source, self.write_upload(upload_id) as copy:
                shutil.copyfileobj(source, copy)
        sync_folder(self._uploads)
        self._cache.keep(path, sha256)

    @contextmanager
    def write_result(self, job_id: UUID, file_id: UUID) -> Iterator[HashingFile]:
        """A result file to write. After the block it is whole, durable and has `bytes` and `sha256`; else absent."""
        path = self._results / str(job_id) / str(file_id)
        if not path.parent.exists():
            path.parent.mkdir(OWNER_ONLY_FOLDER, exist_ok=True)
            sync_folder(self._results)
        with _write_whole(path.with_name(path.name + PART), path) as file:
            yield file
        self._cache.keep(path, file.sha256)

    def drop_result(self, job_id: UUID, file_id: UUID) -> None:
        """Remove a result file of a job."""
        path = self._results / str(job_id) / str(file_id)
        path.unlink(missing_ok=True)
        self._cache.drop(path)

    def free(self) -> int:
        """Bytes of disk that are free."""
        disk = os.statvfs(self.root)
        return disk.f_bavail * disk.f_frsize

    def require_space(self, needed: int, reserve: int) -> None:
        """Check that `needed` bytes fit and `reserve` stays free.

        Raises:
            NoSpace: they don't.
        """
        if self.free() - reserve < needed:
            raise no_space()

    def sweep(
        self,
        *,
        uploads: Container[UUID],
        results: Container[UUID],
        jobs: Container[UUID],
        older_than: timedelta = timedelta(hours=24),
    ) -> int:
        """Remove what nobody knows of: uploads and results without a row, scratch of jobs that no longer run.

        Whatever changed within `older_than` is left: its row may be about to be written.

        Returns:
            How many files and folders were removed.

        Raises:
            StorageTrouble: the place where files are kept does not answer.
        """
        before = time.time() - older_than.total_seconds()
        lost = [path for path in _old(self._uploads.iterdir(), before) if id_of(path) not in uploads]
        lost += [path for path in _old(self._results.glob("*/*"), before) if id_of(path) not in results]
        scratch = [path for path in _old(self._scratch.iterdir(), before) if id_of(path) not in jobs]
        for path in lost:
            path.unlink(missing_ok=True)
        for path in scratch:
            shutil.rmtree(path, ignore_errors=True)
        elsewhere = self._cache.sweep(self._uploads, uploads, before)
        elsewhere += self._cache.sweep(self._results, results, before)
        return len(lost) + len(scratch) + elsewhere

    def make_room(self, in_use: Container[UUID]) -> int:
        """Have no more at hand than allowed of what is kept elsewhere: the latest used, and what is `in_use`.

        Returns:
            How many files were removed here.

        Raises:
            StorageTrouble: the place where files are kept does not answer.
        """
        return self._cache.make_room(in_use)

    def _whole(self, upload_id: UUID) -> Path:
        return self._uploads / str(upload_id)

    @contextmanager
    def _open_part(self, upload_id: UUID) -> Iterator[int]:
        path = self.part(upload_id)
        try:
            part = os.open(path, os.O_WRONLY)
        except FileNotFoundError:
            raise _gone() from None
        try:
            fcntl.flock(part, fcntl.LOCK_EX)  # one writer at a time, whichever thread or process
            if not path.exists():  # kept or dropped while we waited
                raise _gone()
            yield part
        finally:
            os.close(part)


def sync_folder(folder: Path) -> None:
    """Make new, renamed and removed names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _write_whole(part: Path, path: Path) -> Iterator[HashingFile]:
    file = HashingFile(part, OWNER_ONLY_FILE)
    try:
        yield file
        file.close()
        part.rename(path)
    except BaseException:
        file.discard()
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _old(paths: Iterator[Path], before: float) -> Iterator[Path]:
    for path in paths:
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                yield path


def _gone() -> NotFound:
    return NotFound("This upload is no longer here. Choose the file again.")
