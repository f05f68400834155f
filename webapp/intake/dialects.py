"""How a text is written: its delimiter, quote and escape, and the records it has by them."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypedDict

from webapp.intake.grammar import NO_DELIMITER

DELIMITERS = ",;\t|"  # what nearly every table is written with
DELIMITER_NAMES = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "vertical bars",
    ":": "colons",
    " ": "spaces",
    "^": "carets (^)",
    "~": "tildes (~)",
}
"""In words, those that a person may have to be told of."""

QUOTES = ('"', "'", "`")
# What old programs put after the end of a text: Ctrl-Z, NULs up to a full block.
_PADDING = "\x1a\0"
# After so many broken quotes a text is parsed line by line, so that it is never read over and over.
_MOST_BROKEN = 50
# Stands for a delimiter of several characters: Unicode keeps it for such internal use.
_STAND_IN = "\ufdd1"


class CsvOptions(TypedDict):
    """The options of `csv.reader` that this package uses."""

    delimiter: str
    quotechar: str | None
    escapechar: str | None
    quoting: Literal[0, 1, 2, 3]
    skipinitialspace: bool
    strict: bool


@dataclass(frozen=True, slots=True)
class Dialect:
    """`delimiter` is empty for one column, `quote` where cells are never quoted, `escape` where quotes are doubled."""

    delimiter: str
    quote: str = '"'
    skipinitialspace: bool = False
    escape: str = ""

    def csv_options(self) -> CsvOptions:
        """Options for `csv.reader`, which then refuses what `Grammar` calls stray or open."""
        return CsvOptions(
            delimiter=self.delimiter or NO_DELIMITER,
            quotechar=self.quote or None,
            escapechar=(self.escape if self.escape != self.quote else None) or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            skipinitialspace=self.skipinitialspace,
            strict=True,
        )


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one record, the index of its first line, and the number of its lines.

    `blank` says that nothing is written in it, `broken` that its quotes are wrong.
    """

    line: int
    lines: int
    cells: list[str]
    blank: bool
    broken: bool = False

    @property
    def filled(self) -> int:
        """How many cells something is written in."""
        return sum(1 for cell in self.cells if cell and not cell.isspace())


def dialect_with(text: str, delimiter: str) -> Dialect:
    """The quote, the escape and the spacing that go with a delimiter in this text."""
    quote = _quote_of(text, delimiter)
    escape = _escape_of(text, delimiter, quote)
    if not delimiter:
        return Dialect(delimiter, quote, escape=escape)
    if delimiter.isspace() and delimiter != "\t":
        aligned = text.count("  ") * 4 > len(text.splitlines())
        return Dialect(delimiter, quote, skipinitialspace=delimiter == " " and aligned, escape=escape)
    return Dialect(delimiter, quote, skipinitialspace=_is_spaced(text, delimiter, quote), escape=escape)


def parse_records(lines: Sequence[str], dialect: Dialect) -> list[Record]:
    """The records of some lines, blank ones too; a line whose quotes are broken gives one cell."""
    if len(dialect.delimiter) > 1:
        plain = [line.replace(dialect.delimiter, _STAND_IN) for line in lines]
        found = parse_records(plain, replace(dialect, delimiter=_STAND_IN))
        back = ([cell.replace(_STAND_IN, dialect.delimiter) for cell in each.cells] for each in found)
        return [replace(each, cells=cells) for each, cells in zip(found, back, strict=True)]
    records: list[Record] = []
    at = broken = 0
    options = dialect.csv_options()
    while at < len(lines):
        until = len(lines) if broken < _MOST_BROKEN else at + 1
        reader = csv.reader(lines[at:until], **options)
        start = at
        try:
            for cells in reader:
                end = at + reader.line_num
                records.append(Record(start, end - start, cells, _is_blank(cells)))
                start = end
        except csv.Error:
            records.append(_record_of(lines[start], start, dialect))
            broken += 1
            start += 1
        at = start
    return records


def _record_of(line: str, index: int, dialect: Dialect) -> Record:
    """A line whose quotes are broken, or only followed by blanks."""
    quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
    trimmed = re.sub(rf"{quote}[ \t]+(?={delimiter}|\r?\n?\Z)", dialect.quote, line) if quote and delimiter else line
    try:
        (cells,) = csv.reader([trimmed], **dialect.csv_options())
    except (csv.Error, ValueError):
        return Record(index, 1, [line.rstrip("\r\n")], blank=False, broken=True)
    return Record(index, 1, cells, _is_blank(cells))


def filled_until(records: Sequence[Record]) -> int:
    """The index of the line after the last record that says something, be it only an end mark of old programs."""
    filled = (record for record in reversed(records) if not record.blank or any(map(str.strip, record.cells)))
    last = next(filled, None)
    return last.line + last.lines if last else 0


def _is_blank(cells: Sequence[str]) -> bool:
    return not any(cell and not cell.isspace() and cell.strip(_PADDING) for cell in cells)


def _quote_of(text: str, delimiter: str) -> str:
    edge = re.escape(delimiter) if delimiter else "\n"
    found = {quote: _quoted(text, edge, quote) for quote in QUOTES if quote in text}
    likely = {quote: count for quote, count in found.items() if count}
    if not likely:
        return '"'
    best = max(likely, key=lambda quote: likely[quote])
    return '"' if likely.get('"', 0) * 4 >= likely[best] else best


def _quoted(text: str, edge: str, quote: str) -> int:
    """How many cells seem to be in these quotes."""
    opening = len(re.findall(rf"(?:^|{edge}) ?{quote}", text, re.MULTILINE))
    closing = len(re.findall(rf"{quote} ?(?:{edge}|\r?$)", text, re.MULTILINE))
    if quote == '"':
        return opening if opening and closing else 0
    whole = len(re.findall(rf"(?:^|{edge}) ?{quote}[^{quote}\r\n]*{quote} ?(?=$|\r|{edge})", text, re.MULTILINE))
    return whole if whole * 2 > opening else 0


def _escape_of(text: str, delimiter: str, quote: str) -> str:
    r"""A backslash, where it stands before quotes that are not doubled, or before delimiters in plain text."""
    if "\\" not in text:
        return ""
    escaped = len(re.findall(rf"\\{quote}(?!\s*(?:{re.escape(delimiter) or '$'}|\r?$))", text, re.MULTILINE))
    doubled = len(re.findall(rf"[^\s{re.escape(delimiter or ' ')}]{quote}{quote}(?!{quote})[^\s]", text))
    if quote and escaped:
        return "\\" if escaped > doubled else ""
    if delimiter and len(re.findall(re.escape("\\" + delimiter), text)) and not re.search(r"[A-Za-z]:\\|\\\\\w", text):
        return "\\"
    return ""


def _is_spaced(text: str, delimiter: str, quote: str) -> bool:
    """Whether a space after each delimiter belongs to the delimiter."""
    plain = text.count(delimiter)
    spaced = text.count(delimiter + " ")
    if quote and text.count(f"{delimiter} {quote}") > text.count(delimiter + quote):
        return True
    at_end = len(re.findall(rf"{re.escape(delimiter)}\r?$", text, re.MULTILINE))
    return spaced > 0 and spaced >= 0.98 * (plain - at_end) and text.count(delimiter + "  ") <= 0.02 * spaced
