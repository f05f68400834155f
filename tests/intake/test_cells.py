"""Cells become the values of a row model by the style of their column, never by what one cell looks like."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from webapp.intake import explain, match_columns
from webapp.intake.cells import CellPicker
from webapp.intake.guess import Guess, guess_type
from webapp.intake.values import ColumnType, fits
from webapp.intake.values.booleans import CLEAR_WORDS, MARK, STYLES, parse_boolean


def values(kind: Any, *cells: str, style: Guess | None = None) -> list[Any]:
    """What a field of a kind gets from a column with these cells, which is read by its own style if none is given."""
    model = create_model("Row", value=(kind, ...))
    styles = {"value": style or guess_type(cells)}
    picker = CellPicker(model, ["value"], match_columns(["value"], model), styles)
    return [row["value"] for row in picker.values_of([[cell] for cell in cells])]


@pytest.mark.parametrize(
    ("kind", "cells", "value"),
    [
        (date, ["28/01/2018", "01/02/2018"], date(2018, 1, 28)),
        (date | None, ["Jan 28, 2018", "Feb 1, 2018"], date(2018, 1, 28)),
        (date, ["20180128"], date(2018, 1, 28)),
        (datetime, ["28.01.2018 14:30", "29.01.2018 09:00"], datetime(2018, 1, 28, 14, 30)),  # noqa: DTZ001 - as written
        (Decimal, ["1.234,56 €", "2,00 €"], Decimal("1234.56")),
        (float, ["12,5 %", "3 %"], 0.125),
        (int, ["1,234,567", "12"], 1_234_567),
        (Annotated[int, Field(ge=0)], ["€ 1.200,00", "€ 3,00"], 1200),
        (bool, ["ja", "nein"], True),
        (time, ["2:30 PM", "11:00 AM"], time(14, 30)),
    ],
)
def test_a_cell_becomes_its_value_by_the_style_of_its_column(kind: Any, cells: list[str], value: object) -> None:
    found = values(kind, *cells)[0]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["ja", "JA"], [True, True]),
        (["Nein"], [False]),
        (["oui", "non", "Oui"], [True, False, True]),
        (["ja", "nein", "yes", "нет"], [True, False, True, False]),
        (["1", "0", "nein"], ["1", "0", False]),
        (["x", "s", "n", "nie", "maybe"], ["x", "s", False, False, "maybe"]),
    ],
)
def test_a_yes_or_no_needs_no_other_in_its_column(cells: list[str], found: list[object]) -> None:
    """A file of failed rows, mended, may have two rows left."""
    assert values(bool, *cells, style=Guess(ColumnType.TEXT, "", 1.0)) == found
    assert values(bool | None, *cells, style=Guess(ColumnType.TEXT, "", 1.0)) == found


def test_a_yes_or_no_stays_what_it_is_in_a_column_of_another_language() -> None:
    assert values(bool, "ja", "yes", "da", style=Guess(ColumnType.BOOLEAN, "ja/nein", 1.0)) == [True, True, "da"]
    assert values(str, "ja") == ["ja"]
    assert values(int, "ja", style=Guess(ColumnType.TEXT, "", 1.0)) == ["ja"]


def test_what_is_neither_yes_nor_no_says_what_to_write() -> None:
    model = create_model("Row", value=(bool, ...))
    with pytest.raises(ValidationError) as refused:
        model.model_validate({"value": "maybe"})
    assert explain(refused.value.errors()[0]) == "is neither yes nor no: write yes or no"


def test_no_word_means_yes_in_one_language_and_no_in_another() -> None:
    assert "x" not in CLEAR_WORDS
    for style in set(STYLES) - {MARK}:
        for word, meaning in CLEAR_WORDS.items():
            if fits(word, ColumnType.BOOLEAN, style):
                assert parse_boolean(word, style) is meaning


def test_a_text_field_keeps_the_cell_as_it_stands() -> None:
    assert values(str, "28/01/2018") == ["28/01/2018"]
    assert values(str | date, "28/01/2018") == ["28/01/2018"]


def test_what_does_not_fit_the_style_or_the_field_is_left_as_it_stands() -> None:
    day_first = Guess(ColumnType.DATE, "dmy", 1.0)
    assert values(date, "01/31/2018", "n/a", style=day_first) == ["01/31/2018", "n/a"]
    assert values(int, "28/01/2018", style=day_first) == ["28/01/2018"]
    assert values(Decimal, "1.5", "two", style=Guess(ColumnType.DECIMAL, ".", 1.0)) == ["1.5", "two"]


def test_the_same_cell_is_read_by_its_column_and_not_by_itself() -> None:
    assert values(date, "01/02/2018", "28/01/2018")[0] == date(2018, 2, 1)
    assert values(date, "01/02/2018", "01/28/2018")[0] == date(2018, 1, 2)


def test_a_blank_cell_stays_blank_whatever_the_style() -> None:
    model = create_model("Row", value=(date | None, ...))
    styles = {"value": Guess(ColumnType.DATE, "dmy", 1.0)}
    picker = CellPicker(model, ["value"], match_columns(["value"], model), styles)
    assert picker.values_of([[""], ["28/01/2018"]]) == [{"value": None}, {"value": date(2018, 1, 28)}]


def test_a_strict_field_takes_the_value() -> None:
    class Row(BaseModel):
        model_config = ConfigDict(strict=True)
        paid: date
        amount: Decimal
        pieces: int

    columns = ["paid", "amount", "pieces"]
    cells = ["28/01/2018", "1.234,56", "1.234.567"]
    styles = {
        "paid": Guess(ColumnType.DATE, "dmy", 1.0),
        "amount": Guess(ColumnType.DECIMAL, ",+", 1.0),
        "pieces": Guess(ColumnType.INTEGER, ",+", 1.0),
    }
    row = CellPicker(Row, columns, match_columns(columns, Row), styles).values_of([cells])[0]
    assert Row.model_validate(row) == Row(paid=date(2018, 1, 28), amount=Decimal("1234.56"), pieces=1_234_567)


def test_a_date_by_its_column_is_not_doubtful_and_another_is() -> None:
    model = create_model("Row", value=(date, ...))
    match = match_columns(["value"], model)
    rows = [["28/01/2018"], ["1517097600"], ["2018-01-28"], [""]]
    styled = CellPicker(model, ["value"], match, {"value": Guess(ColumnType.DATE, "dmy", 1.0)})
    assert styled.doubtful(rows) == {1}
    assert CellPicker(model, ["value"], match).doubtful(rows) == {0, 1}
    assert styled.trimmed([" 28/01/2018 "]) == {"value": date(2018, 1, 28)}


def test_what_models_do_not_read_by_themselves_is_read_when_the_row_is_looked_at_again() -> None:
    model = create_model("Row", value=(datetime, ...))
    styles = {"value": Guess(ColumnType.DATETIME, "iso", 1.0)}
    picker = CellPicker(model, ["value"], match_columns(["value"], model), styles)
    assert picker.values_of([["2018-01-28 14:30:00,5"]]) == [{"value": "2018-01-28 14:30:00,5"}]
    assert picker.trimmed(["2018-01-28 2:30 PM"]) == {"value": datetime(2018, 1, 28, 14, 30)}  # noqa: DTZ001 - as written


@pytest.mark.parametrize(
    ("kind", "text", "sentence"),
    [
        (date, "03/04/2026", "could be day/month or month/day: say which the column has, or write it as 2026-01-31"),
        (
            datetime,
            "3.4.26 14:00",
            "could be day/month or month/day: say which the column has, or write it as 2026-01-31",
        ),
        (date, "28/01/2018", "is a date written in another way than expected: write it as 2026-01-31"),
        (date, "04/04/2026", "is a date written in another way than expected: write it as 2026-01-31"),
    ],
)
def test_a_refused_date_says_so_if_day_and_month_are_not_clear(kind: Any, text: str, sentence: str) -> None:
    model = create_model("Row", value=(kind, ...))
    with pytest.raises(ValidationError) as refused:
        model.model_validate({"value": text})
    assert explain(refused.value.errors()[0]) == sentence
