"""The seeded contacts file that the benchmarks read: `python benchmarks/generate.py ROWS OUT.csv [--seed N]`.

One row in 200 has exactly one bad field, of seven kinds; six notes in 100 are quoted, with commas, doubled quotes or
line breaks. A million rows are 98 MB. The same seed gives the same bytes.
"""

import argparse
import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

COLUMNS = ("id", "email", "name", "amount", "date", "country", "qty", "note")
_EURO = ("DE", "FR", "IT", "ES", "PT", "NL", "BE", "AT", "FI", "IE")
COUNTRIES = (*_EURO, "CH", "PL", "CZ", "DK", "SE", "NO", "GB", "US", "CA", "JP")
BAD_SHARE = 0.005
QUOTED_SHARE = 0.06

_FIRST = ("Anna", "Ben", "Clara", "David", "Eva", "Felix", "Greta", "Hugo", "Ida", "Jonas", "Zoë", "Søren")
_LAST = ("Schmidt", "Miller", "Rossi", "Garcia", "Novak", "Jensen", "Dubois", "Kowalski", "Virtanen", "Müller")
_NOTES = (
    "regular customer",
    "prefers to be called",
    "new address since last order",
    "nothing to remark on",
)
_QUOTED_NOTES = (
    "asked for red, green and blue",
    'called it the "best offer" of the year',
    "first line of the note\nsecond line of it",
)

Row = list[str]


@dataclass(frozen=True, slots=True)
class Truth:
    """What was written: how many rows, and which of them (counted from 1) are bad in which way."""

    rows: int
    bad: dict[int, str] = field(default_factory=dict)


def generate(rows: int, path: Path, seed: int = 1) -> Truth:
    """Write `rows` rows below a header to `path`, a row at a time."""
    truth = Truth(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(_rows(random.Random(seed), truth))
    return truth


def _rows(chance: random.Random, truth: Truth) -> Iterator[Row]:
    kinds = list(_SPOILERS)
    for number in range(1, truth.rows + 1):
        row = _good_row(chance, number)
        if chance.random() < BAD_SHARE:
            kind = chance.choice(kinds if number > 1 else kinds[:-1])
            _SPOILERS[kind](chance, row)
            truth.bad[number] = kind
        yield row


def _good_row(chance: random.Random, number: int) -> Row:
    first, last = chance.choice(_FIRST), chance.choice(_LAST)
    notes = _QUOTED_NOTES if chance.random() < QUOTED_SHARE else _NOTES
    return [
        str(number),
        f"contact{number}@example.org",
        f"{first} {last}",
        f"{chance.randrange(100, 1_000_000) / 100:.2f}",
        f"20{chance.randrange(15, 27)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}",
        chance.choice(COUNTRIES),
        str(chance.randrange(1, 10_001)),
        chance.choice(notes),
    ]


def _spoil(place: int, *values: str) -> Callable[[random.Random, Row], None]:
    def spoil(chance: random.Random, row: Row) -> None:
        row[place] = chance.choice(values)

    return spoil


def _lose_at(_: random.Random, row: Row) -> None:
    row[1] = row[1].replace("@", ".")


def _repeat_id(chance: random.Random, row: Row) -> None:
    row[0] = str(chance.randrange(1, int(row[0])))


_SPOILERS: dict[str, Callable[[random.Random, Row], None]] = {
    "id is not a number": _spoil(0, "n/a", "x17", "12a"),
    "email without @": _lose_at,
    "amount is not a number": _spoil(3, "n/a"),
    "30 February": _spoil(4, "2024-02-30", "2025-02-30"),
    "unknown country": _spoil(5, "XX", "ZZ", "QQ"),
    "qty out of range or a word": _spoil(6, "0", "10001", "many"),
    "id repeated": _repeat_id,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    truth = generate(asked.rows, asked.out, asked.seed)
    print(f"{truth.rows:,} rows, {len(truth.bad):,} of them bad, {asked.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
