"""How often the encoding of a table is found: `python -m benchmarks.encodings [--seeds N]`.

Prints a line for ours and for the detector alone, on the whole file and on its lines with more than ASCII.

A table counts as read rightly where the encoding found gives the text that was written. The tables are made of the
words in `tests/intake/encodings_words.txt`: names, places and notes in 32 languages, each in the encodings its tables
come in; some are all in the language, some English but for a few cells, some numbers but for one column.
"""

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import chardet

from webapp.intake.decode import judge_encoding

WORDS = Path(__file__).parents[1] / "tests" / "intake" / "encodings_words.txt"
SIZES = (10, 500)
WESTERN = {"cp1252", "latin-1", "iso8859-15"}


class Case(NamedTuple):
    """One table, as text and as the bytes of a file."""

    kind: str
    rows: int
    encoding: str
    text: str
    data: bytes


def languages() -> Iterator[tuple[list[str], list[list[str]]]]:
    """The encodings and the columns of words of each language."""
    lines = WORDS.read_text("utf-8").splitlines()
    for place in range(0, len(lines), 5):
        yield lines[place].split(": ")[1].split(), [line.split(";") for line in lines[place + 2 : place + 5]]


def cases(seeds: int) -> Iterator[Case]:
    english = [["John Smith", "Mary Clark", "Tom White"], ["London", "Leeds", "Boston"], ["see above", "no comment"]]
    for number, (encodings, words) in enumerate(languages()):
        for encoding in encodings:
            own = [[cell for cell in column if _fits(cell, encoding)] for column in words]
            for kind in ("usual", "sparse", "numbers"):
                for rows in SIZES:
                    for seed in range(seeds):
                        chance = random.Random(f"{number} {encoding} {kind} {rows} {seed}")
                        text = _table(kind, rows, own, english, chance)
                        yield Case(kind, rows, encoding, text, text.encode(encoding))


def _fits(cell: str, encoding: str) -> bool:
    return cell.encode(encoding, "replace").decode(encoding) == cell


def _table(kind: str, rows: int, own: list[list[str]], english: list[list[str]], chance: random.Random) -> str:
    few = set(chance.sample(range(rows), 2 if rows < 100 else 10))
    lines = ["id;date;name;city;amount;note"]
    for row in range(rows):
        name, city, note = map(chance.choice, own if kind != "sparse" or row in few else english)
        if kind == "numbers":
            name, note = f"{chance.random():.6f}", f"2024-{chance.randint(1, 12):02}-01"
        lines.append(f"{row};2023-{chance.randint(1, 12):02}-17;{name};{city};{chance.random() * 1000:.2f};{note}")
    return "\r\n".join(lines) + "\r\n"


def ours(data: bytes) -> str:
    return judge_encoding(BytesIO(data)).encoding


def chardet_alone(data: bytes) -> str:
    return chardet.detect(data, compat_names=False, max_bytes=len(data))["encoding"] or ""


def chardet_on_lines(data: bytes) -> str:
    """Only the lines with more than ASCII, each once."""
    lines = b"\n".join(dict.fromkeys(line for line in data.splitlines() if not line.isascii()))
    return chardet_alone(lines or data)


def is_right(case: Case, encoding: str) -> bool:
    try:
        return case.data.decode(encoding).removeprefix("\ufeff") == case.text
    except (LookupError, UnicodeDecodeError):
        return False


def measure(name: str, find: Callable[[bytes], str], tables: list[Case]) -> None:
    right: dict[str, list[bool]] = defaultdict(list)
    begin = time.perf_counter()
    for case in tables:
        found = is_right(case, find(case.data))
        groups = ("all", "Western" if case.encoding in WESTERN else "other", f"{case.kind} {case.rows}")
        for group in groups:
            right[group].append(found)
    seconds = (time.perf_counter() - begin) / len(tables)
    shares = "  ".join(f"{group} {sum(found) / len(found):.1%}" for group, found in right.items())
    print(f"{name:18}{seconds * 1000:6.1f} ms a table  {shares}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1)
    tables = [case for case in cases(parser.parse_args().seeds) if not case.data.isascii()]
    print(f"{len(tables):,} tables")
    for name, find in (("ours", ours), ("chardet", chardet_alone), ("chardet on lines", chardet_on_lines)):
        measure(name, find, tables)


if __name__ == "__main__":
    main()
