"""Garbled text is made whole again, and right text is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.intake.damage_mojibake import repair_mojibake

WORDS = [
    "Müller",
    "Café",
    "CAFÉ",
    "Łódź",
    "naïve – “quoted” … it’s",
    "£ 5",
    "20 °C",
    "à propos",
    "CÔTE D’AZUR",
    "Привет",
    "Αθήνα",
    "Şişli",
    "São Paulo, Brasília",
    "ÀÈÌ",
    "price: 5 €",
    "😀 ok",
]
RIGHT = [
    *WORDS,
    "plain",
    "",
    "NÃO",
    "SÃO JOÃO",
    "IRMÃ",
    "“IRMÔ",
    "IRMÔ",
    "NESTLÄ™",
    "Ångström",
    "ÂNGELA",
    "« DÉJÀ »",
    "ÉTÉ…",
    "ÑANDÚ",
    "Ärzte",
    "Österreich – Übersicht",
    "Ă și Â în română",
    "Ð and Þ in Icelandic",
    "Tiếng Việt",
    "日本語",
    "½ £ ° §",
    "Â",
    "Ã",
]


@pytest.mark.parametrize("text", WORDS)
def test_garbled_text_is_made_whole(text: str) -> None:
    assert repair_mojibake(garbled(text)) == text


@pytest.mark.parametrize("text", ["Müller", "Łódź", "it’s"])
def test_text_garbled_twice_is_made_whole(text: str) -> None:
    assert repair_mojibake(garbled(garbled(text))) == text


@pytest.mark.parametrize("text", RIGHT)
def test_right_text_is_left_alone(text: str) -> None:
    assert repair_mojibake(text) is None


def test_text_that_is_garbled_in_part_only_is_left_alone() -> None:
    assert repair_mojibake("Müller, CafÃ©") is None


@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x17F, exclude_categories=["Cc"])))
def test_a_repair_is_what_would_be_garbled_into_the_text(text: str) -> None:
    repaired = repair_mojibake(text)
    assert repaired is None or text in {
        garbled(repaired),
        garbled(garbled(repaired)),
        garbled(garbled(garbled(repaired))),
    }


def garbled(text: str) -> str:
    """UTF-8 read as Windows-1252, whose five undefined bytes are kept as programs do."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())
