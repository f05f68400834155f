"""A file's text as UTF-8 where records cannot be read from it directly."""

import codecs
import os
from pathlib import Path
from uuid import uuid4

from webapp.intake.decode import MARK_BAD
from webapp.intake.reading import READ_IN_PLACE, Reading

_CHUNK = 1024 * 1024


def prepare(path: Path, reading: Reading, copy: Path) -> Path:
    """The file that records are read from: `path` itself, or `copy`, its text as UTF-8.

    The copy is made where a line break or delimiter byte may be part of another character (UTF-16, UTF-32). What is
    not valid there becomes an invalid byte in the copy, so that its record is refused and its neighbours are not.
    An existing copy is taken as it is: it only ever appears whole.
    """
    if reading.encoding in READ_IN_PLACE:
        return path
    if not copy.exists():
        part = copy.with_name(f"{copy.name}.{uuid4().hex}.part")  # its own for each thread that makes one at once
        try:
            transcode(path, reading.encoding, part)
            part.replace(copy)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(copy.parent)
    return copy


def transcode(path: Path, encoding: str, target: Path, limit: int | None = None) -> None:
    """Write the text of `path` (its first `limit` bytes) to `target` as UTF-8 without a byte order mark."""
    decoder = codecs.getincrementaldecoder(encoding)(MARK_BAD)
    left = path.stat().st_size if limit is None else limit
    first = True
    with path.open("rb") as source, target.open("wb") as out:
        while True:
            data = source.read(min(_CHUNK, left))
            left -= len(data)
            text = decoder.decode(data, final=not data)
            if first and text:
                text = text.removeprefix("\ufeff")
                first = False
            out.write(text.encode("utf-8", "surrogateescape"))
            if not data:
                break
        out.flush()
        os.fsync(out.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
