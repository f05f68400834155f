"""CSV: UTF-8, quotes where they are needed."""

import csv
import io
from collections.abc import Callable, Sequence
from typing import BinaryIO

from webapp.intake import csv_line


class CsvOutput:
    """Rows as lines of text, the header first; `delimiter` is one of `DELIMITERS`.

    `protect` changes each cell on the way into a spreadsheet.
    """

    longest_cell: int | None = None

    def __init__(
        self,
        target: BinaryIO,
        columns: Sequence[str],
        protect: Callable[[str], str] | None = None,
        *,
        begin: bytes = b"",
        delimiter: str = ",",
    ) -> None:
        self._target = target
        self._protect = protect
        self._delimiter = delimiter
        self.longest_write = 0
        """Bytes of the largest piece written at once: no record is longer."""
        self._target.write(begin)
        self.rows = -1  # so that the header makes it 0
        self.write([columns])

    def write(self, rows: Sequence[Sequence[str]]) -> None:
        """Add rows."""
        lines = _protected(rows, self._delimiter, self._protect) if self._protect else _plain(rows, self._delimiter)
        piece = lines.encode()
        self._target.write(piece)
        self.longest_write = max(self.longest_write, len(piece))
        self.rows += len(rows)


def _plain(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _protected(rows: Sequence[Sequence[str]], delimiter: str, protect: Callable[[str], str]) -> str:
    return "".join([csv_line([protect(cell) for cell in row], delimiter) for row in rows])
