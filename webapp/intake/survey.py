"""What the bytes of a whole file say of its encoding, seen a piece at a time in bounded memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

PIECE_BYTES = 1024 * 1024
WHOLE_BYTES = 128 * PIECE_BYTES
_PIECES = 128
_KEPT_BYTES = 256 * 1024
_LONGEST_KEPT = 4 * 1024
_LONGEST_CHARACTER = 4
_MOST_LINES = 50_000
_MOST_BAD_BYTES = 1_000_000
_ASCII = bytes(range(0x80))
_ESCAPE = b"\x1b"


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """A file of up to 128 MiB, whole; of a larger one its head, its tail and 126 pieces evenly between them.

    A piece has about a MiB and ends where a line does, or where a character does in a line longer than that.
    """
    size = file.seek(0, 2)
    if size <= WHOLE_BYTES:
        file.seek(0)
        yield from _all_pieces(file)
        return
    for number in range(_PIECES):
        file.seek(number * (size - PIECE_BYTES) // (_PIECES - 1))
        data = file.read(PIECE_BYTES)
        start = data.find(b"\n") + 1 if number else 0
        yield data[start : _end(data)] if number < _PIECES - 1 else data[start:]


def _all_pieces(file: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while data := file.read(PIECE_BYTES):
        data = rest + data
        end = _end(data)
        yield data[:end]
        rest = data[end:]
    if rest:
        yield rest


def _end(data: bytes) -> int:
    """The index after the last line break; where there is none, an index that cuts no character of UTF-8."""
    return data.rfind(b"\n") + 1 or data.rfind(b"\r") + 1 or _before_last_character(data)


def _before_last_character(data: bytes) -> int:
    for end in range(len(data) - 1, max(len(data) - _LONGEST_CHARACTER, 0), -1):
        if not 0x80 <= data[end] <= 0xBF:  # noqa: PLR2004 - what follows the first byte of a character
            return end
    return len(data)


@dataclass(slots=True)
class Glance:
    """The quick look: whether all is UTF-8, whether there is more than ASCII, and whether an escape character."""

    is_utf8: bool = True
    is_ascii: bool = True
    has_escape: bool = False


def glance(parts: Iterable[bytes]) -> Glance:
    """Look as far as the first byte that is not UTF-8."""
    seen = Glance()
    for part in parts:
        if part.isascii():
            seen.has_escape = seen.has_escape or _ESCAPE in part
            continue
        seen.is_ascii = False
        try:
            part.decode()
        except UnicodeDecodeError:
            seen.is_utf8 = False
            break
    return seen


@dataclass(slots=True)
class Evidence:
    """Of the first 50,000 lines with more than ASCII: how many are UTF-8, and 256 KiB of different ones that are not.

    `bad_bytes` counts on where most of these lines are UTF-8.
    """

    good_lines: int = 0
    bad_lines: int = 0
    bad_bytes: int = 0
    foreign: dict[bytes, None] = field(default_factory=dict)
    _kept: int = 0

    @property
    def is_utf8(self) -> bool:
        """Whether most lines are."""
        return self.good_lines >= self.bad_lines

    def add(self, part: bytes) -> bool:
        """Take another piece into account; gives whether more of them may tell more."""
        if part.isascii():
            return True
        if self.good_lines + self.bad_lines >= _MOST_LINES or self.bad_bytes >= _MOST_BAD_BYTES:
            self.bad_bytes += _bad_bytes(part)
            return self.is_utf8
        bad = _bad_bytes(part)
        self.bad_bytes += bad
        for line in part.splitlines():
            if not line.isascii():
                self._add_line(line, bad=bool(bad))
        return True

    def _add_line(self, line: bytes, *, bad: bool) -> None:
        if not bad or not _bad_bytes(line):
            self.good_lines += 1
            return
        self.bad_lines += 1
        if len(line) > _LONGEST_KEPT:
            line = line.lstrip(_ASCII)[:_LONGEST_KEPT]
        if self._kept < _KEPT_BYTES and line not in self.foreign:
            self.foreign[line] = None
            self._kept += len(line)


def gather(parts: Iterable[bytes]) -> Evidence:
    """Look at them as long as they tell more."""
    evidence = Evidence()
    for part in parts:
        if not evidence.add(part):
            break
    return evidence


def _bad_bytes(data: bytes) -> int:
    """How many bytes are not UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        # A bad byte comes out as one of two bytes less in UTF-8 than the surrogate it becomes.
        text = data.decode("utf-8", "surrogateescape")
        return (len(text.encode("utf-8", "surrogatepass")) - len(data)) // 2
    return 0
