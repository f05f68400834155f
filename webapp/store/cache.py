"""The desk's folder as a cache of a place that keeps whole files for all machines. Without one, nothing is done."""

import hashlib
import logging
import os
import time
from collections.abc import Container, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from webapp.errors import StorageTrouble
from webapp.store.vault import Vault

log = logging.getLogger("batchdesk.files")

OWNER_ONLY_FOLDER = 0o700
OWNER_ONLY_FILE = 0o600
PART = ".part"  # the ending of a file that is not whole yet
FOLDERS = ("uploads", "results")
LEFT_ALONE_S = 3600.0  # what was used so lately may be used again by somebody who knows its path


@dataclass(frozen=True, slots=True)
class Cache:
    """A file's name in the vault is its path below `root`, where `limit` bytes may be at hand."""

    root: Path
    vault: Vault | None
    limit: int

    def at_hand(self, path: Path) -> Path:
        """The same path, with the file brought there if the vault has it.

        Raises:
            StorageTrouble: it can't be brought now.
            NoSpace: there is no room for it.
        """
        if self.vault is None:
            return path
        with suppress(FileNotFoundError):
            os.utime(path)  # the latest use: what was used longest ago makes room first
            return path
        path.parent.mkdir(OWNER_ONLY_FOLDER, exist_ok=True)
        part = path.with_name(f"{path.name}.{uuid4().hex}{PART}")  # its own for each who brings it at once
        try:
            self.vault.fetch(self._name(path), part)
            part.rename(path)
        except FileNotFoundError:
            pass  # whoever opens it says so
        finally:
            part.unlink(missing_ok=True)
        return path

    def keep(self, path: Path, sha256: str) -> None:
        """Put a whole file where all machines find it.

        Raises:
            StorageTrouble: it can't be put now; the file is here all the same.
        """
        if self.vault is not None:
            self.vault.put(self._name(path), path, sha256)

    def drop(self, path: Path) -> None:
        """Keep a file no longer. What can't be removed now belongs to no row, and is swept later."""
        if self.vault is not None:
            try:
                self.vault.drop(self._name(path))
            except StorageTrouble:
                log.warning("a file could not be removed from the storage; it is swept later")

    def sweep(self, folder: Path, known: Container[UUID], before: float) -> int:
        """Remove what the vault keeps since `before` and nobody knows of, and put there what only this machine has.

        Raises:
            StorageTrouble: the vault does not answer.
        """
        if self.vault is None:
            return 0
        kept, lost = set[str](), list[str]()
        for name, since in self.vault.names(folder.name):
            kept.add(name)
            if id_of(Path(name)) not in known and since.timestamp() < before:
                lost.append(name)
        for name in lost:
            self.vault.drop(name)
        for path in _files(folder):
            if not is_copy(path) and id_of(path) in known and self._name(path) not in kept:
                self._put_unknown(path)
        return len(lost)

    def make_room(self, in_use: Container[UUID]) -> int:
        """Remove files here that the vault keeps, the one used longest ago first, until no more than allowed are left.

        Returns:
            How many there were. Files `in_use`, or used within the last hour, are left.

        Raises:
            StorageTrouble: the vault does not answer.
        """
        if self.vault is None:
            return 0
        files = sorted((_Here.at(path) for folder in FOLDERS for path in _files(self.root / folder)), key=_by_use)
        size, kept, removed = sum(file.size for file in files), set[str](), 0
        if size > self.limit:
            kept = {name for folder in FOLDERS for name, _ in self.vault.names(folder)}
        for file in files:
            if size <= self.limit or file.used_at > time.time() - LEFT_ALONE_S:
                break
            if id_of(file.path) not in in_use and (self._name(file.path) in kept or is_copy(file.path)):
                file.path.unlink(missing_ok=True)
                size, removed = size - file.size, removed + 1
        return removed

    def _put_unknown(self, path: Path) -> None:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        self.keep(path, sha256)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


@dataclass(frozen=True, slots=True)
class _Here:
    """A file that is at hand."""

    path: Path
    size: int
    used_at: float

    @classmethod
    def at(cls, path: Path) -> "_Here":
        found = path.stat()
        return cls(path, found.st_size, found.st_mtime)


def _by_use(file: _Here) -> float:
    return file.used_at


def _files(folder: Path) -> Iterator[Path]:
    """The files of a folder that are whole: what is being written is nobody's to remove."""
    return (path for path in folder.rglob("*") if path.is_file() and path.suffix != PART)


def is_copy(path: Path) -> bool:
    """Whether a file was made of another one, so that it can be made again."""
    return "." in path.name


def id_of(path: Path) -> UUID | None:
    """The id in a file's name, if there is one."""
    try:
        return UUID(path.name.split(".")[0])
    except ValueError:
        return None
