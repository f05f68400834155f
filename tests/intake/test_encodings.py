"""Encodings have names that people know, and only those are read in place whose ASCII bytes are always ASCII."""

import codecs

import pytest

from webapp.intake.encodings import CHOOSABLE, label
from webapp.intake.reading import READ_IN_PLACE

TRANSCODED = ("cp932", "gb18030", "cp950", "big5hkscs", "cp949", "utf-16-le", "utf-32-be", "iso2022_jp_ext")


def keeps_ascii_apart(encoding: str) -> bool:
    """Whether each byte below 0x80 is that character, whatever byte stands before it, and no escape says otherwise."""
    plain = bytes(range(0x80))
    if plain.decode(encoding, "replace") != plain.decode("ascii") or encoding.startswith("iso2022"):
        return False
    pairs = (bytes((lead, byte)) for lead in range(0x80, 0x100) for byte in plain)
    return all((pair + b"zz").decode(encoding, "surrogateescape").endswith(chr(pair[1]) + "zz") for pair in pairs)


@pytest.mark.parametrize("encoding", sorted(READ_IN_PLACE))
def test_what_is_read_in_place_keeps_delimiters_and_line_breaks_apart(encoding: str) -> None:
    assert keeps_ascii_apart(encoding)


@pytest.mark.parametrize("encoding", TRANSCODED)
def test_what_hides_ascii_in_other_characters_is_not_read_in_place(encoding: str) -> None:
    assert not keeps_ascii_apart(encoding)
    assert encoding not in READ_IN_PLACE


def test_an_operator_chooses_among_thirty_encodings_by_name() -> None:
    codes = [codecs.lookup(codec).name for codec, _ in CHOOSABLE]
    labels = [text for _, text in CHOOSABLE]
    assert len(CHOOSABLE) == len(set(codes)) == len(set(labels)) == 30
    assert [label(codec) for codec, _ in CHOOSABLE] == labels


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "UTF-8"),
        ("cp1252", "Windows-1252 (Western)"),
        ("windows-1252", "Windows-1252 (Western)"),
        ("cp932", "Shift-JIS (Japanese)"),
        ("mac-greek", "Mac Greek"),
        ("cp037", "CP037"),
        ("no such codec", "no such codec"),
    ],
)
def test_an_encoding_is_called_by_the_name_people_know(encoding: str, name: str) -> None:
    assert label(encoding) == name


@pytest.mark.parametrize("encoding", sorted({*READ_IN_PLACE, *TRANSCODED}))
def test_every_encoding_that_is_found_has_a_name(encoding: str) -> None:
    assert label(encoding) != codecs.lookup(encoding).name.upper() or encoding == "utf-8"
