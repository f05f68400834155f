"""The error values in an XLS workbook, which the library that reads it takes for empty cells."""

import struct
from collections.abc import Iterator
from pathlib import Path

_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_BOUND_SHEET, _END, _FORMULA, _TRUTH_OR_ERROR = 0x0085, 0x000A, 0x0006, 0x0205
_LAST_SECTOR = 0xFFFFFFFA  # what is larger marks the end of a chain
_STREAMS = tuple(name.encode("utf-16-le") + b"\0\0" for name in ("Workbook", "WORKBOOK", "Book", "BOOK"))
_ENTRY = 128
_HEADER = 512


def error_cells(path: Path, sheet: int) -> dict[tuple[int, int], str]:
    """The error values of the sheet at this place of the list of sheets, by row and column counted from 0.

    Raises:
        ValueError: the file is not built like an XLS workbook.
    """
    try:
        stream = _Compound(path.read_bytes()).workbook()
        starts = [struct.unpack_from("<L", data)[0] for kind, data in _records(stream, 0) if kind == _BOUND_SHEET]
        return dict(_errors(stream, starts[sheet]))
    except (struct.error, IndexError) as error:
        raise ValueError(path) from error


def _errors(stream: bytes, start: int) -> Iterator[tuple[tuple[int, int], str]]:
    for kind, data in _records(stream, start):
        if kind == _TRUTH_OR_ERROR and data[7]:
            yield struct.unpack_from("<2H", data), _ERRORS.get(data[6], "#ERROR!")
        elif kind == _FORMULA and data[12:14] == b"\xff\xff" and data[6] == 2:  # noqa: PLR2004 - an error, not a text
            yield struct.unpack_from("<2H", data), _ERRORS.get(data[8], "#ERROR!")


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of a part of the stream, which ends with a record of its own."""
    while True:
        kind, size = struct.unpack_from("<2H", stream, at)
        if kind == _END:
            return
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


class _Compound:
    """A compound file: streams in chains of sectors; short ones in chains of small sectors within one long stream."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        (shift,) = struct.unpack_from("<H", data, 30)
        self._size = 1 << shift
        self._table = self._sector_table()
        self._directory = self._chained(struct.unpack_from("<L", data, 48)[0])

    def workbook(self) -> bytes:
        """The stream that the cells are in."""
        for at in range(0, len(self._directory), _ENTRY):
            if self._directory.startswith(_STREAMS, at):
                start, size = struct.unpack_from("<2L", self._directory, at + 116)
                short = size < struct.unpack_from("<L", self._data, 56)[0]
                return (self._short(start) if short else self._chained(start))[:size]
        raise IndexError

    def _sector_table(self) -> list[int]:
        """Which sector follows each sector."""
        sectors = [number for number in struct.unpack_from("<109L", self._data, 76) if number < _LAST_SECTOR]
        more, count = struct.unpack_from("<2L", self._data, 68)
        for _ in range(min(count, len(self._data) // self._size)):
            *listed, more = struct.unpack(f"<{self._size // 4}L", self._sector(more))
            sectors += [number for number in listed if number < _LAST_SECTOR]
        return [number for sector in sectors for number in struct.unpack(f"<{self._size // 4}L", self._sector(sector))]

    def _sector(self, number: int) -> bytes:
        start = _HEADER + number * self._size if self._size == _HEADER else (number + 1) * self._size
        return self._data[start : start + self._size].ljust(self._size, b"\0")

    def _chained(self, start: int) -> bytes:
        return b"".join(map(self._sector, _chain(start, self._table)))

    def _short(self, start: int) -> bytes:
        (first,) = struct.unpack_from("<L", self._directory, 116)
        (table,) = struct.unpack_from("<L", self._data, 60)
        (shift,) = struct.unpack_from("<H", self._data, 32)
        long, listed = self._chained(first), self._chained(table)
        follows = list(struct.unpack(f"<{len(listed) // 4}L", listed))
        return b"".join(long[number << shift : (number + 1) << shift] for number in _chain(start, follows))


def _chain(start: int, follows: list[int]) -> Iterator[int]:
    """The numbers of a chain of sectors, which may not be longer than there are sectors."""
    number = start
    for _ in follows:
        if number >= _LAST_SECTOR:
            return
        yield number
        number = follows[number]
