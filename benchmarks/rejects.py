"""Finding all bad rows of a file: `python -m benchmarks.rejects [--rows N]`.

Writes N rows (a million) of which 1 in 100 is bad in one of nine ways, and 2 in 100 have a field of two lines. All of
them are checked against the types of the columns: recall and precision by exact physical line, and our CPU against
DuckDB's for a typed read of the same rows, all good, into a table in memory, one thread (median of five pairs, taken
in turn). A second ratio is to a sum over each column, without the table.
"""

import argparse
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from benchmarks.generate import COUNTRIES
from webapp.intake import Reading
from webapp.intake.fast_check import Rule, RuleChecker
from webapp.intake.values import ColumnType

PAIRS = 5
COLUMNS = ("id", "email", "name", "amount", "date", "country", "qty", "note")
TYPES = ("BIGINT", "VARCHAR", "VARCHAR", "DECIMAL(12,2)", "DATE", "VARCHAR", "INTEGER", "VARCHAR")
RULES = (
    Rule(ColumnType.INTEGER, unique=True),
    Rule(required=True),
    Rule(required=True),
    Rule(ColumnType.DECIMAL, ".", required=True),
    Rule(ColumnType.DATE, "ymd", required=True),
    Rule(required=True),
    Rule(ColumnType.INTEGER, required=True),
    Rule(),
)
NAMES = ("Anna Schmidt", "Ben Miller", "Clara Rossi", "Zoë Garcia", "Eva Novak", "Søren Jensen", "Ida Kowalski")
NOTES = ("regular customer", "prefers to be called", "new address since last order", '"asked for red, green and blue"')


def good(chance: random.Random, number: int) -> list[str]:
    return [
        str(number),
        f"contact{number}@example.org",
        chance.choice(NAMES),
        f"{chance.randrange(100, 1_000_000) / 100:.2f}",
        f"20{chance.randrange(15, 27)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}",
        chance.choice(COUNTRIES),
        str(chance.randrange(1, 10_001)),
        '"first line\nsecond line"' if chance.random() < 0.02 else chance.choice(NOTES),
    ]


def put(place: int, text: str) -> Callable[[list[str]], None]:
    def spoil(row: list[str]) -> None:
        row[place] = text

    return spoil


SPOILERS: dict[str, Callable[[list[str]], None]] = {
    "bad integer": put(6, "many"),
    "bad date": put(4, "2024-02-30"),
    "missing column": lambda row: row.__delitem__(5),
    "extra column": lambda row: row.insert(5, "extra"),
    "stray quote": put(7, '"called it "best" of all"'),
    "unclosed quote": put(2, '"Clara Rossi'),
    "bad UTF-8": put(2, "Zo\udceb"),
    "empty required": put(1, ""),
    "duplicate key": put(0, "1"),
}


def write(rows: int, bad: Path, clean: Path) -> dict[int, str]:
    """Writes both files; gives the physical lines of the bad rows and the ways they are bad in."""
    chance, line, truth = random.Random(5), 2, {}
    with bad.open("w", encoding="utf-8", errors="surrogateescape", newline="") as first, clean.open("w") as second:
        for file in (first, second):
            file.write(",".join(COLUMNS) + "\n")
        for number in range(1, rows + 1):
            row = good(chance, number)
            second.write(",".join(row) + "\n")
            if number > 1 and chance.random() < 0.01:
                truth[line] = chance.choice(list(SPOILERS))
                SPOILERS[truth[line]](row)
            record = ",".join(row) + "\n"
            first.write(record)
            line += record.count("\n")
    return truth


def check(path: Path) -> tuple[float, set[int]]:
    reading = Reading("utf-8", ",", '"', 1, 2, COLUMNS)
    begin = time.process_time()
    found = {problem.line for problem in RuleChecker(path, reading, RULES).problems()}
    return time.process_time() - begin, found


def read_typed(path: Path, query: str) -> float:
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in zip(COLUMNS, TYPES, strict=True))
    source = f"read_csv('{path}', header=true, delim=',', quote='\"', auto_detect=false, columns={{{types}}})"
    with duckdb.connect() as connection:
        connection.execute("SET threads=1")
        begin = time.process_time()
        connection.execute(query.format(source)).fetchall()
        return time.process_time() - begin


TABLE = "CREATE TABLE t AS SELECT * FROM {}"
SUMS = (
    "SELECT sum(id), sum(length(email)), sum(length(name)), sum(amount), max(date), sum(length(country)), sum(qty), "
    "sum(length(note)) FROM {}"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with TemporaryDirectory() as folder:
        bad, clean = Path(folder, "bad.csv"), Path(folder, "clean.csv")
        truth = write(rows, bad, clean)
        times = []
        for _ in range(PAIRS):
            ours, found = check(bad)
            times.append((ours, read_typed(clean, TABLE), read_typed(clean, SUMS)))
    hits = found & truth.keys()
    print(f"recall {len(hits) / len(truth):.4f}, precision {len(hits) / len(found):.4f} of {len(truth):,} bad rows")
    print("missed:", dict(Counter(truth[line] for line in truth.keys() - found)))
    ours, table, sums = (statistics.median(side) for side in zip(*times, strict=True))
    ratios = [statistics.median(one[0] / one[place] for one in times) for place in (1, 2)]
    print(f"{rows:,} rows: {ours:.2f} s CPU; DuckDB into a table {table:.2f} s, ratio {ratios[0]:.2f}; ", end="")
    print(f"sums only {sums:.2f} s, ratio {ratios[1]:.2f}")


if __name__ == "__main__":
    main()
