"""Names of tables and columns."""

import hashlib
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.authoring import JobError
from webapp.services.data import PATTERN, safe_name, safe_names, table_name


def digest_of(text: str) -> str:
    return hashlib.sha256(text.casefold().encode()).hexdigest()[:8]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Unit Price (€)", "unit_price"),
        ("  E-Mail ", "e_mail"),
        ("Größe", "grosse"),
        ("Straße/Nr.", "strasse_nr"),
        ("2024 sales", "x_2024_sales"),
        ("_id_", "id"),
        ("select", "select"),
        ("Smørrebrød", "smorrebrod"),
        ("数量", "c_"),
        ("Цена EUR", "c_"),
        ("€", "c_"),
        ("x" * 63, "x" * 63),
        ("x" * 64, "x" * 54 + "_"),
        ("", ""),
        (" ", ""),
    ],
)
def test_a_name_keeps_what_can_stand_in_it(text: str, name: str) -> None:
    assert safe_name(text) == name + (digest_of(text) if name.endswith("_") else "")


@given(st.lists(st.text(max_size=80) | st.sampled_from(["a", "A", "a_2", "é", "column_1", "x" * 70]), max_size=30))
def test_names_are_safe_and_apart_and_stay_as_they_are(texts: list[str]) -> None:
    names = safe_names(texts)
    assert len(set(names)) == len(texts)
    assert all(re.match(PATTERN, name) for name in names)
    assert safe_names(names) == names


TEXTS = [
    "Цена",
    "цена",
    "Код",
    "Name",
    "name",
    "NAME ",
    "Price (€)",
    "Price ($)",
    "price",
    "x" * 70,
    "x" * 71,
    "€",
    "é",
    "e",
]


@given(st.permutations(TEXTS))
def test_a_column_is_named_by_its_text_wherever_it_stands(texts: list[str]) -> None:
    assert dict(zip(texts, safe_names(texts), strict=True)) == dict(zip(TEXTS, safe_names(TEXTS), strict=True))


def test_letters_large_or_small_and_composed_or_not_are_one_text() -> None:
    assert safe_name("ЦЙ") == safe_name(" цй") == safe_name("ци\u0306")


def test_an_empty_header_is_named_by_its_place_and_the_same_text_again_gets_a_number() -> None:
    assert safe_names(["a", "", "a", "a"]) == ("a", "column_2", "a_2", "a_3")


def test_columns_that_are_all_called_alike_are_named_in_time() -> None:
    begin = time.process_time()
    assert safe_names(["a"] * 16_384)[-1] == "a_16384"
    assert len(safe_name("a" + "\u0300\u0323" * 500_000)) < 64
    assert time.process_time() - begin < 2


@pytest.mark.parametrize("text", ["Продажи 2024", "数量", "€", ""])
def test_a_table_is_not_named_by_half_of_its_text(text: str) -> None:
    with pytest.raises(JobError, match="use letters from a to z"):
        table_name(text)
