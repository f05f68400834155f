"""What each column of a file will feed, as the page shows it before the start."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from webapp.intake import ColumnType, match_columns

KIND_WORDS: Final = {kind.value: kind.label for kind in ColumnType}
"""The kinds of columns in an operator's words, by the name a preview keeps."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One field of the job's rows. `column` is None where the file has none for it; then `missing` says if it must."""

    field: str
    column: str | None
    missing: bool


@dataclass(frozen=True, slots=True)
class Feeds:
    """How a file's columns meet what a job's rows are made of."""

    fields: Sequence[Feed]
    unused: Sequence[str]


def feeds_of(columns: Sequence[str], model: type[BaseModel]) -> Feeds:
    """Match the columns to the fields of a row model."""
    match = match_columns(columns, model)
    declared = model.model_fields
    fields = [
        Feed(declared[name].title or name, column, column is None and declared[name].is_required())
        for name, column in match.pairs.items()
    ]
    return Feeds(fields, match.unused)
