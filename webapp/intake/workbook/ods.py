"""OpenDocument spreadsheets (ODS), read as a stream: the sheets in one, and the rows of a sheet."""

import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from webapp.intake.archives import Bounded, opened_entry, opened_zip
from webapp.intake.errors import DamagedFileError, LockedFileError, TooMuchInsideError
from webapp.intake.workbook.exact import MOST_COLUMNS, MOST_ROWS
from webapp.intake.workbook.lines import MOST_CELLS, TOO_MANY, Rows, write_lines
from webapp.intake.workbook.ods_cells import OdsCell
from webapp.intake.workbook.sheet import Sheet
from webapp.intake.workbook.text import csv_cell
from webapp.intake.workbook.xml import CHUNK, WHAT, feed, local, new_parser

_CONTENT, _MANIFEST = "content.xml", "META-INF/manifest.xml"
_ENCRYPTED = b"encryption-data"
_LONGEST_MANIFEST = 1024 * 1024
_ROWS_AT_ONCE = 500


class OdsWorkbook:
    """An ODS workbook."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def sheets(self) -> list[Sheet]:
        reader = _ListReader()
        with _content(self._path) as source:
            while data := source.read(CHUNK):
                feed(reader.parser, data)
            feed(reader.parser, b"", final=True)
        return [Sheet(name, style in reader.hidden) for name, style in reader.tables]

    def likeliest(self) -> str | None:
        names = [sheet.name for sheet in sorted(self.sheets(), key=lambda sheet: sheet.hidden)]
        return next((name for name in names if any(True for _ in self._rows(name))), None)

    def write(self, sheet: str, target: Path) -> None:
        write_lines(self._rows(sheet), target)

    def _rows(self, sheet: str) -> Iterator[Rows]:
        reader = _RowReader(sheet)
        with _content(self._path) as source:
            while data := source.read(CHUNK):
                feed(reader.parser, data)
                yield from _blocks(reader.rows)
                reader.rows.clear()
            feed(reader.parser, b"", final=True)
        if not reader.found:
            raise DamagedFileError(WHAT)


@contextmanager
def _content(path: Path) -> Iterator[Bounded]:
    with opened_zip(path, WHAT) as archive:
        entry = _entry(archive, _CONTENT)
        with opened_entry(archive, _entry(archive, _MANIFEST), WHAT, path.stat().st_size) as manifest:
            if _ENCRYPTED in manifest.read(_LONGEST_MANIFEST):
                raise LockedFileError(WHAT)
        with opened_entry(archive, entry, WHAT, path.stat().st_size) as source:
            yield source


def _entry(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    try:
        return archive.getinfo(name)
    except KeyError as error:
        raise DamagedFileError(WHAT) from error


@dataclass(frozen=True, slots=True)
class _Row:
    """Equal rows from `number` on; an empty one has no cells."""

    number: int
    times: int
    cells: list[str]


def _blocks(rows: list[_Row]) -> Iterator[Rows]:
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[first : first + _ROWS_AT_ONCE]
        if any(row.times > 1 for row in some):
            for row in some:
                yield from _repeated(row)
        else:
            yield [row.number for row in some], list(zip_longest(*(row.cells for row in some), fillvalue=""))


def _repeated(row: _Row) -> Iterator[Rows]:
    for first in range(0, row.times, _ROWS_AT_ONCE):
        times = min(_ROWS_AT_ONCE, row.times - first)
        yield range(row.number + first, row.number + first + times), [[cell] * times for cell in row.cells]


class _Reader(ABC):
    def __init__(self) -> None:
        self._within: list[str] = []
        self.parser = new_parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        self._begin(name, {local(key): value for key, value in attributes.items()} if attributes else {})
        self._within.append(name)

    def _end(self, name: str) -> None:
        self._within.pop()
        self._finish(local(name))

    @abstractmethod
    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        """What is to be done at the beginning of an element."""

    def _finish(self, name: str) -> None:  # noqa: B027 - not every reader has something to do there
        """What is to be done at the end of an element."""

    @property
    def _parent(self) -> str:
        return self._within[-1] if self._within else ""


class _ListReader(_Reader):
    """Notes the sheets with the names of their styles, and which styles hide a sheet."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[tuple[str, str]] = []
        self.hidden: set[str] = set()
        self._style = ""

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == "style":
            self._style = attributes.get("name", "")
        elif name == "table-properties" and attributes.get("display") == "false":
            self.hidden.add(self._style)
        elif name == "table" and self._parent == "spreadsheet":
            self.tables.append((attributes.get("name", ""), attributes.get("style-name", "")))


class _RowReader(_Reader):
    """Gathers the rows of one sheet. What notes, drawings and tables within cells say is none of the cells' text."""

    def __init__(self, table: str) -> None:
        super().__init__()
        self.found = False
        self.rows: list[_Row] = []
        self._table = table
        self._inside = False
        self._made = 0
        self._number = 1
        self._times = 1
        self._cells: list[str] = []
        self._blank = 0  # empty cells that are due if there is another
        self._cell: OdsCell | None = None
        self._depth = 0  # of the cell
        self._in_paragraph = 0
        self.parser.CharacterDataHandler = self._data

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table" and self._parent == "spreadsheet":
            self._inside = attributes.get("name") == self._table and not self.found
            self.found = self.found or self._inside
        elif not self._inside:
            return
        elif self._in_paragraph:
            self._in_paragraph += 1
            self._data(
                {"s": " " * _count(attributes.get("c"), MOST_COLUMNS), "tab": "\t", "line-break": "\n"}.get(name, "")
            )
        elif name == "p" and self._cell and self._parent in {"table-cell", "covered-table-cell"}:
            self._in_paragraph = 1
            self._cell.paragraphs.append("")
        elif name == "table-row" and not self._cell:
            self._times = _count(attributes.get("number-rows-repeated"), MOST_ROWS)
            self._cells, self._blank = [], 0
        elif name in {"table-cell", "covered-table-cell"} and not self._cell:
            self._depth = len(self._within)
            self._cell = OdsCell(attributes, _count(attributes.get("number-columns-repeated"), MOST_COLUMNS))

    def _finish(self, name: str) -> None:
        if self._in_paragraph:
            self._in_paragraph -= 1
        elif not self._inside:
            return
        elif self._cell and len(self._within) == self._depth:
            self._add(csv_cell(self._cell.text), self._cell.times)
            self._cell = None
        elif name == "table-row" and not self._cell:
            self._end_row()
        elif name == "table" and self._parent == "spreadsheet":
            self._inside = False

    def _add(self, text: str, times: int) -> None:
        if not text:
            self._blank += times
            return
        self._cells += [""] * self._blank + [text] * times
        self._blank = 0
        if len(self._cells) > MOST_COLUMNS:
            raise DamagedFileError(WHAT)

    def _end_row(self) -> None:
        if self._cells:
            if self._number + self._times - 1 > MOST_ROWS:
                raise DamagedFileError(WHAT)
            self._made += self._times * len(self._cells)
            if self._made > MOST_CELLS:
                raise TooMuchInsideError(WHAT, TOO_MANY)
            self.rows.append(_Row(self._number, self._times, self._cells))
        self._number += self._times

    def _data(self, text: str) -> None:
        if self._in_paragraph and self._cell:
            self._cell.paragraphs[-1] += text


def _count(said: str | None, most: int) -> int:
    """How often something is repeated.

    Raises:
        DamagedFileError: that is no such number.
    """
    if said is None:
        return 1
    if not said.isdecimal() or not 0 < int(said) <= most:
        raise DamagedFileError(WHAT)
    return int(said)
