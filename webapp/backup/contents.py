"""The files that a desk's rows name, and whether a file is what its row says."""

import hashlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine

from webapp.backup.manifest import RESULTS, UPLOADS
from webapp.backup.steps import Tick
from webapp.store.cache import OWNER_ONLY_FILE
from webapp.store.hashing import HashingFile

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that a row names: where it lies below the folder, and what the row says of it."""

    id: UUID
    job_id: UUID | None
    size: int
    sha256: str

    @property
    def place(self) -> str:
        """Its path below a desk's or a back-up's folder."""
        return f"{UPLOADS}/{self.id}" if self.job_id is None else f"{RESULTS}/{self.job_id}/{self.id}"


def kept_files(desk: Engine) -> Iterator[Kept]:
    """Every file that a desk's copy names. By plain words, because the copy may be of an older schema."""
    with desk.connect() as connection:
        for row in connection.exec_driver_sql("SELECT id, size, sha256 FROM upload WHERE sha256 IS NOT NULL"):
            yield Kept(UUID(row.id), None, row.size, row.sha256)
        for row in connection.exec_driver_sql("SELECT id, job_id, bytes, sha256 FROM file"):
            yield Kept(UUID(row.id), UUID(row.job_id), row.bytes, row.sha256)


def sum_of(path: Path, tick: Tick = lambda _: None) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
            tick(len(block))
    return found.hexdigest()


def copy_file(source: Path, target: Path, tick: Tick) -> str:
    """Copy a file durably, for its owner's eyes only; its SHA-256 as it was read."""
    with source.open("rb") as file, closing(HashingFile(target, OWNER_ONLY_FILE)) as copy:
        while block := file.read(BLOCK):
            copy.write(block)
            tick(len(block))
    return copy.sha256
