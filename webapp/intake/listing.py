"""The files in an archive as a table: one row for each, read by the same `Reading` as any other table.

Rows tell files by their place in the archive's list, never by a name: names may be twins, paths or lies.
"""

import csv
import stat
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from webapp.intake.archives import ENCRYPTED, MOST_FILES, is_of_no_user, opened_entry, opened_zip
from webapp.intake.errors import DamagedFileError, EmptyFileError, IntakeError, LockedFileError, TooMuchInsideError
from webapp.intake.reading import Reading

FILES, FILE = "files", "file"
"""What `Reading.container` says of a list of the files in an archive, and of one with a file by itself."""
LISTS = frozenset({FILES, FILE})
COLUMNS = ("file", "bytes")
MOST_IN_ONE = 1024**3
MOST_IN_ALL = 1024**3  # or as many times the archive's own size as one file may have
MOST_TIMES = 100
FREE_BYTES = 64 * 1024**2
LONGEST_NAME = 300
IN_MEMORY = 32 * 1024**2
_CHUNK = 1024**2
_ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
_LOCAL_HEADER = 30  # bytes, and the name
_ZIP = "ZIP archive"
_BOMB = "unpacks to far more than it holds, as a file made to do harm does"
_DAMAGED = "is damaged in the archive: what comes out is not what was put in"
_HARMFUL = "It is made so that it unpacks to far more than it holds. Make the archive again from the files themselves."


class UnusableFileError(Exception):
    """A file of an archive that can't be taken out; the message completes a sentence that begins with the file."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file in an archive: its name fit to be shown, and its size as the archive says it."""

    name: str
    size: int


def reading_of_files(path: Path, name: str) -> Reading:
    """How the list of what is in a file called `name` is read; told by its bytes whether that is an archive.

    Raises:
        IntakeError: it is empty, or an archive that is damaged, locked as a whole or made to do harm.
    """
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise EmptyFileError
    kind = FILES if head in _ZIPS else FILE
    reading = Reading("utf-8", ",", '"', 1, 2, COLUMNS, container=kind, sheet="" if kind == FILES else name)
    _require_usable(path, reading)
    return reading


def write_listing(path: Path, reading: Reading, target: Path) -> None:
    """Write the list of the files as the table that `reading` reads."""
    with target.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(
            [COLUMNS, *((each.name, each.size) for each in listed(path, reading))]
        )


def listed(path: Path, reading: Reading) -> list[Listed]:
    """The files in their order; the first is row 1."""
    if reading.container == FILE:
        return [Listed(shown_name(reading.sheet), path.stat().st_size)]
    with opened_zip(path) as archive:
        return [Listed(shown_name(entry.filename), entry.file_size) for entry in _entries(archive)]


def problems_of(path: Path, reading: Reading) -> dict[int, str]:
    """The rows whose files can't be taken out, by what the archive says of them; others may prove to be damaged."""
    if reading.container == FILE:
        return {}
    with opened_zip(path) as archive:
        found = {row: _problem(entry) for row, entry in enumerate(_entries(archive), start=1)}
    return {row: problem for row, problem in found.items() if problem}


@contextmanager
def opened_file(path: Path, reading: Reading, row: int) -> Iterator[BinaryIO]:
    """The bytes of one of the files, which all came out whole.

    Raises:
        UnusableFileError: they did not.
    """
    if reading.container == FILE:
        with path.open("rb") as file:
            yield file
        return
    with opened_zip(path) as archive, SpooledTemporaryFile(IN_MEMORY) as out:
        _pour(archive, _entries(archive)[row - 1], cast("BinaryIO", out))
        out.seek(0)
        yield cast("BinaryIO", out)


def _pour(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, out: BinaryIO) -> None:
    if problem := _problem(entry):
        raise UnusableFileError(problem)
    try:
        with opened_entry(archive, entry, _ZIP, entry.compress_size) as source:
            while data := source.read(_CHUNK):
                out.write(data)
    except TooMuchInsideError as error:
        raise UnusableFileError(_BOMB) from error
    except IntakeError as error:
        raise UnusableFileError(_DAMAGED) from error


def shown_name(name: str) -> str:
    """A name as a page may show it: nothing in it that can't be seen or turns the text around."""
    seen = "".join(
        "\ufffd" if unicodedata.category(each)[0] == "C" or each in "\u2028\u2029" else each for each in name
    )
    return seen if len(seen) <= LONGEST_NAME else f"…{seen[-LONGEST_NAME + 1 :]}"


def _entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [entry for entry in archive.infolist() if not entry.is_dir() and not is_of_no_user(entry.filename)]


def _problem(entry: zipfile.ZipInfo) -> str:
    """Why an entry is not even opened, by what the archive says of it."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG}:
        return "is a link or a device, not a file"
    if entry.flag_bits & ENCRYPTED:
        return "is locked with a password: put it into the archive without one"
    if not entry.file_size:
        return "is empty"
    if entry.file_size > max(FREE_BYTES, MOST_TIMES * entry.compress_size):
        return _BOMB
    if entry.file_size > MOST_IN_ONE:
        return "is larger than 1 GB unpacked, which is the most that is taken out"
    return ""


def _require_usable(path: Path, reading: Reading) -> None:
    """Refuse an archive that no file of should be taken out.

    Raises:
        IntakeError: says why.
    """
    if reading.container == FILE:
        return
    with opened_zip(path) as archive:
        entries = _entries(archive)
    if not entries:
        raise EmptyArchiveError
    if len(entries) > MOST_FILES:
        raise TooMuchInsideError(_ZIP, f"It holds more than {MOST_FILES:,} files. Make several archives of them.")
    if all(entry.flag_bits & ENCRYPTED for entry in entries):
        raise LockedFileError(_ZIP)
    if min(entry.header_offset for entry in entries) < 0:
        raise DamagedFileError(_ZIP)
    total = sum(entry.file_size for entry in entries)
    if _overlap(entries) or total > max(MOST_IN_ALL, MOST_TIMES * path.stat().st_size):
        raise TooMuchInsideError(_ZIP, _HARMFUL)


def _overlap(entries: list[zipfile.ZipInfo]) -> bool:
    """Whether files share bytes, so that little is unpacked over and over."""
    places = sorted((entry.header_offset, entry.compress_size, len(entry.orig_filename)) for entry in entries)
    ends = [offset + _LOCAL_HEADER + name + size for offset, size, name in places]
    return any(end > place[0] for end, place in zip(ends, places[1:], strict=False))


class EmptyArchiveError(IntakeError):
    """An archive without files."""

    code = "empty_archive"

    def __init__(self) -> None:
        super().__init__("There is no file in this ZIP archive. Put the files into it, and choose it again.")
