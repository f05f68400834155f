"""Secret parameters, encrypted at rest with a key that lies beside the database, not in it."""

import json
import os
from pathlib import Path

from cryptography.fernet import Fernet


class SecretBox:
    """Locks and unlocks secret values with the key in `path`, which is made at the first use."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def lock(self, values: dict[str, str]) -> str | None:
        """The values as one encrypted text; None if there are none."""
        return self._fernet().encrypt(json.dumps(values).encode()).decode() if values else None

    def unlock(self, locked: str | None) -> dict[str, str]:
        """The values that `lock` was given."""
        if locked is None:
            return {}
        values: dict[str, str] = json.loads(self._fernet().decrypt(locked.encode()))
        return values

    def _fernet(self) -> Fernet:
        try:
            return Fernet(self._path.read_bytes())
        except FileNotFoundError:
            self._make_key()
            return Fernet(self._path.read_bytes())

    def _make_key(self) -> None:
        own = self._path.with_suffix(f".{os.getpid()}")
        own.touch(mode=0o600)
        own.write_bytes(Fernet.generate_key())
        try:
            os.link(own, self._path)  # of two processes that make a key at once, the first one's stays
        except FileExistsError:
            pass
        finally:
            own.unlink()
