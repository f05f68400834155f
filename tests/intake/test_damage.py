"""Each kind of damage is said in a sentence with its column, its count and an example."""

import pytest

from webapp.intake.damage import _WHAT, Damage, DamageKind, Example


def test_a_sentence_says_where_how_often_and_shows_an_example() -> None:
    damage = Damage(DamageKind.LOST_ZEROS, "Postcode", 1_204, (Example(5, "1067"), Example(9, "1069")))
    assert damage.sentence == "Postcode: 1,204 cells have lost their leading zeros, first line 5: “1067”."


def test_one_damaged_cell_is_told_as_one() -> None:
    damage = Damage(DamageKind.LOST_ZEROS, "Postcode", 1, (Example(5, "1067"),))
    assert damage.sentence == "Postcode: 1 cell has lost its leading zeros, line 5: “1067”."


def test_what_concerns_a_whole_workbook_names_no_column_and_needs_no_line() -> None:
    damage = Damage(DamageKind.HIDDEN_SHEETS, None, 1, (Example(0, "Prices"),))
    assert damage.sentence == "1 sheet is hidden, and is not read, “Prices”."
    assert Damage(DamageKind.HIDDEN_ROWS, None, 3).sentence == "3 rows are hidden in the sheet, and are read."


@pytest.mark.parametrize("kind", list(DamageKind))
def test_every_kind_has_words(kind: DamageKind) -> None:
    assert all(_WHAT[kind])
    kept = Damage(kind, "a", 2, (Example(1, "x"),), "an offer").to_json()
    assert kept["sentence"] == Damage(kind, "a", 2, (Example(1, "x"),)).sentence
    assert (kept["kind"], kept["examples"]) == (kind.value, [{"line": 1, "text": "x"}])
