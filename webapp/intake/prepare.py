"""The text that records are read from, where that is not the file itself: unpacked, or as UTF-8."""

import codecs
import hashlib
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from webapp.intake.archives import opened_member
from webapp.intake.decode import MARK_BAD
from webapp.intake.listing import LISTS, write_listing
from webapp.intake.reading import READ_IN_PLACE, Reading
from webapp.intake.workbook import write_sheet

_CHUNK = 1024 * 1024


class Readable(Protocol):
    """What gives bytes, none of them at its end."""

    def read(self, size: int, /) -> bytes: ...


def prepare(path: Path, reading: Reading, copy: Path) -> Path:
    """The file that records are read from: `path` itself, or a copy beside `copy` whose name begins with that name.

    A copy is made of what lies in an archive or workbook, and of text in which a line break or delimiter byte may be
    part of another character. What is not valid text there becomes an invalid byte in the copy, so that its record is
    refused and its neighbours are not. Each way to read the file has a copy of its own, which is made once and only
    ever appears whole.

    Raises:
        IntakeError: what is inside cannot be unpacked.
    """
    if not reading.container and reading.encoding in READ_IN_PLACE:
        return path
    target = copy_of(copy, reading.container, reading.sheet, reading.encoding)
    if reading.container == "workbook":
        make_whole(target, lambda part: write_sheet(path, reading.sheet, part))
    elif reading.container in LISTS:
        make_whole(target, lambda part: write_listing(path, reading, part))
    else:
        make_whole(target, lambda part: _write_text(path, reading, part))
    return target


def copy_of(copy: Path, container: str, sheet: str, encoding: str) -> Path:
    """Where the copy belongs that is made in this way."""
    read_as = "" if container == "workbook" or encoding in READ_IN_PLACE else encoding
    way = hashlib.sha256(f"{container}\0{sheet}\0{read_as}".encode("utf-8", "surrogatepass"))
    return copy.with_name(f"{copy.name}.{way.hexdigest()[:16]}")


def make_whole(target: Path, write: Callable[[Path], object]) -> None:
    """Have a file written, unless it is there, so that it appears whole and durable or not at all."""
    if target.exists():
        return
    part = target.with_name(f"{target.name}.{uuid4().hex}.part")  # its own for each thread that makes one at once
    try:
        write(part)
        _sync(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    _sync(target.parent)


def pour(source: Readable, target: Path, most: int | None = None) -> bool:
    """Write bytes, but no more than the first `most`, to a file; whether these are all."""
    left = most
    with target.open("wb") as out:
        while data := source.read(_CHUNK if left is None else min(_CHUNK, left + 1)):
            out.write(data if left is None else data[:left])
            if left is not None and len(data) > left:
                return False
            left = None if left is None else left - len(data)
    return True


def transcode(path: Path, encoding: str, target: Path, limit: int | None = None) -> None:
    """Write the text of `path` (its first `limit` bytes) to `target` as UTF-8 without a byte order mark."""
    with path.open("rb") as source:
        _pour_text(source, encoding, target, path.stat().st_size if limit is None else limit)


def _write_text(path: Path, reading: Reading, target: Path) -> None:
    with _opened(path, reading) as source:
        if reading.encoding in READ_IN_PLACE:
            pour(source, target)
        else:
            _pour_text(source, reading.encoding, target)


def _opened(path: Path, reading: Reading) -> AbstractContextManager[Readable]:
    return opened_member(path, reading.container, reading.sheet) if reading.container else path.open("rb")


def _pour_text(source: Readable, encoding: str, target: Path, limit: int | None = None) -> None:
    decoder = codecs.getincrementaldecoder(encoding)(MARK_BAD)
    left = limit
    first = True
    with target.open("wb") as out:
        while True:
            data = source.read(_CHUNK if left is None else min(_CHUNK, left))
            left = None if left is None else left - len(data)
            text = decoder.decode(data, final=not data)
            if first and text:
                text = text.removeprefix("\ufeff")
                first = False
            out.write(text.encode("utf-8", "surrogateescape"))
            if not data:
                break


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
