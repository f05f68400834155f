"""Headers that well-known programs and people in a hurry write, matched to fields as authors name them.

A field that the header has no column for is there as well: it must stay empty.
"""

import json
from pathlib import Path

import pytest
from pydantic import BaseModel, create_model

from webapp.intake import settle_match

EXPORTS = json.loads(Path(__file__).with_name("match_exports.json").read_text("utf-8"))


def model(fields: list[str]) -> type[BaseModel]:
    return create_model("Line", **dict.fromkeys(fields, (str, ...)))  # type: ignore[call-overload, no-any-return] # names in a dict


@pytest.mark.parametrize("export", EXPORTS)
def test_no_field_gets_a_column_that_is_not_its_own(export: str) -> None:
    columns, expected = EXPORTS[export]["columns"], EXPORTS[export]["fields"]
    found = settle_match(columns, {}, model(list(expected))).pairs
    assert {name: column for name, column in found.items() if column not in {None, expected[name]}} == {}


def test_nearly_all_fields_find_their_columns() -> None:
    there = right = 0
    for export in EXPORTS.values():
        found = settle_match(export["columns"], {}, model(list(export["fields"]))).pairs
        there += sum(column is not None for column in export["fields"].values())
        right += sum(column is not None and found[name] == column for name, column in export["fields"].items())
    assert there > 200
    assert right / there > 0.98
