"""A file as whole physical lines: a line ends with LF, CRLF or CR."""

from typing import BinaryIO

BLOCK_BYTES = 64 * 1024
LONGEST_LINE = 32 * 1024 * 1024


class LineTooLongError(ValueError):
    """The line at the offset asked for is longer than `LONGEST_LINE` bytes."""


def after_break(data: bytes, at: int) -> int:
    """The index after the line break that stands at `at`."""
    return at + 2 if data.startswith(b"\r\n", at) else at + 1


class Source:
    """Reads an open binary file at any offset in blocks of whole lines, in bounded memory.

    At byte `end`, if given, it comes to its end.
    """

    def __init__(self, file: BinaryIO, end: int = 0) -> None:
        self._file = file
        self._end = end
        self._base = 0
        self._block = b""
        self._too_long = -1

    def block(self, offset: int) -> bytes:
        """At least one whole line from `offset` (a line's start) on; empty at the end of the file.

        Raises:
            LineTooLongError: the line there has more than `LONGEST_LINE` bytes.
        """
        self._base, self._block = offset, self._read_lines(offset)
        return self._block

    def line(self, offset: int) -> bytes:
        """The physical line at `offset` with its line break; empty at the end of the file.

        Raises:
            LineTooLongError: it has more than `LONGEST_LINE` bytes.
        """
        block, start = self.window(offset)
        found = _find_break(block, start)
        return block[start : after_break(block, found) if found >= 0 else len(block)]

    def window(self, offset: int) -> tuple[bytes, int]:
        """A block of whole lines and the index in it of the line at `offset`; an empty one at the end of the file.

        Raises:
            LineTooLongError: the line there has more than `LONGEST_LINE` bytes.
        """
        start = offset - self._base
        if 0 <= start < len(self._block):
            return self._block, start
        return self.block(offset), 0

    def start_of_line(self, number: int, offset: int) -> int:
        """The offset of physical line `number`, line 1 being at `offset`; the file's end if there is none."""
        for _ in range(number - 1):
            offset = self.end_of_line(offset)
        return offset

    def end_of_line(self, offset: int) -> int:
        """The offset after the physical line at `offset`, however long it is."""
        try:
            return offset + len(self.line(offset))
        except LineTooLongError:
            return self._end_of_long_line(offset)

    def bytes_at(self, offset: int, length: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(max(min(length, self._end - offset), 0) if self._end else length)

    def _read_lines(self, offset: int) -> bytes:
        if offset == self._too_long:
            raise LineTooLongError
        data, wanted = b"", BLOCK_BYTES
        while True:
            more = self.bytes_at(offset + len(data), wanted)
            data += more
            at_end = len(more) < wanted
            end = len(data) if at_end else _last_line_end(data)
            wanted = min(len(data), LONGEST_LINE + 1 - len(data))
            if end or at_end or not wanted:
                break
        if len(data) > LONGEST_LINE:
            found = _find_break(data, 0)
            if found < 0 or after_break(data, found) > LONGEST_LINE:
                self._too_long = offset
                raise LineTooLongError
        return data[:end]

    def _end_of_long_line(self, offset: int) -> int:
        while data := self.bytes_at(offset, BLOCK_BYTES):
            found = _find_break(data, 0)
            if found >= 0:
                return offset + found + after_break(self.bytes_at(offset + found, 2), 0)
            offset += len(data)
        return offset


def _last_line_end(data: bytes) -> int:
    """The index after the last line break that is surely whole: a CR at the very end may be half of a CRLF."""
    return data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, len(data) - 1) + 1


def _find_break(data: bytes, start: int) -> int:
    """The index of the first CR or LF from `start` on, or -1."""
    feed = data.find(b"\n", start)
    carriage = data.find(b"\r", start, feed if feed >= 0 else len(data))
    return carriage if carriage >= 0 else feed
