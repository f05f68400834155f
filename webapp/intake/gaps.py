"""Lines between the rows that are no rows: blank ones, those of delimiters only, the header once more."""

import re
from collections.abc import Sequence

from webapp.intake.reading import Reading
from webapp.intake.source import Source

_BREAKS = b"\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Gaps:
    """Tells such lines from records. Spreadsheets write blank rows as delimiters, reports repeat their header."""

    def __init__(self, reading: Reading, source: Source | None = None) -> None:
        """Prepare for a reading; `source` is only needed where the header may be repeated."""
        self._encoding = reading.text_encoding
        self._several = len(reading.columns) > 1
        self._delimiter = reading.delimiter.encode(self._encoding) if self._several else b""
        self._header = _header_line(reading, source) if source and reading.repeated_header else b""
        marks = re.escape(self._delimiter)
        self._blank = re.compile(rb"(?:%b|[ \t])++\Z" % marks) if marks else re.compile(rb"[ \t]++\Z")
        self._blank_inside = re.compile(rb"\n%b(?:%b|[ \t])*+\r?\n" % (marks, marks)) if marks else None

    def is_gap(self, line: bytes) -> bool:
        """Whether a physical line, which begins a record, is none."""
        text = line.strip(_BREAKS)
        if not text or (self._several and not text.strip(b" \t")):
            return True
        if self._header and text == self._header:
            return True
        return bool(self._delimiter) and text.startswith(self._delimiter) and bool(self._blank.match(text))

    def may_be_in(self, block: bytes) -> bool:
        """Whether a block of whole lines may hold a line of delimiters, or the header."""
        if self._header and self._header in block:
            return True
        if not self._delimiter or not self._blank_inside:
            return False
        if block.startswith(self._delimiter) or b"\r" + self._delimiter in block:
            return True
        if b"\n" + self._delimiter not in block:  # quicker than the pattern, and nearly always enough
            return False
        last = block.rfind(b"\n", 0, len(block) - 1) + 1
        return bool(self._blank_inside.search(block)) or block.startswith(self._delimiter, last)

    def lines_in(self, block: bytes, texts: Sequence[str]) -> list[int]:
        """The lines of a block that are gaps, unless they lie within a quoted cell."""
        if not self.may_be_in(block):
            return []
        marks = tuple(mark.decode(self._encoding) for mark in (self._delimiter, self._header) if mark)
        found = (index for index, text in enumerate(texts) if text.startswith(marks))
        return [index for index in found if self.is_gap(texts[index].encode(self._encoding, "surrogateescape"))]


def _header_line(reading: Reading, source: Source) -> bytes:
    line = source.line(source.start_of_line(reading.header_line, 0))
    return line.removeprefix(_BYTE_ORDER_MARK).strip(_BREAKS)
