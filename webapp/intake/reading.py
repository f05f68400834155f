"""How a file is read, written down so that it is read the same way again, and how far reading has come."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from webapp.intake.errors import UnknownReadingError

VERSION = 1
# A byte of these encodings below 0x80 is always that ASCII character: such files are read where they lie.
READ_IN_PLACE = frozenset(
    {"utf-8", "latin-1", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "mac-greek", "mac-latin2", "euc_jp"}
    | {f"iso8859-{part}" for part in (2, 5, 6, 7, 8, 9, 13, 15)}
    | {f"cp{page}" for page in (437, 737, 775, 850, 852, 857, 858, 862, 866, 874, 1125, *range(1250, 1258))}
)


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything needed to read the same file the same way again; stored as JSON with the job.

    `delimiter` is empty for a file of one column, `quote` where cells are never quoted. `header_line` is the
    physical line of the header, counted from 1, or 0 for none; `data_line` is the line where the rows begin.
    `trailing_cells` empty cells beyond the last column are dropped: the file ends each row with delimiters; or the
    last `missing_cells` cells are empty where a row lacks them: all rows are shorter than the header. With
    `repeated_header` lines that are the header once more are left out.
    `escape` is the character that takes the meaning from the next one, empty where a quote is doubled; lines that
    begin with `comment` are none of the table's. The header is `header_rows` records, their cells joined. The table
    ends at byte `end_offset` of the prepared text (0: at its end), `footer_lines` lines before the file does.
    `container` says what the text is taken out of: nothing, "gzip", "zip" or "workbook" with its `sheet`. The list of
    the files in an archive ("files"), or of one file whose name is `sheet` ("file"), is a table too, see `listing`.
    """

    encoding: str
    delimiter: str
    quote: str
    header_line: int
    data_line: int
    columns: tuple[str, ...]
    skipinitialspace: bool = False
    trailing_cells: int = 0
    escape: str = ""
    comment: str = ""
    header_rows: int = 1
    end_offset: int = 0
    footer_lines: int = 0
    missing_cells: int = 0
    repeated_header: bool = False
    container: str = ""
    sheet: str = ""
    version: int = VERSION

    @property
    def text_encoding(self) -> str:
        """The encoding of the bytes records are read from, see `prepare`."""
        return self.encoding if self.encoding in READ_IN_PLACE else "utf-8"

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "columns": list(self.columns)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The reading as stored.

        Raises:
            UnknownReadingError: it was stored by a version that reads otherwise.
        """
        known = {field.name for field in fields(cls)}
        if data.get("version") != VERSION or not known.issuperset(data):
            raise UnknownReadingError
        try:
            return cls(**{**data, "columns": tuple(data["columns"])})
        except (KeyError, TypeError) as error:
            raise UnknownReadingError from error


@dataclass(frozen=True, slots=True)
class Position:
    """The next record to be read: its row number, its physical line, its byte offset. A checkpoint."""

    row: int
    line: int
    offset: int

    def to_json(self) -> dict[str, int]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, int]) -> Self:
        return cls(row=data["row"], line=data["line"], offset=data["offset"])
