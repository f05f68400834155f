"""Columns that are called something else than their field, found by what the names mean and what the columns hold."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pydantic.fields import FieldInfo

from webapp.intake.assignment import assign
from webapp.intake.evidence import kinds_taken
from webapp.intake.match import names_of, synonyms_of
from webapp.intake.similar import LEAST, similarity
from webapp.intake.values import ColumnType

MOST_COMPARED: Final = 50_000
"""Pairs of a field and a column. In a wider table nothing is guessed: it would keep people waiting."""

_MOST_ALIKE = 20  # of so many columns none is clearly meant
_MARGIN = 0.01  # a second column this close makes a guess unclear
_RIGHT_KIND = 0.02  # what a column of just the kind that the field takes is ahead of one of text


def guess_columns(
    fields: Mapping[str, FieldInfo], columns: Sequence[str], types: Mapping[str, str]
) -> dict[str, tuple[str, float]]:
    """The column of each field for which a guess is clear, and how alike their names are, from 0.84 to 1.0."""
    if len(fields) * len(columns) > MOST_COMPARED:
        return {}
    scores: dict[tuple[str, str], float] = {}
    weights: dict[tuple[str, str], float] = {}
    for name, field in fields.items():
        names = [*names_of(name, field), *synonyms_of(field)]
        taken = kinds_taken(names, field)
        alike = list(_alike(names, columns))
        for column, score in alike if len(alike) <= _MOST_ALIKE else ():
            kind = types.get(column, ColumnType.TEXT)
            if not taken or kind in taken or kind == ColumnType.TEXT:
                scores[name, column] = round(score, 2)
                weights[name, column] = score + (_RIGHT_KIND if kind in taken else 0.0)
    return {name: (column, scores[name, column]) for name, column in assign(weights, _MARGIN).items()}


def _alike(names: Sequence[str], columns: Sequence[str]) -> Iterator[tuple[str, float]]:
    for column in columns:
        score = max(similarity(column, name) for name in names)
        if score >= LEAST:
            yield column, score
