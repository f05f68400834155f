"""The keys of rows, as the desk keeps them: a keyed hash of each, from which nobody learns what it was made of."""

import hmac
import unicodedata
from collections.abc import Mapping

from webapp.authoring import JobType
from webapp.store.secrets import SecretBox

BYTES = 16
_BETWEEN = "\x1f"


class RowKeys:
    """Makes the fingerprints of a job type's rows: jobs of other types have others."""

    def __init__(self, job_type: JobType, secrets: SecretBox) -> None:
        self._row_key = job_type.row_key
        self._key = secrets.key_for(f"keys of rows of {job_type.name}") if self._row_key else b""

    def __bool__(self) -> bool:
        return self._row_key is not None

    def of(self, row: object) -> bytes | None:
        """The fingerprint of a row's key; None for a row without one, which is never taken for another.

        Whatever the author's function raises passes through.
        """
        if self._row_key is None:
            return None
        if not isinstance(self._row_key, str):
            found = self._row_key(row)
        else:
            found = row.get(self._row_key) if isinstance(row, Mapping) else getattr(row, self._row_key)
        parts = found if isinstance(found, tuple) else (found,)
        texts = ["" if part is None else unicodedata.normalize("NFC", str(part).strip()) for part in parts]
        if not any(texts):
            return None
        return hmac.digest(self._key, _BETWEEN.join(texts).encode("utf-8", "surrogatepass"), "sha256")[:BYTES]
