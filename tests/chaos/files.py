"""The files that jobs are handed, and what is in them as told by nothing of ours."""

import csv
import random
from pathlib import Path

COLUMNS = ("id", "tag", "do", "text")
DEEDS = ("reject", "skip", "fail", "broken")
TEXTS = ("plain", "two\nlines", 'he said "so"', "a,b", "ünïcödé", "")


def write_file(path: Path, tag: str, rows: int, seed: int) -> Path:
    """A file as people send it: marks and line breaks of any kind, some rows that are no good."""
    chance = random.Random(seed)
    end = chance.choice(["\n", "\r\n"])
    encoding = chance.choice(["utf-8", "utf-8-sig"])
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file, lineterminator=end)
        writer.writerow(COLUMNS)
        for number in range(1, rows + 1):
            do = chance.choice(DEEDS) if chance.random() < 0.02 else ""
            row = [number, tag, do, chance.choice(TEXTS)]
            writer.writerow([*row, "one too many"] if do == "broken" else row)
    return path


def deeds(path: Path) -> dict[int, str]:
    """What is to become of each row, by its number, as Python's own reader finds them."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return {number: row["do"] for number, row in enumerate(csv.DictReader(file), 1)}
