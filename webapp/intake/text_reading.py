"""How a text in a known encoding is to be read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from webapp.intake.choices import NO_CHOICES, Choices
from webapp.intake.dialects import Dialect, Record, dialect_with, filled_until, parse_records
from webapp.intake.errors import EmptyFileError, TooWideError
from webapp.intake.header import column_names
from webapp.intake.reading import READ_IN_PLACE, Reading
from webapp.intake.records import join_header
from webapp.intake.sniff import Candidate, ranked, sniff
from webapp.intake.structure import Structure, find_table
from webapp.intake.workbook.text import LINE_BREAK

MOST_COLUMNS = 16_384
_SAMPLE_LINES = 1_000
_SAMPLE_CHARACTERS = 128 * 1024
_FEW = 10
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*\Z', re.IGNORECASE)
_LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n|\Z)")
_COMMENTS = ("#", "//", "--", "%", "!")


@dataclass(frozen=True, slots=True)
class Detected:
    """How a file is read, how sure that is from 0 to 1, and the next likely way if that is close.

    `total_line` is the physical line of the last row if that seems to be the sum of the others, or 0: it is a row
    all the same, until somebody says that the table ends before it.
    """

    reading: Reading
    confidence: float
    alternative: Reading | None = None
    total_line: int = 0

    def within(self, container: str, sheet: str) -> Self:
        """The same, with what the text is taken out of."""
        other = self.alternative and replace(self.alternative, container=container, sheet=sheet)
        return replace(self, reading=replace(self.reading, container=container, sheet=sheet), alternative=other)


def read_by(
    encoding: str,
    lines: Sequence[str],
    choices: Choices = NO_CHOICES,
    *,
    marked: bool = False,
    whole: bool = True,
) -> Detected:
    """The reading of a text in a known encoding.

    Args:
        encoding: of the file.
        lines: the physical lines it begins with, line breaks included.
        choices: what is settled.
        marked: whether a byte order mark of three bytes stands before the first line.
        whole: whether these are all lines.

    Raises:
        EmptyFileError: the lines are blank.
        TooWideError: there are more than 16,384 columns.
    """
    start = next((number for number, line in enumerate(lines) if line.strip("\ufeff \t\r\n\0")), None)
    if start is None:
        raise EmptyFileError
    separator = _SEPARATOR_LINE.match(lines[start])
    if separator and len(lines) > start + 1 and choices.delimiter is None:
        choices = replace(choices, delimiter=separator[1])
    if separator and len(lines) > start + 1:
        start += 1
    text = _Text(encoding, lines, start, 3 if marked else 0, whole)
    found = _dialects(text, choices)
    first, second = ranked(found, _sample(lines[start:]))
    reading, total_line = _read(text, first.dialect, choices)
    other = _read(text, second.dialect, choices)[0] if second else None
    return Detected(reading, _confidence(first, found), other, total_line)


@dataclass(frozen=True, slots=True)
class _Text:
    """The lines of a text, the one where it begins, and the bytes before the first."""

    encoding: str
    lines: Sequence[str]
    start: int
    mark: int
    whole: bool

    def offset(self, line: int) -> int:
        """The byte offset of a line in the prepared text."""
        encoding = self.encoding if self.encoding in READ_IN_PLACE else "utf-8"
        return self.mark + sum(len(text.encode(encoding, "surrogateescape")) for text in self.lines[:line])


def _dialects(text: _Text, choices: Choices) -> list[Candidate]:
    """The likely dialects, what is chosen of them as chosen."""
    sample = _sample(text.lines[text.start :])
    plain = _without_comments(sample)
    if choices.delimiter is not None:
        found = [Candidate(dialect_with("".join(plain), choices.delimiter), 1.0)]
    else:
        found = max((sniff(lines) for lines in ([plain, sample] if plain != sample else [sample])), key=_best)
    quote, escape = choices.quote, choices.escape
    return [
        Candidate(
            replace(
                each.dialect,
                quote=each.dialect.quote if quote is None else quote,
                escape=each.dialect.escape if escape is None else escape,
            ),
            each.score,
        )
        for each in found
    ]


def _best(candidates: Sequence[Candidate]) -> float:
    return candidates[0].score


def _read(text: _Text, dialect: Dialect, choices: Choices) -> tuple[Reading, int]:
    """The reading by a dialect, and the line of a last row that sums up the others."""
    comment = _comment_in(text.lines[text.start :], dialect)
    records = _records(text, dialect, comment)
    if max((len(record.cells) for record in records[:100]), default=0) > MOST_COLUMNS:
        raise TooWideError(max(len(record.cells) for record in records[:100]), MOST_COLUMNS)
    table = find_table(records, _chosen_header(records, choices), choices.header_rows, whole=text.whole)
    above = (record.cells for record in records[table.header : table.data] if not record.blank)
    header = [[cell.replace(LINE_BREAK, "\n") for cell in cells] for cells in above]
    end_line = _end_line(text, records, table, choices)
    is_known = text.whole and table.total >= 0 and not choices.last_line
    total_line = records[table.total].line + 1 if is_known else 0
    reading = Reading(
        encoding=text.encoding,
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        header_line=records[table.header].line + 1 if header else 0,
        data_line=_first_line(records, table),
        columns=column_names(join_header(header, table.width) if header else [], table.width),
        skipinitialspace=dialect.skipinitialspace,
        trailing_cells=table.trailing,
        escape=dialect.escape,
        comment=comment,
        header_rows=max(len(header), 1),
        end_offset=text.offset(end_line) if end_line else 0,
        footer_lines=filled_until(records) - end_line if end_line else 0,
        missing_cells=table.missing,
        repeated_header=table.repeated,
    )
    return reading, total_line


def _records(text: _Text, dialect: Dialect, comment: str) -> list[Record]:
    """The records of the text, each with the index of its line in the file, without remarks."""
    lines = list(text.lines[text.start :])
    records = parse_records(lines, dialect)
    if comment:
        remarks = {record.line for record in records if lines[record.line].startswith(comment)}
        lines = ["\n" if at in remarks else line for at, line in enumerate(lines)]
        records = [record for record in parse_records(lines, dialect) if record.line not in remarks]
    if not text.whole and len(records) > _FEW:
        records.pop()  # it may be cut off
    return [replace(record, line=record.line + text.start) for record in records] if text.start else records


def _chosen_header(records: Sequence[Record], choices: Choices) -> int | None:
    if choices.header_line is None:
        return None
    if choices.header_line == 0:
        return -1
    ends = ((at, record.line + record.lines) for at, record in enumerate(records) if not record.blank)
    below = (at for at, end in ends if end >= choices.header_line)
    return next(below, len(records) - 1)


def _first_line(records: Sequence[Record], table: Structure) -> int:
    if table.data < len(records):
        return records[table.data].line + 1
    return records[-1].line + records[-1].lines + 1


def _end_line(text: _Text, records: Sequence[Record], table: Structure, choices: Choices) -> int:
    """The index of the first line below the table, or 0 if only blank lines are there."""
    if choices.last_line is not None:
        beyond = choices.last_line > len(text.lines)
        return 0 if beyond and not text.whole else min(choices.last_line, len(text.lines))
    if not text.whole and table.end >= len(records):
        return 0
    last = records[table.end - 1] if table.end > table.data else None
    line = last.line + last.lines if last else _first_line(records, table) - 1
    return line if line < filled_until(records) else 0


def _comment_in(lines: Sequence[str], dialect: Dialect) -> str:
    """What begins the lines that are remarks between the rows: they have other cells than those around them."""
    marks = [mark for mark in _COMMENTS if any(line.startswith(mark) for line in lines[1:])]
    return next((mark for mark in marks if _are_remarks(mark, lines, dialect)), "")


def _are_remarks(mark: str, lines: Sequence[str], dialect: Dialect) -> bool:
    sample = _sample(lines)
    records = [record for record in parse_records(sample, dialect) if not record.blank]
    remarks = [record for record in records if sample[record.line].startswith(mark)]
    widths = [len(record.cells) for record in records if not sample[record.line].startswith(mark)]
    usual = max(set(widths), key=widths.count) if widths else 1
    if not remarks or usual < 2 or len(remarks) >= 0.8 * len(records):  # noqa: PLR2004 - one column holds anything
        return False
    is_style = len(remarks) > 1 or remarks[0] is records[0]
    alone = mark == "#" and len(remarks[0].cells) == 1  # nobody writes rows like that
    return (is_style or alone) and all(len(record.cells) != usual for record in remarks)


def _without_comments(lines: Sequence[str]) -> list[str]:
    """The lines without remarks at the beginning and between, if enough are left to tell a dialect from."""
    plain: list[str] = []
    inside = False  # a quoted cell, as far as that can be told without the dialect
    for line in lines:
        if inside or not line.startswith("#"):
            plain.append(line)
            inside ^= line.count('"') % 2 == 1
    return plain if len(plain) >= max(2, len(lines) / 3) else list(lines)


def _confidence(first: Candidate, found: Sequence[Candidate]) -> float:
    """The share of the first among itself and the best of the others."""
    best = max((each.score for each in found if each is not first), default=0.0)
    return round(first.score / (first.score + best), 2) if first.score else 0.0


def split_text(text: str, *, whole: bool) -> list[str]:
    """The whole physical lines of a text."""
    lines = [found[0] for found in _LINE.finditer(text) if found[0]]
    if not whole and len(lines) > 1:
        lines.pop()
    return lines


def _sample(lines: Sequence[str]) -> list[str]:
    """The first lines: a thousand of them or 128 K characters, but two at least where there are two."""
    sample: list[str] = []
    characters = 0
    for line in lines[:_SAMPLE_LINES]:
        if characters > _SAMPLE_CHARACTERS and len(sample) > 1:
            break
        sample.append(line)
        characters += len(line)
    return sample
