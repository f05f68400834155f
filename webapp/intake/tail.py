"""Where the table of a large file ends, which its beginning does not show."""

from dataclasses import replace
from pathlib import Path

from webapp.intake.dialects import Dialect, Record, filled_until, parse_records
from webapp.intake.footer import before_notes
from webapp.intake.lines import count_lines
from webapp.intake.reading import READ_IN_PLACE, Reading
from webapp.intake.source import Source

_TAIL_BYTES = 64 * 1024
_FEWEST_ROWS = 5


def settle_end(path: Path, reading: Reading, last_line: int | None) -> Reading:
    """The reading of a large file with the end of its table: after a line that was chosen, before notes, or none.

    A line that was chosen is found again only in a text that is read where it lies.
    """
    if last_line == 0 or (last_line is None and reading.end_offset):
        return reading
    if last_line is None:
        return _without_notes(path, reading)
    if reading.encoding not in READ_IN_PLACE:
        return reading
    with path.open("rb") as file:
        offset = Source(file).start_of_line(last_line + 1, 0)
    below = _count_lines(path, offset)
    return replace(reading, end_offset=offset if below else 0, footer_lines=below)


def _count_lines(path: Path, offset: int) -> int:
    with path.open("rb") as file:
        source, count = Source(file), 0
        while block := source.block(offset):
            count, offset = count + count_lines(block), offset + len(block)
    return count


def _without_notes(path: Path, reading: Reading) -> Reading:
    """The reading with the end of the table, where the last lines of a file read in place are notes.

    Looks at the last 64 KiB. A quoted cell that began before them is no reason to leave anything out: the rows right
    above the notes must be of the table's width.
    """
    if reading.encoding not in READ_IN_PLACE or len(reading.columns) < 2:  # noqa: PLR2004 - any text may be a cell
        return reading
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - _TAIL_BYTES, 0))
        tail = file.read()
    lines = tail[tail.find(b"\n") + 1 :].splitlines(keepends=True)
    texts = [line.decode(reading.text_encoding, "surrogateescape") for line in lines]
    dialect = Dialect(reading.delimiter, reading.quote, reading.skipinitialspace, reading.escape)
    records = parse_records(texts, dialect)
    end = before_notes(records, 0, len(records), len(reading.columns))
    if end <= _FEWEST_ROWS or not _are_rows(records[end - _FEWEST_ROWS : end], reading):
        return reading
    after, until = records[end - 1].line + records[end - 1].lines, filled_until(records)
    if after >= until:
        return reading
    return replace(reading, end_offset=size - sum(map(len, lines[after:])), footer_lines=until - after)


def _are_rows(records: list[Record], reading: Reading) -> bool:
    widths = range(len(reading.columns) - reading.missing_cells, len(reading.columns) + reading.trailing_cells + 1)
    return all(record.blank or len(record.cells) in widths for record in records)
