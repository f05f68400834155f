"""SHA-256 on the way to the disk, so that no file has to be read again just to be known."""

import errno
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from webapp.errors import NoSpace

if TYPE_CHECKING:
    from typing_extensions import Buffer

NO_SPACE_LEFT = (errno.ENOSPC, errno.EDQUOT)
BLOCK = 1 << 20


class HashingFile(io.BufferedIOBase):
    """A file being written from beginning to end, counted and hashed on the way; closing it makes it durable."""

    def __init__(self, path: Path, mode: int) -> None:
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb", BLOCK)
        self._hash = hashlib.sha256()
        self.name = str(path)
        self.bytes = 0

    @property
    def sha256(self) -> str:
        """Of what was written so far, in hexadecimal."""
        return self._hash.hexdigest()

    def writable(self) -> bool:
        return True

    def write(self, data: "Buffer") -> int:
        with full_disk_said():
            written = self._file.write(data)
        self._hash.update(data)
        self.bytes += written
        return written

    def flush(self) -> None:
        if not self._file.closed:
            with full_disk_said():
                self._file.flush()

    def close(self) -> None:
        if self._file.closed:
            return
        try:
            with full_disk_said():
                self._file.flush()
                os.fsync(self._file.fileno())
        finally:
            self.discard()

    def discard(self) -> None:
        """Close without any wait for the disk, for a file that is to be removed."""
        with suppress(OSError):  # what doesn't fit any more is not wanted
            self._file.close()
        super().close()


class RunningHashes:
    """The hashes of growing files, as far as this process saw every byte of them in order."""

    def __init__(self) -> None:
        self._running: dict[UUID, tuple[int, hashlib._Hash]] = {}

    def follow(self, file_id: UUID, offset: int, data: "Buffer") -> None:
        """Take in bytes written at `offset`. After a gap (a restart, say) the file is no longer followed."""
        end, running = self._running.pop(file_id, (0, hashlib.sha256()))
        if end == offset:
            running.update(data)
            self._running[file_id] = (offset + memoryview(data).nbytes, running)

    def take(self, file_id: UUID, path: Path) -> str:
        """The hash of the whole file at `path`, which is read only if it wasn't followed. Forgets the file."""
        end, running = self._running.pop(file_id, (-1, hashlib.sha256()))
        with path.open("rb") as file:
            if end == os.fstat(file.fileno()).st_size:
                return running.hexdigest()
            return hashlib.file_digest(file, "sha256").hexdigest()

    def forget(self, file_id: UUID) -> None:
        """Follow a file no longer."""
        self._running.pop(file_id, None)


@contextmanager
def full_disk_said() -> Iterator[None]:
    """Turn the system's "no space left" into a sentence.

    Raises:
        NoSpace: the disk is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno in NO_SPACE_LEFT:
            raise no_space() from error
        raise


def no_space() -> NoSpace:
    """The desk's disk can't take a file."""
    return NoSpace("The desk's disk is too full for this file. Ask your administrator to make room, then try again.")
