"""Where one record ends and which cells it has: the exact rules, one byte pattern at a time.

A quote opens a cell only where the cell begins; two quotes inside stand for one; after the closing quote comes a
delimiter or the end of the line. A quote anywhere else in an unquoted cell is text: `12,5" pipe,x`. Where the reading
has an escape, the character after it is text wherever it stands, a line break too.
"""

import re
from enum import Enum, auto

from webapp.intake.reading import Reading
from webapp.intake.source import after_break

# Stands for the delimiter of a file of one column: records with this character are refused anyway.
NO_DELIMITER = "\0"
_BREAK = re.compile(rb"\r\n|\r|\n")


class State(Enum):
    """Where a walk through bytes stands."""

    DONE = auto()  # at the end of a record, or at the beginning of the next
    OPEN = auto()  # inside a quoted cell
    STRAY = auto()  # at a character that may not follow a closing quote
    ESCAPED = auto()  # inside an unquoted cell, after an escaped line break


class Grammar:
    """The record rules of one reading, over the bytes of the file."""

    def __init__(self, reading: Reading) -> None:
        encoding = reading.text_encoding
        self.comment = reading.comment.encode(encoding)
        self.escape = b"" if reading.escape == reading.quote else reading.escape.encode(encoding)
        self._delimiter = (reading.delimiter or NO_DELIMITER).encode(encoding)
        self._quote = reading.quote.encode(encoding)
        self._spaces = reading.skipinitialspace
        self._unquoted = _unquoted_pattern(self._delimiter, self.escape)
        self._quoted = _quoted_pattern(self._quote, self.escape)
        marks = b"|".join(map(re.escape, filter(None, (self._quote, self._delimiter, self.escape))))
        # Before anything else the escape is text: a path, or \\n as it was exported.
        doubled = re.escape(self._quote) * 2
        self._marked = re.compile(rb"%b(\r\n|\r|\n|%b)|%b" % (re.escape(self.escape), marks, doubled))

    def walk(
        self, data: bytes, at: int, cells: list[bytes], inside: State = State.DONE, breaks: list[int] | None = None
    ) -> tuple[State, int]:
        """Walk whole lines from index `at` to the end of the record, adding its cells; gives the index reached.

        `inside` says that `at` lies within a cell, whose beginning is then unknown. `breaks` takes the indexes after
        the escaped line breaks of unquoted cells.
        """
        while True:
            if inside is State.DONE:
                at = self._skip_spaces(data, at)
                if self._quote and data.startswith(self._quote, at):
                    inside, at = State.OPEN, at + len(self._quote)
            start = at
            if inside is State.OPEN:
                at = self._end(self._quoted, data, at)
                if at == len(data):
                    return State.OPEN, at
                cells.append(self._quoted_text(data[start:at]))
                at += len(self._quote)
            else:
                at = self._end(self._unquoted, data, at)
                cells.append(self._unquoted_text(data[start:at]))
                if self.escape and _note_breaks(data, start, at, breaks):
                    return State.ESCAPED, at
            if not data.startswith(self._delimiter, at):
                return self._finish(data, at)
            at += len(self._delimiter)
            inside = State.DONE

    def last_opening(self, line: bytes) -> int:
        """The index of the last quote in a line that stands where a cell may begin, or -1."""
        found = line.rfind(self._delimiter + self._quote) if self._quote else -1
        return found + len(self._delimiter) if found >= 0 else -1

    def count_delimiters(self, data: bytes) -> int:
        """How many delimiters there are, in quotes or not."""
        return data.count(self._delimiter)

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

    def _quoted_text(self, cell: bytes) -> bytes:
        if not self.escape:
            return cell.replace(self._quote * 2, self._quote)
        return self._marked.sub(lambda found: found[1] or self._quote, cell)

    def _unquoted_text(self, cell: bytes) -> bytes:
        if not self.escape or self.escape not in cell:
            return cell
        return self._marked.sub(lambda found: found[1] or found[0], cell)

    @staticmethod
    def _end(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
        found = pattern.match(data, at)
        return found.end() if found else at


def _unquoted_pattern(delimiter: bytes, escape: bytes) -> re.Pattern[bytes]:
    end, escaped = re.escape(delimiter), re.escape(escape)
    plain = rb"[^\r\n%b%b]" % (end, escaped) if len(delimiter) == 1 else rb"(?!%b)[^\r\n%b]" % (end, escaped)
    if escape:
        return re.compile(rb"(?:%b|%b(?:\r\n|[\s\S]|\Z))*+" % (plain, escaped))
    return re.compile(rb"(?:%b)*+" % plain if len(delimiter) > 1 else plain + rb"*+")


def _quoted_pattern(quote: bytes, escape: bytes) -> re.Pattern[bytes]:
    if not quote:
        return re.compile(b"")
    mark, escaped = re.escape(quote), re.escape(escape)
    text = rb"[^%b%b]*+" % (mark, escaped)
    pair = rb"(?:%b%b|%b(?:[\s\S]|\Z))" % (mark, mark, escaped) if escape else mark * 2
    return re.compile(rb"%b(?:%b%b)*+" % (text, pair, text))


def _note_breaks(data: bytes, start: int, end: int, breaks: list[int] | None) -> bool:
    """Whether the unquoted cell ends with the data in an escaped line break: all breaks in such a cell are escaped."""
    if breaks is not None:
        breaks += [found.end() for found in _BREAK.finditer(data, start, end)]
    return start < end == len(data) and data[end - 1] in b"\r\n"
