"""Writes contacts.csv, the example file: 1,000 invented people, of which 18 are wrong in six ways.

Usage: python examples/make_contacts.py [FILE]
"""

import csv
import sys
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

PEOPLE = 1_000
WRONG_EACH = 3
SEED = 20_260_131
LAST_NAME_FIRST = 0.1
WITH_NOTE = 0.06
COLUMNS = ("id", "name", "email", "birthday", "country", "newsletter", "score", "note")
COUNTRIES = ("AT", "CH", "DE", "DK", "FR", "IT", "NL", "PL")
FIRST = (
    "Ada Alma Anton Aurélie Björn Carla Chiara Clément Dagmar Edith Elif Emil Femke Giulia Greta Hugo Ida Ines Jakub "
    "Jonas Jörg Kasia Lars Lena Lieke Luca Maja Marek Mathilde Nico Noémie Olga Ole Paolo Pia Rasmus Sanne Sofie Théo "
    "Tomasz Ursula Vera Wim Yusuf Zoë"
)
LAST = (
    "Aigner Andersen Bakker Bauer Bianchi Brunner Conti Dąbrowski Dubois Egger Fischer Fontaine Gruber Hansen Hoekstra "
    "Huber Jansen Jensen Kaiser Keller Kowalski Kruse Laurent Lewandowski Lindner Marchetti Meier Møller Moreau "
    "Nielsen Nowak Petit Pichler Ricci Rossi Schäfer Smit Sørensen Visser Wójcik Weiß Zieliński"
)
NOTES = (
    'Asked for the "blue" catalogue, twice',
    "Moved in May; new address to follow",
    "Prefers letters,\nnot calls",
    "Met at the fair.\nWants an offer for 12 chairs",
    "Pays within 10 days",
)
WRONG: dict[str, Callable[[str], str]] = {
    "id": lambda value: f"no. {value}",
    "name": lambda _: "",
    "email": lambda value: value.replace("@", " at "),
    "birthday": lambda value: f"{value[:4]}-02-30",
    "country": lambda _: "XX",
    "score": lambda value: str(int(value) + 101),
}
"""For each column with mistakes in it, how a right value is made wrong."""


def contacts() -> Iterator[dict[str, str]]:
    """The rows of the file, the same each time."""
    random = Random(SEED)  # noqa: S311 (people are to be invented, not kept secret)
    kinds = [column for column in WRONG for _ in range(WRONG_EACH)]
    wrong = dict(zip(random.sample(range(10, PEOPLE + 1), len(kinds)), kinds, strict=True))
    for number in range(1, PEOPLE + 1):
        person = _person(number, random)
        if number in wrong:
            column = wrong[number]
            person[column] = WRONG[column](person[column])
        yield person


def write(path: Path) -> None:
    """Write the file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(person.values() for person in contacts())


def _person(number: int, random: Random) -> dict[str, str]:
    first, last = random.choice(FIRST.split()), random.choice(LAST.split())
    born = date(1945, 1, 1) + timedelta(days=random.randrange(60 * 365))
    return {
        "id": str(1_000 + number),
        "name": f"{last}, {first}" if random.random() < LAST_NAME_FIRST else f"{first} {last}",
        "email": f"{_plain(first)}.{_plain(last)}{number}@example.{random.choice(('com', 'org'))}",
        "birthday": born.isoformat(),
        "country": random.choice(COUNTRIES),
        "newsletter": random.choice(("yes", "no")),
        "score": str(random.randrange(101)),
        "note": random.choice(NOTES) if random.random() < WITH_NOTE else "",
    }


def _plain(name: str) -> str:
    """A name as it stands in an address."""
    spelled = name.lower().replace("ø", "o").replace("ł", "l").replace("ß", "ss")
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("contacts.csv"))
