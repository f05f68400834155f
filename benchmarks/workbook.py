"""A sheet as text, against fastexcel's plain load of it to Arrow: `python -m benchmarks.workbook [--rows N] [--noisy]`.

The contacts of the other benchmarks as a workbook, with numbers, dates and booleans as such: ten columns. Prints one
line: our CPU seconds from the workbook to text that rows are read from, those of the rival, and the ratio (median of
five pairs, taken in turn). With `--noisy` one more column has seventeen digits in each of its numbers.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import fastexcel
import xlsxwriter

from webapp.intake.workbook import likeliest_sheet, write_sheet

PAIRS = 5
COLUMNS = ("id", "email", "name", "amount", "date", "country", "qty", "note", "active", "discount")
COUNTRIES = ("DE", "FR", "IT", "ES", "PT", "NL", "BE", "AT", "FI", "IE")
NOTES = ("regular customer", "new address since last order", 'asked for red, green and "blue"', "first line\nsecond")


def make(path: Path, rows: int, *, noisy: bool) -> None:
    """Write the workbook."""
    chance = random.Random(1)
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [*COLUMNS, "share"] if noisy else COLUMNS)
        for row in range(1, rows + 1):
            sheet.write_row(row, 0, [row, f"contact{row}@example.org", f"Anna Schmidt {chance.randrange(20_000)}"])
            sheet.write_number(row, 3, chance.randrange(100, 1_000_000) / 100)
            sheet.write_datetime(row, 4, date(2015 + chance.randrange(12), chance.randrange(1, 13), 28))
            sheet.write_row(row, 5, [chance.choice(COUNTRIES), chance.randrange(1, 10_001), chance.choice(NOTES)])
            sheet.write_row(row, 8, [chance.random() < 0.5, chance.randrange(20) / 20])
            if noisy:
                sheet.write_number(row, 10, chance.random())


def read_ours(path: Path, target: Path) -> None:
    write_sheet(path, likeliest_sheet(path), target)


def read_bare(path: Path) -> None:
    fastexcel.read_excel(path).load_sheet(0).__arrow_c_array__()


def seconds(work: Callable[[], None]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def measure(path: Path, target: Path) -> str:
    pairs = [(seconds(lambda: read_ours(path, target)), seconds(lambda: read_bare(path))) for _ in range(PAIRS)]
    ours, bare = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(mine / theirs for mine, theirs in pairs)
    return f"workbook to text: {ours:.2f} s CPU, fastexcel to Arrow {bare:.2f} s, ratio {ratio:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--noisy", action="store_true")
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        path, target = Path(folder, "rows.xlsx"), Path(folder, "rows.csv")
        make(path, asked.rows, noisy=asked.noisy)
        print(measure(path, target))
        lines = target.read_bytes().count(b"\n")
        if lines != asked.rows + 1:
            raise SystemExit(f"{lines:,} lines were written, not {asked.rows + 1:,}")


if __name__ == "__main__":
    main()
