"""The seam for a place that keeps whole files for all machines, when the desk's own folder is only a cache of it.

Adding one is adding a file with what `Vault` asks for, and its word at the beginning of an address here.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol


class MissingStorageError(Exception):
    """The setting names a storage, and what speaks to it is not installed."""


class Vault(Protocol):
    """Keeps whole files under names such as `uploads/ID`. A file is never changed under its name.

    Whatever does not work raises `StorageTrouble`: it may be tried again.
    """

    def put(self, name: str, path: Path, sha256: str) -> None:
        """Keep a file; when this returns, every machine finds it. Doing it twice is harmless."""
        ...

    def fetch(self, name: str, path: Path) -> None:
        """Write a file to `path`, byte for byte as it was put.

        Raises:
            FileNotFoundError: there is none of this name.
            NoSpace: the disk here is full.
        """
        ...

    def drop(self, name: str) -> None:
        """Keep a file no longer, if there is one."""
        ...

    def names(self, folder: str) -> Iterator[tuple[str, datetime]]:
        """What is kept under names that begin with `folder/`, and since when."""
        ...


def open_vault(address: str | None) -> Vault | None:
    """The storage at an address; None if there is no address.

    Raises:
        MissingStorageError: what speaks to it is not installed.
    """
    if address is None:
        return None
    from webapp.store.s3 import S3  # noqa: PLC0415 (a desk without it need not have it installed)

    return S3(address)
