"""Secret parameters, encrypted at rest with a key that lies beside the database, not in it."""

import hmac
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from webapp.errors import Refused
from webapp.store.files import sync_folder


class SecretBox:
    """Locks and unlocks secret values with the key in `path`, which is made at the first use."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def lock(self, values: dict[str, str]) -> str | None:
        """The values as one encrypted text; None if there are none."""
        if not values:
            return None
        self.ensure()
        return self._fernet().encrypt(json.dumps(values).encode()).decode()

    def ensure(self) -> None:
        """Make the key if there is none."""
        if not self._path.exists():
            self._make_key()

    def unlock(self, locked: str | None) -> dict[str, str]:
        """The values that `lock` was given.

        Raises:
            Refused: the key is not there any more, or is another one.
        """
        if locked is None:
            return {}
        try:
            values: dict[str, str] = json.loads(self._fernet().decrypt(locked.encode()))
        except (FileNotFoundError, InvalidToken, ValueError) as error:
            raise Refused(
                "The secret entries of this job can't be read any more, because the desk's key has changed. "
                "Enter them again in a new job, and tell an administrator."
            ) from error
        return values

    def key_for(self, purpose: str) -> bytes:
        """A key of this desk for one purpose: it tells nothing about the key of another, or what is locked."""
        self.ensure()
        return hmac.digest(self._path.read_bytes(), purpose.encode(), "sha256")

    def _fernet(self) -> Fernet:
        return Fernet(self._path.read_bytes())

    def _make_key(self) -> None:
        """Whole and durable before its first use: without it what it locked is lost."""
        descriptor, own = tempfile.mkstemp(dir=self._path.parent, prefix=f"{self._path.name}.")  # for its owner only
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # of two that make a key at once, the first one's stays
            os.link(own, self._path)
        Path(own).unlink()
        sync_folder(self._path.parent)
