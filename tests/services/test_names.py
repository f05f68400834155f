"""Names of tables and columns."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.services.data import PATTERN, safe_name, safe_names


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
        ("数量", ""),
        ("€", ""),
        ("", ""),
    ],
)
def test_a_name_keeps_what_can_stand_in_it(text: str, name: str) -> None:
    assert safe_name(text) == name


@given(st.lists(st.text(max_size=80) | st.sampled_from(["a", "A", "a_2", "é", "column_1", "x" * 70]), max_size=30))
def test_names_are_safe_and_apart_and_stay_as_they_are(texts: list[str]) -> None:
    names = safe_names(texts)
    assert len(set(names)) == len(texts)
    assert all(re.match(PATTERN, name) for name in names)
    assert safe_names(names) == names
