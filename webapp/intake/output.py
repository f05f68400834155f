"""Tables out again: plain CSV, and cells that a spreadsheet would take for formulas made harmless."""

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from webapp.intake.broken import BrokenRecord
from webapp.intake.choices import NO_CHOICES, Choices
from webapp.intake.columns import Column, profile
from webapp.intake.detect import detect_closely
from webapp.intake.dialects import DELIMITERS
from webapp.intake.errors import EmptyFileError
from webapp.intake.prepare import prepare
from webapp.intake.reading import Reading
from webapp.intake.records import header_cells, read_slices
from webapp.intake.repair_records import Repairs

BOM = "\ufeff"  # without it, spreadsheets take UTF-8 for something else
MOST_REPAIRS = 100
REJECTS_HEADER = ("line", "row", "what is wrong", "raw text")
_DANGEROUS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_BLANKS = " \t\r\n\v\f\u00a0\ufeff"
_NUMBER = re.compile(r"[+-]?[.,]?[0-9][0-9.,]*(?:[eE][+-]?[0-9]+)?%?\Z")
_PHONE = re.compile(r"\+[ (]*[0-9][0-9 ()/-]*\Z")
# What parts cells in one country or program is text in another: a spreadsheet may be set to any of these.
_OTHERS = {each: re.compile(f"[{re.escape(DELIMITERS.replace(each, ''))}]") for each in DELIMITERS}
_QUOTED = re.compile(f'[{DELIMITERS}"\r\n]')


@dataclass(slots=True)
class ReadReport:
    """What `read_to` wrote: the rows in the file, and the broken records that are not.

    `repaired` of the rows were broken, but could be read in one way only; `repairs` are the first of those.
    `confidence` is from 0 to 1, how sure it is that the file is rightly read; 1 for an empty one. `columns` are there
    if they were asked for.
    """

    reading: Reading
    confidence: float = 1.0
    rows: int = 0
    broken: int = 0
    repaired: int = 0
    repairs: list[BrokenRecord] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)


class _Echo:
    """A file whose `write` gives the text back: csv writers return what it returns."""

    @staticmethod
    def write(text: str) -> str:
        return text


# Until Python 3.13 the csv module quotes a carriage return only where it is part of the line's end.
_WRITERS = {each: csv.writer(_Echo(), delimiter=each, lineterminator="\r\n") for each in DELIMITERS}


def csv_line(cells: Iterable[str], delimiter: str = ",") -> str:
    """One line of CSV with its line feed, cells in `"` where a reader set to any of `DELIMITERS` needs it."""
    cells = list(cells)
    line = _plain_line(cells, delimiter)
    return delimiter.join(map(_quoted, cells)) + "\n" if _OTHERS[delimiter].search(line) else line


def delimiter_like(reading: Reading) -> str:
    """What parts the cells of a CSV that is made of a file: the same as in the file, if spreadsheets know it."""
    was_text = reading.container in {"", "gzip", "zip"}
    return reading.delimiter if was_text and reading.delimiter and reading.delimiter in DELIMITERS else ","


def csv_lines(rows: Sequence[Sequence[str]]) -> str:
    """Lines of plain CSV, each with its line feed, cells in `"` only where commas, quotes or line breaks need it."""
    lines = io.StringIO(newline="")
    csv.writer(lines, lineterminator="\n").writerows(rows)
    text = lines.getvalue()
    return "".join(map(_plain_line, rows)) if "\r" in text else text


def _plain_line(cells: Iterable[str], delimiter: str = ",") -> str:
    line: str = _WRITERS[delimiter].writerow(cells)
    return line[:-2] + "\n"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _QUOTED.search(cell) else cell


def defuse(cell: str) -> str:
    """The cell with a `'` before it if a spreadsheet would run it as a formula. Numbers and telephone numbers stay.

    A cell that looks defused already gets another `'`, so that `undefuse` gives back every cell as it was.
    """
    return f"'{cell}" if _runs(cell.lstrip("'")) else cell


def undefuse(cell: str) -> str:
    """The cell without the `'` that `defuse` put before it; any other `'` stays."""
    return cell[1:] if cell.startswith("'") and defuse(cell[1:]) == cell else cell


def _runs(cell: str) -> bool:
    if cell.startswith(("\t", "\r")):
        return True
    risky = cell.lstrip(_BLANKS).startswith(_DANGEROUS)
    return risky and not _NUMBER.match(cell) and not _PHONE.match(cell)


@contextmanager
def new_file(out: Path) -> Iterator[TextIO]:
    """A text file to write, that appears whole at the end of the block, or not at all if the block fails."""
    part = out.with_name(f"{out.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file  # not synced: what is lost with the power can be written again
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def read_to(
    path: Path, out: Path, *, rejects: Path | None = None, typed: bool = False, choices: Choices = NO_CHOICES
) -> ReadReport:
    """Read a file and write its table to `out`: UTF-8, commas, each cell as it stands, the header first if it has one.

    An empty file gives an empty `out`. Broken records are left out and counted, but those that can be read in one way
    only are repaired; `rejects` gets the others with line, row, what is wrong and their text. The report has the
    columns only if they are to be `typed`.

    Raises:
        IntakeError: the file is no table.
        MiscountError: a record is neither in `out` nor in `rejects`, which no file may cause; nothing is written.
    """
    with ExitStack() as stack:
        table = stack.enter_context(new_file(out))
        broken = stack.enter_context(new_file(rejects)) if rejects else None
        if broken:
            broken.write(csv_lines([REJECTS_HEADER]))
        # beside `out`, where there is room for a large file's text
        copy = Path(stack.enter_context(TemporaryDirectory(prefix=f".{out.name[:50]}.", dir=out.parent)), "text")
        try:
            detected = detect_closely(path, choices, copy)
        except EmptyFileError:
            return ReadReport(Reading("utf-8", ",", '"', 0, 1, ()))
        report = ReadReport(detected.reading, detected.confidence)
        prepared = prepare(path, report.reading, copy)
        _write_table(prepared, report, table, broken)
        if typed:
            report.columns = profile(prepared, report.reading)
        return report


def _write_table(path: Path, report: ReadReport, table: TextIO, broken: TextIO | None) -> None:
    """Writes the accepted and the rejected records, and counts them in the report."""
    if report.reading.header_line:
        table.write(csv_lines([header_cells(path, report.reading)]))
    for slice_ in read_slices(path, report.reading, repairs=Repairs.MADE):
        table.write(csv_lines(slice_.cells))
        if broken:
            broken.write(csv_lines([(str(bad.line), str(bad.row), bad.reason, bad.raw) for bad in slice_.broken]))
        repaired = [record for record in slice_.mended if record.repair_safe]
        report.rows += len(slice_.cells)
        report.broken += len(slice_.broken)
        report.repaired += len(repaired)
        report.repairs += repaired[: MOST_REPAIRS - len(report.repairs)]
