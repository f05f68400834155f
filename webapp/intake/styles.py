"""The ways of writing of a file's columns, to be stored with a job: what its cells are read by."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from webapp.intake.errors import UnknownReadingError
from webapp.intake.guess import Guess, Style
from webapp.intake.values import ColumnType

if TYPE_CHECKING:
    from webapp.intake.columns import Column

_AMOUNTS = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL})

Styles = Mapping[str, Guess]
"""The settled type and style of each column that has one, by its name."""


def styles_of(columns: "Sequence[Column]") -> dict[str, Guess]:
    """The styles of the columns. Days and months that are not clear, and plain text, have none.

    A column of numbers that can be read in two ways has both, so that the cells that differ can be refused. A column of
    text has the style of most of its cells.
    """
    likely = {column.name: column.likely for column in columns if column.likely}
    return likely | {
        column.name: Guess(column.kind, column.style, column.confidence, other=column.other)
        for column in columns
        if column.kind is not ColumnType.TEXT and (column.other is None or column.kind in _AMOUNTS)
    }


def styles_to_json(styles: Styles) -> dict[str, list[object]]:
    """As JSON values: kind, style, share, and the other way if there is one, by the column's name."""
    return {name: [guess.kind.value, guess.style, guess.share, *(guess.other or ())] for name, guess in styles.items()}


def styles_from_json(data: Mapping[str, object]) -> dict[str, Guess]:
    """The styles as stored.

    Raises:
        UnknownReadingError: they were stored by a version that reads otherwise.
    """
    try:
        return {name: _guess(*values) for name, values in data.items()}  # type: ignore[misc] # checked by what it raises
    except (TypeError, ValueError) as error:
        raise UnknownReadingError from error


def _guess(kind: str, style: str, share: float, *other: str) -> Guess:
    either = Style(ColumnType(other[0]), other[1]) if other else None
    return Guess(ColumnType(kind), style, float(share), other=either)
