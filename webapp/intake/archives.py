"""Compressed files: which files are in one, and the bytes of one of them, as many as are safe to unpack."""

import gzip
import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from webapp.intake.errors import DamagedFileError, LockedFileError, NotATableError, TooMuchInsideError

MOST_BYTES = 16 * 1024**3
MOST_TIMES = 100  # as many bytes come out of one, once there are more than
FREE_BYTES = 64 * 1024**2
MOST_FILES = 10_000
_MOST_AT_ONCE = 2 * 1024**2
ENCRYPTED = 0x1
_WHAT = {"gzip": "compressed file (gzip)", "zip": "ZIP archive"}
_OF_NO_USER = re.compile(r"(?:\A|/)(?:__MACOSX/|\.DS_Store\Z|Thumbs\.db\Z|desktop\.ini\Z|\._[^/]*\Z)")
_BOMB = "It unpacks to far more than it holds, as a file made to do harm does. Unpack it yourself, and choose the file."
_CROWD = f"It holds more than {MOST_FILES:,} files. Unpack it, and choose the CSV file inside."
_READING = (zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error, RuntimeError, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: `size` as the archive says it, in bytes, which need not be true."""

    name: str
    size: int


class _ShortReads(io.FileIO):
    """The list of files in an archive is read in one go, as long as the archive says that it is."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > _MOST_AT_ONCE:
            raise TooMuchInsideError(_WHAT["zip"], _CROWD)
        return super().read(size) or b""


class Bounded(io.RawIOBase):
    """What comes out of an archive, as long as it is neither more than `MOST_BYTES` nor a bomb.

    It looks at the bytes that came out, never at the size that the archive claims.
    """

    def __init__(self, source: io.BufferedIOBase | IO[bytes], what: str, packed: int) -> None:
        super().__init__()
        self._source = source
        self._what = what
        self._most = min(MOST_BYTES, max(FREE_BYTES, MOST_TIMES * packed))
        self._came = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Up to `size` bytes.

        Raises:
            DamagedFileError: it cannot be unpacked, or is not what its checksum says.
            TooMuchInsideError: too many bytes came out.
        """
        try:
            data = self._source.read(-1 if size is None else size)
        except _READING as error:
            raise DamagedFileError(self._what) from error
        self._came += len(data)
        if self._came > self._most:
            raise TooMuchInsideError(self._what, _BOMB)
        return data


def is_of_no_user(name: str) -> bool:
    """Whether a computer put the file there unasked."""
    return bool(_OF_NO_USER.search(name))


def members_of(path: Path) -> list[Member]:
    """The files in a ZIP archive, in its order: not folders, nor what computers put there unasked.

    Raises:
        DamagedFileError: it cannot be read.
        TooMuchInsideError: it has more than `MOST_FILES` files.
        NotATableError: there is no file in it.
    """
    with opened_zip(path) as archive:
        members = [Member(entry.filename, entry.file_size) for entry in _files(archive)]
    if len(members) > MOST_FILES:
        raise TooMuchInsideError(_WHAT["zip"], _CROWD)
    if not members:
        raise NotATableError("an empty ZIP archive")
    return members


@contextmanager
def opened_member(path: Path, kind: str, name: str = "") -> Iterator[Bounded]:
    """The bytes of the file `name` in a "zip" archive, or of the one in a "gzip" file.

    Raises:
        DamagedFileError: there is no such file.
        LockedFileError: it is encrypted.
    """
    packed = path.stat().st_size
    if kind == "gzip":
        with gzip.open(path) as only:
            yield Bounded(only, _WHAT[kind], packed)
        return
    with opened_zip(path) as archive:
        entry = next((entry for entry in _files(archive) if entry.filename == name), None)
        if entry is None:
            raise DamagedFileError(_WHAT[kind])
        with opened_entry(archive, entry, _WHAT[kind], packed) as source:
            yield source


@contextmanager
def opened_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, what: str, packed: int) -> Iterator[Bounded]:
    """The bytes of one file in an archive of `packed` bytes.

    Raises:
        LockedFileError: it is encrypted.
        DamagedFileError: it cannot be unpacked.
    """
    if entry.flag_bits & ENCRYPTED:
        raise LockedFileError(what)
    try:
        source = archive.open(entry)
    except _READING as error:
        raise DamagedFileError(what) from error
    with source:
        yield Bounded(source, what, min(packed, entry.compress_size))


@contextmanager
def opened_zip(path: Path, what: str = _WHAT["zip"]) -> Iterator[zipfile.ZipFile]:
    """A ZIP archive whose list of files is of a bearable length.

    Raises:
        DamagedFileError: it cannot be read.
        TooMuchInsideError: its list of files is too long.
    """
    with _ShortReads(path) as file:
        try:
            archive = zipfile.ZipFile(file)
        except (*_READING, ValueError) as error:
            raise DamagedFileError(what) from error
        with archive:
            yield archive


def _files(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [
        entry
        for entry in archive.infolist()
        if not entry.is_dir()
        and not is_of_no_user(entry.filename)
        and not stat.S_ISLNK(entry.external_attr >> 16)
        and (entry.file_size or entry.compress_size)
    ]
