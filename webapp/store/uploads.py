"""Receiving a file piece by piece. How far it got is the size of its file on disk, nothing else."""

import time
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from uuid import UUID

from sqlalchemy import exists
from sqlmodel import Session, col, func, select

from webapp.errors import NotFound, Refused, TooLarge, TooMany
from webapp.kit import new_id, now
from webapp.store.database import Database
from webapp.store.files import Files
from webapp.store.hashing import full_disk_said
from webapp.store.locks import hold
from webapp.store.tables import Job, Mending, ResultFile, Schedule, Upload

LONGEST_NAME = 255
LONGEST_ENDING = 20
MOST_INCOMPLETE = 20  # of one user at a time
KEPT = timedelta(hours=24)  # an incomplete upload that nobody goes on with
DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
INVISIBLE = frozenset({"Cc", "Cs", "Zl", "Zp"})  # control characters, half characters, line ends


@dataclass(frozen=True, slots=True)
class Received:
    """A file that was received in one go and lies whole on disk."""

    id: UUID
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Uploads:
    """The use-cases of uploads. `largest` and `reserve` (disk that stays free) are in bytes."""

    database: Database
    files: Files
    largest: int
    reserve: int

    def create(self, owner_id: UUID, name: str, size: int) -> Upload:
        """Begin an upload of `size` bytes. An empty file is complete at once.

        Raises:
            TooLarge: the desk accepts no file so large.
            NoSpace: the disk doesn't.
            TooMany: the owner has too many unfinished ones.
        """
        self.require_room(size)
        upload = Upload(id=new_id(), owner_id=owner_id, name=clean_name(name), size=size)
        self.files.begin_upload(upload.id)
        try:
            with self.database.write() as session:
                _require_few_incomplete(session, owner_id)
                session.add(upload)
        except BaseException:
            self.files.drop_upload(upload.id)
            raise
        return upload if size else self.complete(upload)

    def add(self, owner_id: UUID, received: Sequence[Received]) -> list[Upload]:
        """Record files that were received in one go: all of them or none."""
        uploads = [
            Upload(id=file.id, owner_id=owner_id, name=clean_name(file.name), size=file.size, sha256=file.sha256)
            for file in received
        ]
        with self.database.write() as session:
            session.add_all(uploads)
        return uploads

    def adopt(self, owner_id: UUID, result: ResultFile) -> Upload:
        """Take a file that a job made as one that was handed in.

        Raises:
            NotFound: it is gone.
            NoSpace: it would have to be copied, and there is no room.
        """
        name, sha256 = clean_name(result.name), result.sha256
        upload = Upload(id=new_id(), owner_id=owner_id, name=name, size=result.bytes, sha256=sha256)
        try:
            with full_disk_said():
                self.files.adopt_result(result.job_id, result.id, upload.id, sha256)
        except FileNotFoundError:
            raise NotFound("This file is no longer here.") from None
        with self.database.write() as session:
            session.add(upload)
        return upload

    def find(self, owner_id: UUID, upload_id: UUID) -> Upload:
        """An upload of this owner.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        with self.database.read() as session:
            upload = session.get(Upload, upload_id)
        if upload is None or upload.owner_id != owner_id:
            raise NotFound("This upload is no longer here. Choose the file again.")
        return upload

    def received(self, upload: Upload) -> int:
        """How many bytes have arrived; on this machine, unless all have.

        Raises:
            NotFound: the file is gone.
        """
        if upload.sha256 is not None and self.files.are_elsewhere:
            return upload.size
        return self.files.received(upload.id)

    def append(self, upload: Upload, offset: int, data: bytes | bytearray) -> int:
        """Write the bytes that follow `offset`; the new offset.

        Raises:
            Refused: the upload is at another offset.
            TooLarge: they'd be more than declared; none is kept.
            NoSpace: the disk can't take them.
            NotFound: the file is gone.
        """
        if offset + len(data) > upload.size:
            raise TooLarge("More bytes came than the file was said to have. Choose the file again.")
        if upload.sha256 is not None:
            raise Refused("This file is complete: nothing can be added to it.")
        self.files.require_space(len(data), self.reserve)
        return self.files.append(upload.id, offset, data)

    def complete(self, upload: Upload) -> Upload:
        """Make a whole upload durable and record its SHA-256. Doing it twice is harmless.

        A crash in between leaves either the `.part` or the whole file, and this again brings it to its end.

        Raises:
            Refused: bytes are missing.
            NotFound: the file or its record is gone.
        """
        if upload.sha256 is not None:
            return upload
        received = self.files.received(upload.id)
        if received != upload.size:
            raise Refused(f"The file isn't complete: {received:,} of {upload.size:,} bytes have arrived.")
        sha256 = self.files.keep_upload(upload.id)
        with self.database.write() as session:
            row = session.get(Upload, upload.id, with_for_update=True)
            if row is None:
                raise NotFound("This upload was cancelled. Choose the file again.")
            row.sha256 = sha256
        return row

    def abandon(self, upload: Upload) -> None:
        """Forget an upload and its bytes.

        Raises:
            Refused: a job was made from it or has taken rows back from it, or a schedule makes jobs from it.
        """
        with self.database.write() as session:
            row = session.get(Upload, upload.id, with_for_update=True)  # whoever makes a job from it waits, or we do
            if session.exec(select(Job.id).where(Job.upload_id == upload.id).limit(1)).first():
                raise Refused("This file belongs to a job, so it can't be removed here.")
            if session.exec(select(Schedule.id).where(Schedule.upload_id == upload.id).limit(1)).first():
                raise Refused("This file belongs to a schedule, so it can't be removed here.")
            if row is not None and row.in_params:
                raise Refused("This file belongs to a job or a schedule, so it can't be removed here.")
            if session.exec(select(Mending.id).where(Mending.upload_id == upload.id).limit(1)).first():
                raise Refused("This file has brought mended rows to a job, so it can't be removed here.")
            if row is not None:
                session.delete(row)
        self.files.drop_upload(upload.id)

    def expire(self) -> int:
        """Forget what nobody came back to for a day: incomplete uploads, and whole ones that no job or schedule has.

        Returns:
            How many there were.
        """
        used = exists().where(col(Job.upload_id) == col(Upload.id))
        kept = exists().where(col(Schedule.upload_id) == col(Upload.id))
        mended = exists().where(col(Mending.upload_id) == col(Upload.id))
        unused = col(Upload.sha256).is_(None) | ~(used | kept | mended | col(Upload.in_params))
        with self.database.read() as session:
            old = session.exec(select(Upload).where(unused, col(Upload.created_at) < now() - KEPT)).all()
        idle = [upload for upload in old if self._idle_s(upload) > KEPT.total_seconds()]
        for upload in idle:
            with suppress(Refused):  # a job was made from it in this very moment
                self.abandon(upload)
        return len(idle)

    def require_room(self, size: int) -> None:
        """Check that a file of `size` bytes is welcome.

        Raises:
            TooLarge: the desk accepts no file so large.
            NoSpace: the disk doesn't.
        """
        if size > self.largest:
            raise TooLarge(f"This file is too large: the desk accepts up to {self.largest / 1_000_000:,.1f} MB.")
        self.files.require_space(size, self.reserve)

    def _idle_s(self, upload: Upload) -> float:
        for path in (self.files.part(upload.id), self.files.upload(upload.id)):
            with suppress(FileNotFoundError):
                return time.time() - path.stat().st_mtime
        return (now() - upload.created_at).total_seconds()


def clean_name(name: str) -> str:
    """A file's name as text to show: no folders, nothing invisible, at most 255 characters. Never a path on disk."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    name = "".join(c for c in name if unicodedata.category(c) not in INVISIBLE and c not in DIRECTION_MARKS).strip()
    if not name.strip("."):
        return "file"
    ending = PurePosixPath(name).suffix
    if len(name) > LONGEST_NAME and len(ending) <= LONGEST_ENDING:
        return name[: LONGEST_NAME - len(ending)] + ending
    return name[:LONGEST_NAME]


def _require_few_incomplete(session: Session, owner_id: UUID) -> None:
    hold(session.connection(), f"uploads of {owner_id}")
    unfinished = select(func.count()).where(Upload.owner_id == owner_id, col(Upload.sha256).is_(None))
    if session.exec(unfinished).one() >= MOST_INCOMPLETE:
        raise TooMany(
            f"{MOST_INCOMPLETE} of your uploads are unfinished. Finish one by choosing its file again, "
            "or wait until tomorrow: unfinished ones are removed after a day."
        )
