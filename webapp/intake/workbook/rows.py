"""The rows of an XLSX sheet, a piece at a time: one pattern for a whole row where it is plain, the XML parser else."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from webapp.intake.archives import Bounded
from webapp.intake.errors import DamagedFileError
from webapp.intake.workbook.exact import MOST_ROWS, RawRow, column_of, exact_rows, letters_of
from webapp.intake.workbook.xml import WHAT, pieces

_MOST_AT_ONCE = 200  # columns
_LOOKED_AT = 64 * 1024
_COLUMN = re.compile(r'<c r="([A-Z]{1,3})[0-9]')
_BLANK_ROW = re.compile(r"<row[^<>]*+(?<=/)>")
_SPACES = re.compile(r"\s+(?=<(?:row|c|f|v|is)\b|</(?:row|c)>)")  # between tags, not in a text
_BEGIN = re.compile(r"<sheetData\s*(/?)>")
_ROW = r'<row r="([0-9]{1,7})(?:" spans="[0-9:]*+)?([^>]*+)>'
# A cell with a value, or with a style only. What is kept: its attributes, its formula, the tag and text of its value.
_BLANK = r"[^<>]*+(?<=/)>"
_CELL = (
    r'(?:<c r="%s[0-9]++"(?:([^<>]*+>(?:<f[^<>]*+>(?:[^<]*+</f>)?+)?+<(?:v|is><t)[^<]*+)(?:</v>|</t></is>)?+</c>'
    rf"|{_BLANK}))?+"
)
# The same where the cells of a column begin alike: only the text of the value is kept.
_ALIKE = rf'(?:<c r="%s[0-9]++"(?:%s([^<]*+)%s</c>|{_BLANK}))?+'
_HEAD = re.compile(r"[^<>]*+><(v|is><t)(?: [^<>]*+)?>")


@dataclass(frozen=True, slots=True)
class Column:
    """The cells of one column. Each begins with `head`, which is taken off; an empty one has no value."""

    head: str
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Block:
    """Rows in their order, by columns. A cell is what stands between its name and its end.

    `heads` are the rows' attributes. The rows in `exact`, by their index, have no cells in `columns`.
    """

    numbers: list[int]
    heads: Sequence[str]
    columns: list[Column]
    exact: dict[int, RawRow]


def blocks_of(source: Bounded) -> Iterator[Block]:
    """The rows of a sheet.

    Raises:
        DamagedFileError: this is no sheet, or not the whole of it.
    """
    reader = _RowReader()
    began = ended = False
    for piece in pieces(source, "row"):
        if ended:
            continue  # to the end, where the checksum is
        start = 0
        if not began and (begin := _BEGIN.search(piece)):
            began, ended, start = True, bool(begin[1]), begin.end()
        end = piece.find("</sheetData", start) if began and not ended else -1
        ended = ended or end >= 0
        if began and (block := reader.read(piece[start : end if end >= 0 else None])):
            yield block
    if not ended:
        raise DamagedFileError(WHAT)


def head_of(source: Bounded) -> str:
    """What a sheet says of itself before its first row."""
    piece = next(pieces(source, "row"))
    begin = _BEGIN.search(piece)
    return piece[: begin.start()] if begin else ""


class _RowReader:
    """Reads pieces that end with a row; learns on the way how many columns there are and how their cells begin."""

    def __init__(self) -> None:
        self._next = 1
        self._learned: list[str] = []
        self._spaced = False
        self._odd: set[int] = set()
        self._learned_row = self._row = _pattern([])

    def read(self, piece: str) -> Block | None:
        if not self._learned:
            self._spaced = bool(_SPACES.search(piece, 0, _LOOKED_AT))
        if self._spaced:
            piece = _SPACES.sub("", piece)
        if not self._learned:
            found = set(_COLUMN.findall(piece, 0, _LOOKED_AT))
            self._widen(max((column_of(letters) + 1 for letters in found), default=1))
        exact: dict[int, RawRow] = {}
        learned = self._learned
        rows = self._learned_row.findall(piece)
        if not self._are_all(rows, piece):
            learned = [""] * len(learned)
            rows = self._row.findall(piece)
            tags = piece.count("<row") - len(_BLANK_ROW.findall(piece))
            if len(rows) != tags:
                rows, exact = self._row_by_row(piece, tags) if len(rows) > tags // 2 else self._exactly(piece)
        if not rows:
            return None
        numbers, heads, *cells = zip(*rows, strict=True)
        block = Block(list(map(int, numbers)), heads, list(map(Column, learned, cells)), exact)
        self._require_order(block.numbers)
        self._learn(block, self._learned)
        return block

    def _are_all(self, rows: Sequence[Sequence[str]], piece: str) -> bool:
        """Whether these are all rows of the piece: by their numbers, else by counting the tags."""
        if rows and int(rows[-1][0]) == self._next + len(rows) - 1 and piece.endswith("</row>"):
            return piece.startswith(f'"{rows[-1][0]}"', piece.rindex("<row r=") + len("<row r="))
        return len(rows) == piece.count("<row") - len(_BLANK_ROW.findall(piece))

    def _exactly(self, piece: str) -> tuple[list[tuple[str, ...]], dict[int, RawRow]]:
        cells = [""] * len(self._learned)
        found = list(exact_rows(piece, self._next))
        return [(str(row.number), "", *cells) for row in found], dict(enumerate(found))

    def _row_by_row(self, piece: str, expected: int) -> tuple[list[tuple[str, ...]], dict[int, RawRow]]:
        rows: list[tuple[str, ...]] = []
        exact: dict[int, RawRow] = {}
        number, width = self._next, len(self._learned)
        for part in piece.split("</row>")[:-1]:
            xml = part + "</row>"
            if found := self._row.fullmatch(xml, max(part.rfind("<row"), 0)):
                rows.append(found.groups(""))
            else:
                *_, row = exact_rows(xml, number)
                exact[len(rows)] = row
                rows.append((str(row.number), "", *[""] * width))
            number = int(rows[-1][0]) + 1
        if len(rows) != expected:
            raise DamagedFileError(WHAT)
        return rows, exact

    def _learn(self, block: Block, known: Sequence[str]) -> None:
        """How the cells of each column begin, where these begin alike; a column that ever did not is looked at anew."""
        heads = [column.head or _common_head(column.cells) for column in block.columns]
        self._odd.update(place for place, head in enumerate(known) if head and heads[place] != head)
        heads = ["" if place in self._odd else head for place, head in enumerate(heads)]
        if heads != self._learned:
            self._learned = heads
            self._learned_row = _pattern(heads)
        self._widen(max((1 + max(row.cells, default=0) for row in block.exact.values()), default=0))

    def _widen(self, width: int) -> None:
        more = min(width, _MOST_AT_ONCE) - len(self._learned)
        if more > 0:
            self._learned = [*self._learned, *[""] * more]
            self._row = _pattern([""] * len(self._learned))
            self._learned_row = _pattern(self._learned)

    def _require_order(self, numbers: list[int]) -> None:
        in_order = numbers[-1] - numbers[0] == len(numbers) - 1 and numbers == list(range(numbers[0], numbers[-1] + 1))
        in_order = in_order or sorted(set(numbers)) == numbers
        if numbers[0] < self._next or numbers[-1] > MOST_ROWS or not in_order:
            raise DamagedFileError(WHAT)
        self._next = numbers[-1] + 1


def _pattern(heads: Sequence[str]) -> re.Pattern[str]:
    """A row whose cells begin with these heads; any cell where the head is empty."""
    cells = [_cell_pattern(letters_of(column), head) for column, head in enumerate(heads)]
    return re.compile(_ROW + "".join(cells) + "</row>")


def _cell_pattern(letters: str, head: str) -> str:
    if not head:
        return _CELL % letters
    return _ALIKE % (letters, re.escape(head), "</v>" if head.endswith("<v>") else "</t></is>")


def _common_head(cells: Sequence[str]) -> str:
    """How all cells of a column begin, but perhaps the first one, which may be a name; empty if they do not."""
    present = list(filter(None, cells))[1:]
    head = _HEAD.match(present[0]) if present else None
    if not head:
        return ""
    joined = "\0" + "\0".join(present)
    return head[0] if joined.count("\0" + head[0]) == len(present) else ""
