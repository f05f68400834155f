"""Values in the data database: each comes back as it was, or refuses its row in words."""

import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, StrEnum

import pytest
from sqlalchemy import Engine

from tests.services.datatables.support import JOB, Query, columns, commit
from webapp.services.data import DataWriter


class Colour(Enum):
    red = "r"


class Size(StrEnum):
    small = "S"


TYPES = {
    "sqlite": {"id": "INTEGER", "unit_price": "DECIMAL_TEXT", "since": "DATE", "sold": "BOOLEAN"},
    "postgresql": {"id": "bigint", "unit_price": "numeric", "since": "date", "sold": "boolean"},
}


def test_a_row_makes_its_table_with_types_taken_from_its_values(
    writer: DataWriter, query: Query, engine: Engine
) -> None:
    writer.insert("goods", {"id": 1, "Unit Price (€)": Decimal("1.10"), "since": date(2026, 1, 31), "sold": True})
    assert commit(writer) == {}
    assert columns(engine, "goods") == TYPES[engine.dialect.name]
    assert query("SELECT * FROM goods") == [(1, "1.10", "2026-01-31", 1)]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (-(2**63), -(2**63)),
        (Decimal("0.1000000000000000055511151231257827"), "0.1000000000000000055511151231257827"),
        (Decimal("123456789012345678901234567890.10"), "123456789012345678901234567890.10"),
        (Decimal("1E+3"), "1000"),
        (1.5, 1.5),
        ('it\'s "quoted"; DROP TABLE goods;-- %s :x ?', 'it\'s "quoted"; DROP TABLE goods;-- %s :x ?'),
        ("x" * 10_000_000, "x" * 10_000_000),
        (False, 0),
        (date(1, 1, 1), "0001-01-01"),
        (date(9999, 12, 31), "9999-12-31"),
        (datetime(2026, 1, 31, 12), "2026-01-31 12:00:00"),  # noqa: DTZ001 (a time without a zone is kept as it is)
        (Colour.red, "r"),
        (Size.small, "S"),
        (JOB, str(JOB)),
        (None, None),
    ],
)
def test_a_value_comes_back_as_it_was_written(
    writer: DataWriter, query: Query, engine: Engine, value: object, kept: object
) -> None:
    writer.insert("t", {"id": 1, "value": value}, row_number=1)
    writer.insert("t", {"id": 2, "value": value}, row_number=2)
    assert commit(writer) == {}
    assert "value" not in columns(engine, "t") if value is None else query("SELECT value FROM t") == [kept, kept]


ODD = {
    "sqlite": {"big": "1E+999999", "text": "NUL\0inside", "at": "2026-01-31 10:00:00+00:00"},
    "postgresql": {
        "big": "big is too large for a table",
        "text": "a NUL character in it cannot be kept in a table",
        "at": "2026-01-31 10:00:00",
    },
}


def test_what_only_one_database_can_keep_is_refused_by_the_other_in_words(
    writer: DataWriter, query: Query, engine: Engine
) -> None:
    noon = datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=2)))
    writer.create_table("t", {"id": int, "big": Decimal, "text": str, "at": datetime})
    writer.insert("t", {"id": 1, "big": Decimal("1E+999999")}, row_number=1)
    writer.insert("t", {"id": 2, "text": "NUL\0inside"}, row_number=2)
    writer.insert("t", {"id": 3, "at": noon}, row_number=3)
    refused = commit(writer)
    kept = query("SELECT max(big), max(text), max(at) FROM t")[0]
    found = {"big": refused.get(1, kept[0]), "text": refused.get(2, kept[1]), "at": refused.get(3, kept[2])}
    assert found == ODD[engine.dialect.name]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("whole", 2**63, "whole is too large for a table"),
        ("whole", "seven", "whole is “seven”, but the table keeps whole numbers there"),
        ("whole", 1.5, "whole is “1.5”, but the table keeps whole numbers there"),
        ("number", math.nan, "number is not a finite number"),
        ("number", -math.inf, "number is not a finite number"),
        ("amount", Decimal("NaN"), "amount is not a finite number"),
        ("amount", 0.1, "amount is “0.1”, but the table keeps decimal numbers there"),
        ("name", "\ud800", "a broken character in it cannot be kept in a table"),
        ("name", 7, "name is “7”, but the table keeps text there"),
        ("name", "x" * 70 + "\ud800", "a broken character in it cannot be kept in a table"),
        (
            "day",
            datetime(2026, 1, 31, tzinfo=UTC),
            "day is “2026-01-31 00:00:00+00:00”, but the table keeps dates there",
        ),
        ("at", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2))), "at is too early or too late a time"),
        ("name", ["a"], "name is something a table cannot keep (list)"),
        ("name", {"a": 1}, "name is something a table cannot keep (dict)"),
    ],
)
def test_a_value_that_does_not_fit_refuses_its_row_alone(
    writer: DataWriter, query: Query, column: str, value: object, reason: str
) -> None:
    kinds = {"id": int, "whole": int, "number": float, "amount": Decimal, "name": str, "day": date, "at": datetime}
    writer.create_table("t", kinds)
    writer.insert("t", {"id": 1, column: None}, row_number=1)
    writer.insert("t", {"id": 2, column: value}, row_number=2)
    writer.insert("t", {"id": 3, column: None}, row_number=3)
    assert commit(writer) == {2: reason}
    assert query("SELECT id FROM t") == [1, 3]
