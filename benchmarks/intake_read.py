"""Reading a file into slices, against the bare csv module: `python -m benchmarks.intake_read [FILE] [--rows N]`.

Prints one line: our CPU seconds for a million rows, those of `csv.reader` gathering the same lists, the ratio (median
of five pairs, taken in turn), and the seconds of an exact count.
"""

import argparse
import csv
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.generate import generate
from webapp.intake import Reading, count_rows, detect, read_slices

PAIRS = 5
SLICE = 256


def read_bare(path: Path) -> int:
    total, rows = 0, []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            rows.append(row)
            if len(rows) == SLICE:
                total += len(rows)
                rows = []
    return total + len(rows) - 1


def read_ours(path: Path, reading: Reading) -> int:
    return sum(len(cut.cells) + len(cut.broken) for cut in read_slices(path, reading, size=SLICE))


def seconds(work: Callable[[], int], expected: int) -> float:
    begin = time.process_time()
    found = work()
    taken = time.process_time() - begin
    if found != expected:
        raise SystemExit(f"{found:,} rows were read, not {expected:,}")
    return taken


def measure(path: Path, rows: int) -> str:
    reading = detect(path)
    pairs = [
        (seconds(lambda: read_ours(path, reading), rows), seconds(lambda: read_bare(path), rows)) for _ in range(PAIRS)
    ]
    ours, bare = (statistics.median(side) * 1_000_000 / rows for side in zip(*pairs, strict=True))
    ratio = statistics.median(mine / theirs for mine, theirs in pairs)
    count = min(seconds(lambda: count_rows(path, reading).rows, rows) for _ in range(3)) * 1_000_000 / rows
    return f"read 1 M rows: {ours:.2f} s CPU, csv.reader {bare:.2f} s, ratio {ratio:.2f}; exact count {count:.2f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = parser.parse_args()
    if asked.file:
        print(measure(asked.file, count_rows(asked.file, detect(asked.file)).rows))
        return
    with TemporaryDirectory() as folder:
        path = Path(folder, "rows.csv")
        generate(asked.rows, path)
        print(measure(path, asked.rows))


if __name__ == "__main__":
    main()
