"""Cells made into typed values."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.intake import Column, ColumnType, parse_cell
from webapp.intake.guess import Style
from webapp.services.typed_cells import (
    AS_TEXT,
    COMMON,
    EITHER_WAY,
    MARK_IS_OPEN,
    REMEMBERED,
    Misfit,
    TypedColumn,
    column_for,
    type_for,
)

NO_MOMENT = "is not a date and time: write it as 2026-01-31 14:30"


@given(st.sampled_from(list(COMMON)), st.data())
def test_the_short_way_gives_what_the_long_way_would(place: tuple[ColumnType, str], data: st.DataObject) -> None:
    pattern, value_of = COMMON[place]
    text = data.draw(st.from_regex(rf"\A{pattern.pattern}"))
    assert value_of(text) == parse_cell(text, *place)


@given(st.sampled_from(list(ColumnType)), st.lists(st.text(" 0123456789.,-+eE@abc/é\n", max_size=8), max_size=8))
def test_a_column_agrees_with_parse_cell_on_any_text(kind: ColumnType, cells: list[str]) -> None:
    misfits: dict[int, tuple[str, Misfit]] = {}
    values = TypedColumn("c", kind).values_of(cells, misfits)
    found = [misfits[index][1] if index in misfits else value for index, value in enumerate(values)]
    assert found == [expected(text, kind) for text in cells]


def expected(text: str, kind: ColumnType) -> object:
    """The value by `parse_cell`, or the misfit; a text is kept as it stands."""
    if kind in AS_TEXT:
        return text if text.strip() else None
    try:
        return parse_cell(text, kind)
    except ValueError as error:
        return Misfit(str(error))


def test_only_the_first_column_that_does_not_fit_is_named() -> None:
    misfits: dict[int, tuple[str, Misfit]] = {}
    for name in ("a", "b"):
        TypedColumn(name, ColumnType.INTEGER).values_of(["1", "x"], misfits)
    assert misfits == {1: ("a", Misfit("is not a whole number"))}


def test_it_remembers_no_more_than_it_should() -> None:
    column = TypedColumn("day", ColumnType.DATE)
    texts = [date.fromordinal(number).isoformat() for number in range(700_000, 700_000 + REMEMBERED + 500)]
    assert column.values_of(texts, {}) == [date.fromisoformat(text) for text in texts]
    assert len(column) == REMEMBERED


@pytest.mark.parametrize(
    ("kind", "style", "text", "value"),
    [
        (ColumnType.DECIMAL, ",", "1,50", Decimal("1.50")),
        (ColumnType.DECIMAL, ".", " 1.50 ", Decimal("1.50")),
        (ColumnType.INTEGER, "", "0", 0),
        (ColumnType.INTEGER, "", "-7", -7),
        (ColumnType.DATE, "dmy", "31.01.2026", date(2026, 1, 31)),
        (ColumnType.BOOLEAN, "", "Yes", True),
        (ColumnType.TEXT, "", " 007 ", " 007 "),
        (ColumnType.TEXT, "", " ", None),
        (ColumnType.EMAIL, "", "", None),
        (ColumnType.CODE, "", " 00A7", " 00A7"),
        (ColumnType.TIME, "", "2:30 PM", "2:30 PM"),
        (ColumnType.DECIMAL, ",€", "1.234,56 €", Decimal("1234.56")),
    ],
)
def test_values_by_kind_and_style(kind: ColumnType, style: str, text: str, value: object) -> None:
    assert TypedColumn("c", kind, style).values_of([text], {}) == [value]


def test_words_for_nothing_are_empty_where_the_column_writes_so_and_misfits_elsewhere() -> None:
    misfits: dict[int, tuple[str, Misfit]] = {}
    column = TypedColumn("c", ColumnType.INTEGER, blank_words=True)
    assert column.values_of(["1", " n/a ", "-"], misfits) == [1, None, None]
    assert not misfits
    TypedColumn("c", ColumnType.INTEGER).values_of(["1", "n/a"], misfits)
    assert misfits == {1: ("c", Misfit("is not a whole number"))}


def found(kind: ColumnType, style: str, other: Style | None = None) -> Column:
    """A column as it was found; with an `other` way it is open."""
    return Column("c", kind, style, (), 0, 0, 1.0, other=other, doubt="either way" if other else "", blank_words=True)


WHOLE, DECIMAL, DATE = ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.DATE
OPEN_NUMBER = found(DECIMAL, ".", Style(WHOLE, ",+"))
OPEN_DATE = found(DATE, "dmy", Style(DATE, "mdy"))


@pytest.mark.parametrize(
    ("column", "kept", "text", "value"),
    [
        (None, Decimal, "1.234", Decimal("1.234")),
        (None, float, "1.5", 1.5),
        (found(DECIMAL, ","), Decimal, "1,5", Decimal("1.5")),
        (found(DECIMAL, ","), object, "1,5", Decimal("1.5")),
        (found(DECIMAL, ",€"), float, "1.234,5 €", 1234.5),
        (found(DECIMAL, ","), str, "1,5", "1,5"),
        (found(DECIMAL, ","), int, "5", 5),
        (found(DECIMAL, ","), int, "1,5", Misfit("is not a whole number")),
        (found(WHOLE, ",+"), Decimal, "1.234", Decimal(1234)),
        (found(WHOLE, ""), Decimal, "1.5", Decimal("1.5")),
        (found(WHOLE, ""), Decimal, "1.234", Misfit(MARK_IS_OPEN)),
        (found(ColumnType.TEXT, ""), Decimal, "1.234", Misfit(MARK_IS_OPEN)),
        (found(ColumnType.TEXT, ""), float, "0.125", 0.125),
        (found(DATE, "dmy"), date, "28/01/2018", date(2018, 1, 28)),
        (found(DATE, "dmy"), datetime, "28/01/2018", Misfit(NO_MOMENT)),
        (found(DATE, "dmy"), str, "28/01/2018", "28/01/2018"),
        (found(DATE, "dmy"), date, "n/a", None),
        (found(ColumnType.CODE, ""), int, "007", Misfit("is not a whole number")),
        (found(ColumnType.CODE, ""), object, "007", "007"),
        (OPEN_NUMBER, str, "1.234", "1.234"),
        (OPEN_NUMBER, object, "1.234", "1.234"),
        (OPEN_NUMBER, Decimal, "1.234", Misfit(MARK_IS_OPEN)),
        (OPEN_NUMBER, float, "1.5", 1.5),
        (OPEN_NUMBER, int, "1.234", Misfit("is not a whole number")),
        (found(WHOLE, ".+", Style(DECIMAL, ",")), int, "1,234", Misfit(MARK_IS_OPEN)),
        (found(WHOLE, ".+", Style(DECIMAL, ",")), int, "12", 12),
        (OPEN_DATE, str, "03/04/2018", "03/04/2018"),
        (OPEN_DATE, date, "03/04/2018", Misfit(EITHER_WAY[DATE])),
        (OPEN_DATE, date, "04/04/2018", date(2018, 4, 4)),
        (OPEN_DATE, date, "", None),
    ],
)
def test_a_column_is_read_for_what_its_table_keeps(column: Column | None, kept: type, text: str, value: object) -> None:
    read = column_for("c", column, kept)
    misfits: dict[int, tuple[str, Misfit]] = {}
    values = read.values_of([text], misfits)
    assert (values[0], type(values[0])) == (value, type(value))
    assert bool(misfits) == isinstance(value, Misfit)


def test_a_column_that_can_be_read_in_two_ways_is_kept_as_text() -> None:
    assert [type_for(OPEN_NUMBER), type_for(OPEN_DATE), type_for(found(DATE, "dmy"))] == [str, str, date]
