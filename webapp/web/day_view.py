"""Columns whose days and months can't be told apart, as a question for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.web.match_view import MatchView


@dataclass(frozen=True, slots=True)
class Way:
    """One way to read a date: its style, and what the example is in it."""

    style: str
    text: str


@dataclass(frozen=True, slots=True)
class DayQuestion:
    """Which way a column's dates are written; `chosen` is the answer so far."""

    id: str
    column: str
    example: str
    ways: Sequence[Way]
    chosen: str


def day_questions(preview: Mapping[str, Any], choices: Mapping[str, Any], match: MatchView) -> Sequence[DayQuestion]:
    """The questions about columns that feed a field: any other column is not used, so nobody needs to know."""
    answers = choices.get("dates", {})
    return [
        _question(place, column["name"], column["days"], answers.get(column["name"], ""))
        for place, column in enumerate(preview["columns"])
        if column.get("days") and column["name"] in match.feeds
    ]


def _question(place: int, column: str, days: Mapping[str, str], chosen: str) -> DayQuestion:
    ways = [Way(style[:3], text) for style, text in days.items() if style != "example"]
    return DayQuestion(f"days-{place}", column, days["example"], ways, chosen)
