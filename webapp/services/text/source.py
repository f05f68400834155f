"""A text file, decoded a piece at a time in bounded memory."""

import codecs
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from webapp.authoring import JobError
from webapp.intake import NotATableError
from webapp.intake.decode import Judgement, judge_encoding
from webapp.intake.not_tables import refuse_other_files

PIECE = 1024 * 1024
LONGEST_LINE = 10_000_000
_HEAD = 4096
_MARK = "\ufeff"
_END = re.compile(r"(\r\n|\n|\r)")

Tick = Callable[[int, int], None]
"""Is told how many bytes of how many are read."""


class TextSource:
    """The file's text. Bytes that are no text of a UTF-8 file stay what they are; of others they become U+FFFD."""

    def __init__(self, path: Path, tick: Tick) -> None:
        """Look at the file.

        Raises:
            JobError: it is no text.
        """
        self._path = path
        self._tick = tick
        self.size = path.stat().st_size
        self.judged = _judge(path)
        self.encoding = self.judged.encoding

    def pieces(self) -> Iterator[str]:
        """The text in pieces of about a MiB, cut anywhere, without a byte order mark."""
        errors = "surrogateescape" if self.encoding == "utf-8" else "replace"
        decoder = codecs.getincrementaldecoder(self.encoding)(errors)
        done, first = 0, True
        with self._path.open("rb") as file:
            while data := file.read(PIECE):
                done += len(data)
                text = decoder.decode(data)
                if first and text:
                    text, first = text.removeprefix(_MARK), False
                yield text
                self._tick(done, self.size)
        yield decoder.decode(b"", final=True)

    def lines(self) -> Iterator[tuple[str, str]]:
        """Each line and what ends it: one or two characters, or nothing behind the last.

        Raises:
            JobError: a line is too long to be kept in memory.
        """
        rest, number = "", 1
        for piece in self.pieces():
            text = rest + piece
            held = "\r" if text.endswith("\r") else ""  # the other half of its end may come
            parts = _END.split(text[: len(text) - len(held)])
            rest = parts.pop() + held
            number += len(parts) // 2
            if len(rest) > LONGEST_LINE:
                raise JobError(
                    f"Line {number:,} is longer than {LONGEST_LINE:,} characters. Only counting can be done here."
                )
            yield from zip(parts[::2], parts[1::2], strict=True)
        if rest.endswith("\r"):
            yield rest[:-1], "\r"
        elif rest:
            yield rest, ""


class TextWriter:
    """Writes many small texts as UTF-8, a MiB or so at a time."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._held: list[str] = []
        self._length = 0

    def write(self, text: str) -> None:
        """Add some text."""
        self._held.append(text)
        self._length += len(text)
        if self._length >= PIECE:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        self._target.write(encoded("".join(self._held)))
        self._held, self._length = [], 0


def encoded(text: str) -> bytes:
    """The text as UTF-8; bytes that were no text are what they were."""
    return text.encode("utf-8", "surrogateescape")


def _judge(path: Path) -> Judgement:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    try:
        refuse_other_files(head)
        judged = judge_encoding(path)
    except NotATableError:
        raise JobError("This is no text file: it is in the form of another program. Export it as text there.") from None
    if b"\0" in head and not judged.encoding.startswith(("utf-16", "utf-32")):
        raise JobError("This is no text file: it holds NUL characters, which text never has.")
    return judged
