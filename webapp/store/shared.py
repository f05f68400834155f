"""What all machines of a desk have in common: the key of its secrets, and the place of its files.

Both are outside of the database. A machine with another key could not read what people entered, and one with a folder
of its own would not find the files of jobs. So marks of both are written down at the first start, and compared at each.
"""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select
from sqlmodel import Session, col

from webapp.store.cache import OWNER_ONLY_FILE
from webapp.store.database import Database
from webapp.store.locks import hold
from webapp.store.secrets import SecretBox
from webapp.store.tables import Activity
from webapp.store.vault import open_vault

KEY = "secret.key"
MARK = "files.id"
BEGUN = "desk_begun"
FORGETTING = "desk_restored"  # a restored desk is at a place of its own
HERE = "run `batchdesk resume --here`."


class NotSharedError(Exception):
    """This machine has another key, or other files, than the desk."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a machine keeps the key and the files: its data folder, and the address of a storage if there is one."""

    folder: Path
    address: str | None

    def key(self, *, make: bool = False) -> str | None:
        """A mark of the key that does not tell it; None if there is none."""
        if make:
            SecretBox(self.folder / KEY).ensure()
        try:
            found = (self.folder / KEY).read_bytes()
        except FileNotFoundError:
            return None
        return hashlib.sha256(b"batchdesk mark of a key\n" + found).hexdigest()[:32]

    def files(self, *, make: bool = False) -> str | None:
        """The mark of the place of files; None if it has none.

        What is known of a storage and found right is noted in the folder, so that a start does not have to ask it.

        Raises:
            StorageTrouble: the storage does not answer, or is not there.
        """
        own, _, of = self._noted().partition(" ")
        if own and of == (self.address or ""):
            return own
        if self.address is None:
            return self._note(uuid4().hex) if make else None
        kept = self._kept() or own or (uuid4().hex if make else "")
        if kept and make:
            self.remember(kept)
        return kept or None

    def remember(self, mark: str) -> None:
        """Note the mark of the place of files, in the folder and in the storage."""
        own, _, of = self._noted().partition(" ")
        if (own, of) != (mark, self.address or ""):
            self._note(mark)
            self._keep()

    def _noted(self) -> str:
        try:
            return (self.folder / MARK).read_text("ascii").strip()
        except FileNotFoundError:
            return ""

    def _note(self, mark: str) -> str:
        descriptor = os.open(self.folder / MARK, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY_FILE)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{mark} {self.address or ''}".strip())
            file.flush()
            os.fsync(file.fileno())
        return mark

    def _kept(self) -> str:
        vault = open_vault(self.address)
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            try:
                if vault:
                    vault.fetch(MARK, Path(folder) / MARK)
            except FileNotFoundError:
                return ""
            return (Path(folder) / MARK).read_text("ascii").partition(" ")[0]

    def _keep(self) -> None:
        vault, path = open_vault(self.address), self.folder / MARK
        if vault:
            vault.put(MARK, path, hashlib.sha256(path.read_bytes()).hexdigest())


def require_shared(database: Database, place: Place) -> None:
    """See that this machine has the desk's key and files; at the first start of a desk, they are those from now on.

    Raises:
        NotSharedError: it has others, or none; says how to mend it.
        StorageTrouble: the storage of files does not answer, or is not there.
    """
    with database.write() as session:
        hold(session.connection(), "what is shared")
        begun = _begun(session)
        if begun is None:
            _begin(session, place)
            return
    key = place.key()
    if key != begun["key"]:
        is_there = "is another one than the desk’s" if key else "is not there"
        raise NotSharedError(
            f"{place.folder / KEY} {is_there}. Copy it there from the machine where the desk was begun. If it is lost, "
            f"so that secret entries have to be typed again, {HERE}"
        )
    if place.files() != begun["files"]:
        raise NotSharedError(
            f"The desk’s files are not in {place.address or place.folder}. Give all machines the same BATCHDESK_DATA "
            f"folder, or the same BATCHDESK_FILES. If the files have been moved there for good, {HERE}"
        )
    place.remember(begun["files"])


def begin_here(database: Database, place: Place) -> None:
    """Have the key and the files of this machine be the desk's from now on."""
    with database.write() as session:
        hold(session.connection(), "what is shared")
        _begin(session, place)


def _begin(session: Session, place: Place) -> None:
    session.add(Activity(action=BEGUN, detail={"key": place.key(make=True), "files": place.files(make=True)}))


def _begun(session: Session) -> dict[str, str] | None:
    which = col(Activity.action).in_((BEGUN, FORGETTING))
    newest = session.execute(
        select(Activity).where(which).order_by(col(Activity.id).desc()).limit(1)
    ).scalar_one_or_none()
    return newest.detail if newest is not None and newest.action == BEGUN else None
