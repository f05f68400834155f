"""Which delimiter and which quote a text uses: each is tried, the most table-like result wins."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from webapp.intake.grammar import NO_DELIMITER

DELIMITERS = (",", ";", "\t", "|", ":", "^", "~", " ")
QUOTES = ('"', "'")
# These are common inside values too: they delimit only where what they part is mostly numbers and dates.
_SHY = frozenset({":", " "})
_ONE_COLUMN_SCORE = 0.05
_NUMBER = re.compile(r"[+-]?[$€£]?\s?(?:\d{1,3}(?:[ .,']\d{3})+|\d+)?(?:[.,]\d+)?(?:[eE][+-]?\d+)?\s?[%$€£]?\Z")
_MOMENT = re.compile(
    r"(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\.?)?[T ]?(?:\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?\Z",
)
_WORDS = re.compile(r"(?:\w|(?<=\w)[ .'\u2019/&()+%#!?-]+|, )*\Z")
_ADDRESS = re.compile(r"(?:https?://\S+|[^\s@,;|]+@(?:[^\s@,;|.]+\.)+[^\s@,;|.]+)\Z")
# No number, date or address is longer; a whole cell may be a megabyte.
_LONGEST_EXACT = 300


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
    """`delimiter` is empty for one column, `quote` where cells are never quoted, `escape` where none escapes."""

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


def sniff_dialect(lines: Sequence[str]) -> Dialect:
    """The dialect of a file that begins with these lines."""
    filled = [line.rstrip("\r\n") for line in lines if not line.isspace()]
    if _is_one_column_of_values(filled):
        return Dialect("")
    text = "".join(lines)
    best = Dialect("", _quote_of(text, ""))
    best_score = _ONE_COLUMN_SCORE
    for delimiter in DELIMITERS:
        if delimiter in text:
            dialect = dialect_with(text, delimiter)
            score = _score(parse_rows(lines, dialect), dialect)
            if score > best_score * 1.0001:
                best, best_score = dialect, score
    return best


def dialect_with(text: str, delimiter: str) -> Dialect:
    """The quote and the spacing that go with a delimiter in this text."""
    quote = _quote_of(text, delimiter)
    if not quote or not delimiter or delimiter == " ":
        return Dialect(delimiter, quote)
    spaced = text.count(f"{delimiter} {quote}")
    return Dialect(delimiter, quote, skipinitialspace=spaced > text.count(delimiter + quote))


def parse_rows(lines: Sequence[str], dialect: Dialect) -> list[list[str]]:
    """The rows of some lines, without blank ones; a line whose quotes are broken gives one cell."""
    rows: list[list[str]] = []
    at = 0
    options = dialect.csv_options()
    while at < len(lines):
        reader = csv.reader(lines[at:], **options)
        start = at
        try:
            for row in reader:
                rows.append(row)
                start = at + reader.line_num
        except csv.Error:
            rows.append([lines[start]])
            start += 1
        at = start
    return [row for row in rows if row]


def usual_width(rows: Sequence[Sequence[str]]) -> int:
    """The number of cells that most rows have."""
    return Counter(map(len, rows)).most_common(1)[0][0] if rows else 0


def _quote_of(text: str, delimiter: str) -> str:
    edge = re.escape(delimiter) if delimiter else "\n"
    for quote in QUOTES:
        opening = len(re.findall(rf"(?:^|{edge}) ?{quote}", text, re.MULTILINE))
        closing = len(re.findall(rf"{quote} ?(?:{edge}|\r?$)", text, re.MULTILINE))
        if opening and closing and (quote == '"' or 0.5 <= opening / closing <= 2):  # noqa: PLR2004
            return quote
    return '"'


def _score(rows: Sequence[Sequence[str]], dialect: Dialect) -> float:
    """How much like a table the rows are, from 0 to 1: of one width, of many columns, of values one knows."""
    width = usual_width(rows)
    if width <= 1:
        return 0.0
    uniform = sum(len(row) == width for row in rows) / len(rows)
    cells = [cell.strip() for row in rows for cell in row][:4_000]
    known = sum(map(_is_known, cells)) / len(cells)
    score = uniform**3 * (width - 1) / width * known
    if dialect.delimiter in _SHY:
        body = [cell.strip() for row in rows[1:] for cell in row][:4_000]
        score *= 0.8 * sum(map(_is_exact, body)) / max(len(body), 1)
    return score


def _is_known(cell: str) -> bool:
    return not cell or bool(_WORDS.match(cell[:200])) or _is_exact(cell)


def _is_exact(cell: str) -> bool:
    if not 0 < len(cell) <= _LONGEST_EXACT:
        return False
    return bool(_NUMBER.match(cell) or _MOMENT.match(cell) or _ADDRESS.match(cell))


def _is_one_column_of_values(lines: Sequence[str]) -> bool:
    """Whether each line is one date with time, one decimal, one address, which only look delimited."""
    body = lines[1:] or lines
    if not body or any(delimiter in lines[0] for delimiter in DELIMITERS if delimiter not in _SHY and lines[1:]):
        return False
    return sum(len(line) < 200 and _is_exact(line.strip()) for line in body) > 0.9 * len(body)  # noqa: PLR2004
