"""Files of odd proportions: `python -m benchmarks.wide [FILE]`.

Reads 500 rows of 10,000 columns, and a field of 10 MB, each in a process of its own; prints the seconds of CPU and the
most memory the process had (the interpreter with all modules is some 60 MiB of it). Reads FILE alone, if given.
"""

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from webapp.intake import count_rows, detect, preview, read_slices


def write_wide(path: Path, columns: int = 10_000, rows: int = 500) -> None:
    with path.open("w") as file:
        file.write(",".join(f"column {place}" for place in range(columns)) + "\n")
        for row in range(rows):
            file.write(",".join(str(row * place % 1_000) for place in range(columns)) + "\n")


def write_long(path: Path, megabytes: int = 10) -> None:
    with path.open("w") as file:
        file.write("id,text\n1,short\n2,")
        for _ in range(megabytes):
            file.write("x" * 1_000_000)
        file.write("\n3,short\n")


def read(path: Path) -> str:
    begin = time.process_time()
    seen = preview(path)
    rows = sum(len(cut.cells) for cut in read_slices(path, detect(path)))
    broken = count_rows(path, seen.reading).broken
    mebibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    taken = time.process_time() - begin
    return f"{len(seen.columns):,} columns, {rows:,} rows, {broken} broken: {taken:.2f} s CPU, {mebibytes:.0f} MiB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    asked = parser.parse_args()
    if asked.file:
        print(read(asked.file))
        return
    with TemporaryDirectory() as folder:
        for name, make in (("wide", write_wide), ("long", write_long)):
            path = Path(folder, f"{name}.csv")
            make(path)
            subprocess.run([sys.executable, "-m", "benchmarks.wide", str(path)], check=True)


if __name__ == "__main__":
    main()
