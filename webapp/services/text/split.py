"""A text in several files, in a ZIP; put together again they are the text."""

import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import BinaryIO

from webapp.authoring import JobError
from webapp.services.text.source import TextSource, encoded

MOST_PARTS = 10_000
_AT_ONCE = 1024 * 1024

Begins = Callable[[str, int, int], bool]
"""Whether a line begins another part: its text, and how many lines and bytes the part has already."""


def by_lines(most: int) -> Begins:
    """So many lines to a part."""
    return lambda _line, lines, _bytes: lines >= most


def by_size(most: int) -> Begins:
    """At most so many bytes to a part, unless a single line has more."""
    return lambda line, _lines, size: size + len(encoded(line)) > most


def by_separator(separator: str) -> Begins:
    """A line that begins with the separator begins a part."""
    return lambda line, _lines, _bytes: line.startswith(separator)


def split(source: TextSource, begins: Begins, target: BinaryIO, name: tuple[str, str], made_at: datetime) -> int:
    """Write the parts; how many they are. `name` is what stands before and behind their numbers.

    Raises:
        JobError: they are too many.
    """
    parts = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in _parts(source.lines(), begins):
            parts += 1
            if parts > MOST_PARTS:
                raise JobError(f"The text would be split into more than {MOST_PARTS:,} files. Choose larger ones.")
            info = zipfile.ZipInfo(f"{name[0]}-{parts:04}{name[1]}", made_at.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=True) as file:
                for piece in part:
                    file.write(piece)
    return parts


def _parts(lines: Iterator[tuple[str, str]], begins: Begins) -> Iterator[Iterator[bytes]]:
    """Each part as pieces of bytes; one has to be read to its end before the next is asked for."""
    waiting = next(lines, None)

    def part() -> Iterator[bytes]:
        nonlocal waiting
        count = size = held = 0
        pieces: list[bytes] = []
        while waiting is not None:
            whole = encoded("".join(waiting))
            pieces.append(whole)
            count, size, held = count + 1, size + len(whole), held + len(whole)
            if held >= _AT_ONCE:
                yield b"".join(pieces)
                pieces, held = [], 0
            waiting = next(lines, None)
            if waiting is not None and begins("".join(waiting), count, size):
                break
        yield b"".join(pieces)

    while waiting is not None:
        yield part()
