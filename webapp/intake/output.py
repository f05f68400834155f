"""Tables out again: plain CSV, and cells that a spreadsheet would take for formulas made harmless."""

import csv
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from webapp.intake.detect import detect
from webapp.intake.errors import EmptyFileError
from webapp.intake.prepare import prepare
from webapp.intake.reading import Reading
from webapp.intake.records import header_cells, read_slices

BOM = "\ufeff"
_DANGEROUS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_BLANKS = " \t\r\n\v\f\u00a0\ufeff"
_NUMBER = re.compile(r"[+-]?[.,]?[0-9][0-9.,]*(?:[eE][+-]?[0-9]+)?%?\Z")
_PHONE = re.compile(r"\+[ (]*[0-9][0-9 ()/-]*\Z")
# What parts cells in one country or program is text in another: a spreadsheet may be set to any of these.
_SEPARATORS = re.compile(r"[;|\t]")
_QUOTED = re.compile(r'[,;|\t"\r\n]')


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What `read_to` wrote: the rows in the file, and the broken records that are not."""

    reading: Reading
    rows: int
    broken: int


class _Echo:
    """A file whose `write` gives the text back: csv writers return what it returns."""

    @staticmethod
    def write(text: str) -> str:
        return text


_WRITER = csv.writer(_Echo(), lineterminator="\n")


def csv_line(cells: Iterable[str]) -> str:
    """One line of CSV with its line feed, cells in `"` where a reader set to commas, `;`, tabs or `|` needs it."""
    cells = list(cells)
    line: str = _WRITER.writerow(cells)
    return ",".join(map(_quoted, cells)) + "\n" if _SEPARATORS.search(line) else line


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


def write_csv(out: Path, rows: Iterable[Sequence[str]], *, for_spreadsheet: bool = False) -> None:
    """Write rows to a file that appears whole or not at all; with a byte order mark if a spreadsheet is to open it."""
    part = out.with_name(f"{out.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            file.write(BOM if for_spreadsheet else "")
            if for_spreadsheet:
                file.writelines(map(csv_line, rows))
            else:
                csv.writer(file, lineterminator="\n").writerows(rows)
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def read_to(path: Path, out: Path) -> ReadReport:
    """Read a file and write its table to `out`: UTF-8, commas, each cell as it stands, the header first if it has one.

    An empty file gives an empty `out`. Broken records are left out and counted.

    Raises:
        IntakeError: the file is no table.
    """
    try:
        reading = detect(path)
    except EmptyFileError:
        write_csv(out, [])
        return ReadReport(Reading("utf-8", ",", '"', 0, 1, ()), 0, 0)
    copy = out.with_name(f"{out.name}.{os.getpid()}.text")
    try:
        return _write_table(prepare(path, reading, copy), reading, out)
    finally:
        copy.unlink(missing_ok=True)


def _write_table(path: Path, reading: Reading, out: Path) -> ReadReport:
    rows = broken = 0

    def table() -> Iterable[list[str]]:
        nonlocal rows, broken
        if reading.header_line:
            yield header_cells(path, reading)
        for slice_ in read_slices(path, reading):
            rows += len(slice_.rows)
            broken += len(slice_.broken)
            yield from slice_.cells

    write_csv(out, table())
    return ReadReport(reading, rows, broken)
