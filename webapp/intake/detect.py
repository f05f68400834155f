"""How a file is to be read, found from its beginning."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from webapp.intake.choices import NO_CHOICES, Choices
from webapp.intake.containers import refuse_other_files, refuse_other_text
from webapp.intake.decode import decode_head, guess_encoding
from webapp.intake.dialects import Dialect, dialect_with, parse_rows, sniff_dialect, usual_width
from webapp.intake.errors import EmptyFileError, TooWideError
from webapp.intake.header import column_names, has_header
from webapp.intake.reading import Reading

HEAD_BYTES = 1024 * 1024
MOST_COLUMNS = 16_384
_SAMPLE_LINES = 200
_SAMPLE_CHARACTERS = 64 * 1024
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*\Z', re.IGNORECASE)
_LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n|\Z)")


def detect(path: Path, choices: Choices = NO_CHOICES) -> Reading:
    """How the file is to be read: its encoding, delimiter, quote, header and columns, as far as not chosen.

    Reads at most 1 MiB. A file with a header and nothing below it is a table too.

    Raises:
        EmptyFileError: it holds nothing, or only blank lines.
        NotATableError: it is no text, or text of another kind.
        TooWideError: it has more than 16,384 columns.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES + 1)
    whole = len(head) <= HEAD_BYTES
    head = head[:HEAD_BYTES]
    if not head:
        raise EmptyFileError
    refuse_other_files(head)
    encoding = choices.encoding or guess_encoding(head, whole=whole)
    text = decode_head(head, encoding)
    refuse_other_text(text)
    return read_by(encoding, _sample(text, whole=whole), choices)


def read_by(encoding: str, lines: Sequence[str], choices: Choices = NO_CHOICES) -> Reading:
    """The reading of a file in a known encoding that begins with these lines.

    Raises:
        EmptyFileError: the lines are blank.
        TooWideError: there are more than 16,384 columns.
    """
    start = next((number for number, line in enumerate(lines) if line.strip()), None)
    if start is None:
        raise EmptyFileError
    separator = _SEPARATOR_LINE.match(lines[start])
    delimiter = choices.delimiter
    if separator and len(lines) > start + 1:
        start += 1
        delimiter = delimiter or separator[1]
    dialect = sniff_dialect(lines[start:]) if delimiter is None else dialect_with("".join(lines[start:]), delimiter)
    if choices.quote is not None:
        dialect = replace(dialect, quote=choices.quote)
    if choices.header_line:
        start = min(choices.header_line, len(lines)) - 1
    return _table(
        encoding, dialect, lines, start, header=None if choices.header_line is None else choices.header_line > 0
    )


def _table(encoding: str, dialect: Dialect, lines: Sequence[str], start: int, *, header: bool | None) -> Reading:
    rows = parse_rows(lines[start:], dialect) or [[""]]
    if len(rows[0]) > MOST_COLUMNS:  # before each of a million cells is judged
        raise TooWideError(len(rows[0]), MOST_COLUMNS)
    header = has_header(rows) if header is None else header
    first, body = rows[0], rows[1:] if header else rows
    width, trailing = _width(first, body) if header else (usual_width(rows), 0)
    if width > MOST_COLUMNS:
        raise TooWideError(width, MOST_COLUMNS)
    return Reading(
        encoding=encoding,
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        header_line=start + 1 if header else 0,
        data_line=start + 1 + (_lines_of_first(lines[start:], dialect) if header else 0),
        columns=column_names(first if header else [], width),
        skipinitialspace=dialect.skipinitialspace,
        trailing_cells=trailing,
    )


def _width(header: Sequence[str], body: Sequence[Sequence[str]]) -> tuple[int, int]:
    """The number of columns, and of empty cells that rows have beyond them."""
    names, usual = len(header), usual_width(body) if body else len(header)
    agreeing = [row for row in body if len(row) == usual]
    if len(agreeing) < max(1, 0.9 * len(body)) or usual == names:
        return names, 0
    if usual < names:
        return (names, 0) if any(cell.strip() for cell in header[usual:]) else (usual, 0)
    if not any(cell for row in agreeing for cell in row[names:]):
        return names, usual - names
    return (usual, 0) if len(agreeing) > 2 else (names, 0)  # noqa: PLR2004 - one odd row proves nothing


def _lines_of_first(lines: Sequence[str], dialect: Dialect) -> int:
    """How many lines the first record takes: a name may hold a line break."""
    for count in range(1, len(lines) + 1):
        if len(parse_rows(lines[:count], dialect)) == len(parse_rows(lines[: count + 1], dialect)) - 1:
            return count
    return 1


def _sample(text: str, *, whole: bool) -> list[str]:
    """The first whole lines: 200 of them or 64 K characters, but two at least where there are two."""
    lines: list[str] = []
    characters = 0
    for found in _LINE.finditer(text):
        if found.start() == len(text) or len(lines) == _SAMPLE_LINES or (characters > _SAMPLE_CHARACTERS and lines[1:]):
            break
        if found.end() == len(text) and not whole and lines:
            break
        lines.append(found[0])
        characters += len(found[0])
    return lines
