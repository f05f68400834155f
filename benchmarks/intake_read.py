"""Reading a file into slices, against DuckDB and the bare csv module: `python -m benchmarks.intake_read [--rows N]`.

Prints our CPU seconds for a million rows (text, with row number, line, byte offset and length of each), and the ratio
to those of DuckDB for a typed read of the same rows into a table in memory, with one thread; to a sum over each
column, without the table; and to `csv.reader` gathering the same lists. Medians of five rounds, taken in turn; last,
the seconds of an exact count.
"""

import argparse
import csv
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from benchmarks.generate import COLUMNS, generate
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


def read_typed(path: Path, query: str) -> int:
    types = ["BIGINT", "VARCHAR", "VARCHAR", "DECIMAL(12,2)", "DATE", "VARCHAR", "INTEGER", "VARCHAR"]
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in zip(COLUMNS, types, strict=True))
    source = f"read_csv('{path}', header=true, delim=',', quote='\"', auto_detect=false, columns={{{columns}}})"
    with duckdb.connect() as connection:
        connection.execute("SET threads=1")
        row = connection.execute(query.format(source)).fetchone()
    return int(row[0]) if row else 0


TABLE = "CREATE TABLE t AS SELECT * FROM {}"
SUMS = (
    "SELECT count(*), sum(id), sum(length(email)), sum(length(name)), sum(amount), max(date), sum(length(country)), "
    "sum(qty), sum(length(note)) FROM {}"
)


def measure(path: Path, rows: int) -> str:
    reading = detect(path)
    ways: list[Callable[[], int]] = [
        lambda: read_ours(path, reading),
        lambda: read_typed(path, TABLE),
        lambda: read_typed(path, SUMS),
        lambda: read_bare(path),
    ]
    rounds = [[seconds(way, rows) for way in ways] for _ in range(PAIRS)]
    ours, table, sums, bare = (statistics.median(side) * 1_000_000 / rows for side in zip(*rounds, strict=True))
    ratios = [statistics.median(one[0] / one[place] for one in rounds) for place in (1, 2, 3)]
    count = min(seconds(lambda: count_rows(path, reading).rows, rows) for _ in range(3)) * 1_000_000 / rows
    return (
        f"read 1 M rows: {ours:.2f} s CPU; DuckDB into a table {table:.2f} s, ratio {ratios[0]:.2f}; "
        f"sums only {sums:.2f} s, ratio {ratios[1]:.2f}; csv.reader {bare:.2f} s, ratio {ratios[2]:.2f}; "
        f"exact count {count:.2f} s"
    )


def write_clean(rows: int, path: Path) -> None:
    """The rows of `generate`, without its bad ones, which a typed read does not take."""
    with_bad = path.with_name("with-bad.csv")
    bad = generate(rows, with_bad).bad
    with with_bad.open(encoding="utf-8", newline="") as source, path.open("w", encoding="utf-8", newline="") as out:
        reader, writer = csv.reader(source), csv.writer(out, lineterminator="\n")
        writer.writerow(next(reader))
        writer.writerows(row for number, row in enumerate(reader, 1) if number not in bad)
    with_bad.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        path = Path(folder, "rows.csv")
        write_clean(asked.rows, path)
        print(measure(path, count_rows(path, detect(path)).rows))


if __name__ == "__main__":
    main()
