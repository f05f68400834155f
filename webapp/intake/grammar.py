"""Where one record ends and which cells it has: the exact rules, one byte pattern at a time.

A quote opens a cell only where the cell begins; two quotes inside stand for one; after the closing quote comes a
delimiter or the end of the line. A quote anywhere else in an unquoted cell is text: `12,5" pipe,x`.
"""

import re
from enum import Enum, auto

from webapp.intake.reading import Reading
from webapp.intake.source import after_break

# Stands for the delimiter of a file of one column: records with this character are refused anyway.
NO_DELIMITER = "\0"


class State(Enum):
    """How a walk through bytes ended."""

    DONE = auto()  # at the end of the record
    OPEN = auto()  # inside a quoted cell, the bytes used up
    STRAY = auto()  # at a character that may not follow a closing quote


class Grammar:
    """The record rules of one reading, over the bytes of the file."""

    def __init__(self, reading: Reading) -> None:
        self.encoding = reading.text_encoding
        self._delimiter = (reading.delimiter or NO_DELIMITER).encode(self.encoding)
        self._quote = reading.quote.encode(self.encoding)
        self._spaces = reading.skipinitialspace
        delimiter = re.escape(self._delimiter)
        self._unquoted = re.compile(
            rb"[^\r\n%b]*+" % delimiter if len(self._delimiter) == 1 else rb"(?:(?!%b)[^\r\n])*+" % delimiter,
        )
        quote = re.escape(self._quote)
        self._quoted = re.compile(rb"[^%b]*+(?:%b%b[^%b]*+)*+" % (quote, quote, quote, quote) if quote else b"")

    def walk(self, data: bytes, at: int, cells: list[bytes], *, inside: bool = False) -> tuple[State, int]:
        """Walk whole lines from index `at` to the end of the record, adding its cells; gives the index reached.

        `inside` says that `at` lies within a quoted cell, whose beginning is then unknown.
        """
        start = at
        while True:
            if not inside:
                start = at = self._skip_spaces(data, at)
                inside = bool(self._quote) and data.startswith(self._quote, at)
                at += inside
            if inside:
                start, at = at, self._end(self._quoted, data, at)
                if at == len(data):
                    return State.OPEN, at
                cells.append(data[start:at].replace(self._quote * 2, self._quote))
                at += 1
            else:
                at = self._end(self._unquoted, data, at)
                cells.append(data[start:at])
            if not data.startswith(self._delimiter, at):
                return self._finish(data, at)
            at += len(self._delimiter)
            inside = False

    def _finish(self, data: bytes, at: int) -> tuple[State, int]:
        if at == len(data):
            return State.DONE, at
        if data[at] in b"\r\n":
            return State.DONE, after_break(data, at)
        return State.STRAY, at

    def _skip_spaces(self, data: bytes, at: int) -> int:
        while self._spaces and data.startswith(b" ", at):
            at += 1
        return at

    @staticmethod
    def _end(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
        found = pattern.match(data, at)
        return found.end() if found else at
