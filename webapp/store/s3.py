"""Files in a bucket of Amazon's S3, or of anything that speaks like it (MinIO, Ceph, Garage).

Credentials, region and endpoint are the usual variables: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`,
`AWS_ENDPOINT_URL`.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from webapp.errors import StorageTrouble
from webapp.store.cache import OWNER_ONLY_FILE
from webapp.store.hashing import HashingFile
from webapp.store.vault import MissingStorageError

SHA256 = "sha256"  # what the file's own sum is called among the object's metadata
PIECE = 1 << 20
NO_BUCKET = "NoSuchBucket"  # as such servers call it
BUCKET_SAID = "The bucket of BATCHDESK_FILES is not there. Make it, or name another."
PATIENCE = timedelta(seconds=30)
FOR_A_LARGE_FILE = timedelta(hours=12)


class S3:
    """A `vault.Vault` at an address such as `s3://bucket/prefix`."""

    def __init__(self, address: str) -> None:
        """Prepare; nothing is asked of the server yet.

        Raises:
            MissingStorageError: obstore is not installed.
        """
        try:
            from obstore.exceptions import BaseError  # noqa: PLC0415
            from obstore.store import S3Store  # noqa: PLC0415
        except ModuleNotFoundError:
            raise MissingStorageError(
                "BATCHDESK_FILES names S3, and what speaks to it is not installed: install batchdesk[s3]."
            ) from None
        self._trouble: tuple[type[Exception], ...] = (BaseError, OSError)
        endpoint = os.environ.get("AWS_ENDPOINT_URL", os.environ.get("AWS_ENDPOINT", ""))
        self._store: Any = S3Store.from_url(
            address,
            client_options={
                "allow_http": endpoint.startswith("http://"),
                "connect_timeout": "5s",
                "read_timeout": PATIENCE,
                "timeout": FOR_A_LARGE_FILE,
            },
            retry_config={"max_retries": 3, "retry_timeout": PATIENCE},
        )

    def put(self, name: str, path: Path, sha256: str) -> None:
        with self._said():
            self._store.put(name, path, attributes={SHA256: sha256})

    def fetch(self, name: str, path: Path) -> None:
        with self._said():
            answer = self._store.get(name)
            with closing(HashingFile(path, OWNER_ONLY_FILE)) as file:
                for piece in answer.stream(min_chunk_size=PIECE):
                    file.write(piece)
        if file.sha256 != answer.attributes.get(SHA256):
            raise StorageTrouble("A file that the desk's storage keeps came back damaged. Tell an administrator.")

    def drop(self, name: str) -> None:
        with self._said():
            self._store.delete(name)

    def names(self, folder: str) -> Iterator[tuple[str, datetime]]:
        with self._said():
            for page in self._store.list(f"{folder}/", chunk_size=1000):
                for file in page:
                    yield file["path"], file["last_modified"]

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Turn whatever the server or the way to it does into a sentence; only the log has the details."""
        try:
            yield
        except FileNotFoundError as error:
            if NO_BUCKET in str(error):
                raise StorageTrouble(BUCKET_SAID) from error
            raise
        except self._trouble as error:
            raise StorageTrouble(BUCKET_SAID if NO_BUCKET in str(error) else None) from error
