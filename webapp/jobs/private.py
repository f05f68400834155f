"""What is kept of a private job's file in the desk's database: of each text its shape, so that no value is there."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from webapp.intake.damage import Damage

_TEXTS: Final = frozenset({"cells", "examples", "raw", "repair", "first", "below"})
"""What of a kept preview is text of the file."""
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")


def shape(text: str) -> str:
    """The text with an x for each letter and a 9 for each digit: a look at it still tells whether it is read right."""
    return _DIGIT.sub("9", _LETTER.sub(lambda letter: "X" if letter[0].isupper() else "x", text))


def shapes_of(preview: Mapping[str, Any]) -> dict[str, Any]:
    """A kept preview, of which no text of the file is left but the names of columns."""
    shown = {name: _shaped(value) if name in _TEXTS else _within(value) for name, value in preview.items()}
    columns = [{**column, "examples": _shaped(column["examples"]), "days": None} for column in preview["columns"]]
    other = preview["other"]
    if other:
        other = {**other, "rows": _shaped(other["rows"])}
    return {**shown, "columns": columns, "other": other, "damage": []}


def without_examples(damage: Damage) -> Damage:
    """What is damaged and how often, and no cell that is."""
    return replace(damage, examples=())


def _within(value: object) -> object:
    if isinstance(value, list):
        return [_within(each) for each in value]
    if isinstance(value, dict):
        return {name: _shaped(each) if name in _TEXTS else _within(each) for name, each in value.items()}
    return value


def _shaped(value: object) -> object:
    if isinstance(value, list):
        return [_shaped(each) for each in value]
    return shape(value) if isinstance(value, str) else value
