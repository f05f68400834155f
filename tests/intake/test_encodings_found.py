"""The encoding of a table is found from the few cells that are not ASCII, in many languages."""

import random
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pytest

from webapp.intake.decode import judge_encoding


class Language(NamedTuple):
    """What a table in it says, column by column, and the encodings its tables come in."""

    code: str
    encodings: list[str]
    header: list[str]
    columns: list[list[str]]


@cache
def languages() -> dict[str, Language]:
    lines = Path(__file__).with_name("encodings_words.txt").read_text("utf-8").splitlines()
    found = {}
    for place in range(0, len(lines), 5):
        code, encodings = lines[place].split(": ")
        header, *columns = (line.split(";") for line in lines[place + 1 : place + 5])
        found[code] = Language(code, encodings.split(), header, columns)
    return found


def writable(cells: list[str], encoding: str) -> list[str]:
    """Those that are the same when they are read again."""
    return [cell for cell in cells if cell.encode(encoding, "replace").decode(encoding) == cell]


def table(codes: list[str], encoding: str, rows: int, *, foreign: float = 1.0) -> str:
    """A table of names, places and notes; a share of the cells is foreign to ASCII, the others English."""
    chance = random.Random(f"{codes} {encoding} {rows} {foreign}")
    sources = [[writable(column, encoding) for column in languages()[code].columns] for code in codes]
    english = [[cell for cell in column if cell.isascii()] for column in languages()["en"].columns]
    lines = ["id;date;name;city;amount;note"]
    for row in range(1, rows + 1):
        columns = chance.choice(sources) if chance.random() < foreign else english
        name, city, note = map(chance.choice, columns)
        lines.append(f"{row};2024-{row % 12 + 1:02}-17;{name};{city};{chance.randint(100, 99999) / 100};{note}")
    return "\r\n".join(lines) + "\r\n"


def is_read(text: str, encoding: str) -> bool:
    """Whether the encoding found gives the text: several may agree on it."""
    data = text.encode(encoding)
    return data.decode(judge_encoding(BytesIO(data)).encoding, "replace") == text


def cases() -> Iterator[tuple[str, str]]:
    return ((code, encoding) for code, language in languages().items() for encoding in language.encodings)


# Estonian has the letters of German and õ, all where Windows-1252 has them; the one Š of the table becomes Ð.
MISSED = {("et", "cp1257"), ("et", "iso8859-13")}


@pytest.mark.parametrize(("code", "encoding"), sorted({*cases()} - MISSED))
def test_a_table_of_two_hundred_rows_is_read_rightly(code: str, encoding: str) -> None:
    assert is_read(table([code], encoding, 200), encoding)


@pytest.mark.parametrize(("foreign", "share"), [(1.0, 0.97), (0.2, 0.85)])
def test_nearly_all_tables_of_ten_rows_are_read_rightly(foreign: float, share: float) -> None:
    read = [is_read(table([code], encoding, 10, foreign=foreign), encoding) for code, encoding in cases()]
    assert sum(read) > share * len(read)


WESTERN = ["de", "fr", "es", "pt", "it", "nl", "sv", "da", "no", "fi", "en", "ca"]


def test_western_tables_are_hardly_ever_taken_for_others() -> None:
    read = [
        is_read(table(codes, "cp1252", rows, foreign=foreign), "cp1252")
        for codes in (*([code] for code in WESTERN), WESTERN)
        for rows in (8, 10, 12, 20, 50, 100)
        for foreign in (0.05, 0.2, 1.0)
    ]
    assert sum(read) > 0.99 * len(read)


@pytest.mark.parametrize(
    "cell",
    [
        "20 °C",
        "20°C",
        "£20.50",
        "€ 15",
        "O’Brien",
        "it’s",
        "9 – 5",
        "“hi”",
        "wait…",
        "• item",
        "Acme™",
        "Acme®",
        "© 2020",
        "2½ in",
        "m²",
        "5µm",
        "± 5",
        "§ 5",
        "10¢",
        "¥100",
        "90ºF",
        "n° 5",
        "« oui »",
        "¿Por qué?",
        "café",
        "Müller",
        "MÜLLER",
        "Größe",
        "Niño",
        "NUÑEZ",
        "François",
        "naïve",
        "São",
        "Città",
        "perchè",
        "École",
        "Øre",
        "Åse",
        "Zoë",
        "3×4",
    ],
)
def test_one_odd_character_is_windows_text(cell: str) -> None:
    assert is_read(f"id,text\r\n1,{cell}\r\n2,plain\r\n", "cp1252")
