"""Where images go: into one archive that is written as they come, or each into a file of its own."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath, PurePosixPath
from typing import Final, Protocol

from webapp.authoring import Context, JobError
from webapp.services.images.names import Names

MOST_SINGLE: Final = 100
_DAY: Final = (1980, 1, 1, 0, 0, 0)  # the first that an archive knows: the same images make the same bytes
_READABLE: Final = 0o644 << 16


class Store(Protocol):
    """Takes images."""

    def put(self, name: str, ending: str, data: bytes) -> None:
        """Keep one under a name like this."""
        ...


class _Archive:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = Names()

    def put(self, name: str, ending: str, data: bytes) -> None:
        entry = zipfile.ZipInfo(self._names.give(name, ending), _DAY)
        entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, _READABLE
        self._archive.writestr(entry, data, compresslevel=1)


class SingleFiles:
    """Keeps each as a result of the job, under a name that begins alike."""

    def __init__(self, ctx: Context, begin: str = "") -> None:
        self._ctx = ctx
        self._begin = begin
        self._names = Names()

    def put(self, name: str, ending: str, data: bytes) -> None:
        last = PurePosixPath(name.replace("\\", "/")).name
        given = self._names.give(f"{self._begin}{last}", ending)
        with self._ctx.open_result(given) as file:
            file.write(data)


@contextmanager
def opened_store(ctx: Context, name: str, count: int, *, single: bool) -> Iterator[Store]:
    """Where the `count` images of what was handed in as `name` go.

    Raises:
        JobError: there are too many to be handed back singly.
    """
    if single and count > MOST_SINGLE:
        raise JobError(
            f"There are {count:,} files, and at most {MOST_SINGLE} are handed back singly. "
            "Run the job again and choose one ZIP archive."
        )
    if single:
        yield SingleFiles(ctx)
        return
    with opened_archive(ctx, f"{PurePath(name).stem}-changed.zip") as archive:
        yield archive


@contextmanager
def opened_archive(ctx: Context, name: str) -> Iterator[Store]:
    """An archive as a result of the job, whole or not at all."""
    with (
        ctx.open_result(name) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        yield _Archive(archive)
